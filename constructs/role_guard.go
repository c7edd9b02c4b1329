package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// guardRole makes synthesis check that the role follows least privilege, including
// policies that are added later.
func guardRole(role awsiam.Role) {
	guardRoleWith(role, "give the function a Grant of exact actions on exact ARNs")
}

// guardMetadataType is the type of the metadata that marks a guarded role, and an
// app with guarded roles.
const guardMetadataType = "constructs:least-privilege"

// guardRoleWith guards the role and adds the advice to its error messages. It marks
// the role with metadata. One check reads all templates of the app after they are
// written, for all guarded roles, without calls to CDK.
func guardRoleWith(role awsiam.Role, advice string) {
	role.Node().DefaultChild().Node().AddMetadata(jsii.String(guardMetadataType), advice, nil)
	app := awscdk.App_Of(role)
	if app == nil {
		role.Node().AddValidation(&roleOutsideApp{role})
		return
	}
	if !hasGuardMetadata(app) {
		app.Node().AddMetadata(jsii.String(guardMetadataType), "", nil)
		awscdk.Validations_Of(app).AddPlugins(&roleGuard{dir: *app.Outdir()})
	}
}

func hasGuardMetadata(scope constructs.IConstruct) bool {
	for _, entry := range *scope.Node().Metadata() {
		if *entry.Type == guardMetadataType {
			return true
		}
	}
	return false
}

// roleOutsideApp fails the synthesis of a role that is in no App, because only an
// App runs the check.
type roleOutsideApp struct{ role awsiam.Role }

// Validate implements CDK's IValidation.
func (u *roleOutsideApp) Validate() *[]*string {
	return jsii.Strings(*u.role.Node().Path() + " cannot be checked for least privilege outside an awscdk.App; make its stack in one")
}

// roleGuard checks every guarded role of an app. It implements CDK's
// IPolicyValidationPlugin.
type roleGuard struct{ dir string }

// Name implements IPolicyValidationPlugin.
func (g *roleGuard) Name() *string { return jsii.String("constructs") }

// Version implements IPolicyValidationPlugin.
func (g *roleGuard) Version() *string { return jsii.String("1.0.0") }

// RuleIds implements IPolicyValidationPlugin.
func (g *roleGuard) RuleIds() *[]*string { return jsii.Strings(guardRule) }

const guardRule = "constructs::least-privilege"

// Validate implements IPolicyValidationPlugin. It recovers from panics, because a
// panic would leave jsii's Node process blocked in the callback.
func (g *roleGuard) Validate(awscdk.IPolicyValidationContext) (report *awscdk.PolicyValidationPluginReport) {
	violations := []*awscdk.PolicyViolation{}
	defer func() {
		if reason := recover(); reason != nil {
			report = &awscdk.PolicyValidationPluginReport{
				Success: jsii.Bool(false), Violations: &violations,
				Metadata: &map[string]*string{"error": jsii.String(fmt.Sprint("roles cannot be checked for least privilege: ", reason))},
			}
		}
	}()
	a, err := assembly.Read(g.dir)
	if err != nil {
		panic(err)
	}
	for _, e := range excessPermissions(a) {
		violations = append(violations, e.violation())
	}
	return &awscdk.PolicyValidationPluginReport{Success: jsii.Bool(len(violations) == 0), Violations: &violations}
}

// excessPermission is a permission that a guarded role should not have.
type excessPermission struct {
	role     *guardedRole
	sentence string
}

// violation returns CDK's report entry. Its severity is "fatal", which CDK's
// acknowledgements cannot suppress.
func (e excessPermission) violation() *awscdk.PolicyViolation {
	where := &awscdk.PolicyViolatingResource{ConstructPath: jsii.String(e.role.path), Locations: &[]*string{}}
	if e.role.stack != nil {
		where.ResourceLogicalId, where.TemplatePath = jsii.String(e.role.id), jsii.String(e.role.stack.File)
	}
	return &awscdk.PolicyViolation{
		RuleName:           jsii.String(guardRule),
		Description:        jsii.String("the role " + e.sentence + ". What it allows and does not name, an attacker in the function may use."),
		Fix:                jsii.String(e.role.advice),
		Severity:           jsii.String("fatal"),
		ViolatingResources: &[]*awscdk.PolicyViolatingResource{where},
	}
}
