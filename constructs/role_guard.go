package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// guardRole holds the role to the rule of least privilege when the app is
// synthesized, whoever adds to it until then.
func guardRole(role awsiam.Role) {
	guardRoleWith(role, "give the function a Grant of exact actions on exact ARNs")
}

// guardMetadataType marks a guarded role, and the app whose synth checks them.
const guardMetadataType = "constructs:least-privilege"

// guardRoleWith does the same and advises those who added what they should not.
// It marks the role: one check reads all templates of the app once they are
// written, whatever the number of roles, and asks CDK nothing.
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

// roleOutsideApp fails the synth of a role that is in no App: only an App checks
// what it wrote.
type roleOutsideApp struct{ role awsiam.Role }

// Validate implements CDK's IValidation.
func (u *roleOutsideApp) Validate() *[]*string {
	return jsii.Strings(*u.role.Node().Path() + " cannot be checked for least privilege outside an awscdk.App; make its stack in one")
}

// roleGuard is the check of every guarded role of an app. It implements CDK's
// IPolicyValidationPlugin.
type roleGuard struct{ dir string }

// Name implements IPolicyValidationPlugin.
func (g *roleGuard) Name() *string { return jsii.String("constructs") }

// Version implements IPolicyValidationPlugin.
func (g *roleGuard) Version() *string { return jsii.String("1.0.0") }

// RuleIds implements IPolicyValidationPlugin.
func (g *roleGuard) RuleIds() *[]*string { return jsii.Strings(guardRule) }

const guardRule = "constructs::least-privilege"

// Validate implements IPolicyValidationPlugin. A panic must not leave it, or
// jsii's Node process would stay inside the callback for good.
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

// excessPermission is a right that a guarded role should not have.
type excessPermission struct {
	role     *guardedRole
	sentence string
}

// violation has CDK's severity for what its own acknowledgements cannot take back.
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
