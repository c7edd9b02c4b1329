package stacks

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/policy"
)

// wiring turns function declarations into functions, with the resources of a stage.
type wiring struct {
	cfg     config.Config
	network *network
	core    *core
	// api is nil for functions that are built before the API. They have no routes.
	api       *api
	moduleDir string
}

// addDomains builds every function of the domains in the stack, with its routes and
// events.
func (w *wiring) addDomains(stack awscdk.Stack, domains ...function.Domain) {
	for _, domain := range domains {
		code := constructs.GoBundle{Package: domain.Package(), Dir: w.moduleDir, Tags: function.BuildTags}
		for _, declared := range domain.Functions {
			if err := errors.Join(declared.Validate(), w.checkResourcesExist(declared)); err != nil {
				panic(err)
			}
			built := constructs.NewLeastPrivilegeFunction(stack, constructID(declared.Name), w.props(declared, code))
			w.addRoutes(stack, declared, built)
			w.addEvents(declared, built)
			acceptByKind(w.cfg, built, declared)
			w.network.declare(built, declared)
		}
	}
	acceptForFunctions(stack)
}

// checkResourcesExist returns an error that names each resource that the function has a
// permission for and the stage does not build. The error names the list to add the
// resource to.
func (w *wiring) checkResourcesExist(declared *function.Function) error {
	var problems []error
	check := func(built bool, what, list string) {
		if !built {
			problems = append(problems, fmt.Errorf("function %q: %s is not built: add it to %s", declared.Name, what, list))
		}
	}
	for _, grant := range declared.Permissions.Tables {
		check(w.core.tables[grant.Table] != nil, "table "+grant.Table.Name, "tables.All")
	}
	for _, grant := range declared.Permissions.Keys {
		check(w.core.keys[grant.Key] != nil, "key "+string(grant.Key), "newFunctionKeys in stacks/core.go")
	}
	for _, secret := range declared.Secrets() {
		check(w.core.secrets[secret] != nil, "secret "+secret.Name, "secrets.All")
	}
	for _, grant := range declared.Permissions.Buckets {
		check(w.core.buckets[grant.Bucket] != nil, "bucket "+grant.Bucket.Name, "buckets.All")
	}
	for _, topic := range declared.Permissions.Publishes {
		check(w.core.topics[topic] != nil, "topic "+topic.Name, "the list of domains")
	}
	for _, queue := range declared.Queues() {
		check(w.core.queues[queue] != nil, "queue "+queue.Name, "the list of domains")
	}
	for _, setting := range declared.Permissions.Settings {
		check(settings(w.cfg)[setting] != nil, "setting "+string(setting), "settings in stacks/functions.go")
	}
	return errors.Join(problems...)
}

func (w *wiring) props(declared *function.Function, code constructs.FunctionCode) *constructs.LeastPrivilegeFunctionProps {
	return &constructs.LeastPrivilegeFunctionProps{
		Name:         w.cfg.PhysicalName(declared.Name),
		Description:  declared.Purpose,
		Code:         code,
		Handler:      declared.Name,
		Grants:       append(w.grants(declared.Permissions), w.originGrants(declared)...),
		Environment:  w.environment(declared),
		Architecture: constructs.Architecture(w.cfg.Functions.Architecture),
		MemoryMB:     cmp.Or(declared.MemoryMB, w.cfg.Functions.MemoryMB),
		Timeout:      cmp.Or(declared.Timeout, w.cfg.Functions.Timeout),

		ReservedConcurrency: reservedConcurrency(w.cfg, declared),
		AliasOwner:          constructs.OwnedByRelease,

		LogLevel:         constructs.LogLevel(w.cfg.Logs.Level),
		LogRetentionDays: w.cfg.Logs.RetentionDays,
		Network:          w.network.placement(declared),
		AllowSpans:       w.cfg.Traces.XRay(),
		Disposable:       w.cfg.Data.Disposable,
	}
}

// acceptForFunctions accepts, once for a stack, the rules with one reason for all
// functions.
func acceptForFunctions(stack awscdk.Stack) {
	policy.Accept(stack, "AwsSolutions-IAM5",
		"policy::wildcard checks wildcards more precisely: it allows only those of constructs.ExplainedWildcards.")
	policy.Accept(stack, "NIST.800.53.R5-IAMNoInlinePolicy",
		"The policy belongs to one role and is deleted with it; a managed policy could be attached to other roles.")
	policy.Accept(stack, "NIST.800.53.R5-CloudWatchLogGroupEncrypted",
		"CloudWatch Logs encrypts the events with a key of its own, and no personal data is logged.")
}

// constructID turns "auth-login" into "AuthLogin".
func constructID(name string) string {
	var id strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		id.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return id.String()
}

func (w *wiring) grants(rights function.Permissions) []constructs.Grant {
	var grants []constructs.Grant
	for _, grant := range rights.Tables {
		operations := convert[constructs.TableOperation](grant.Operations)
		if grant.Index != nil {
			grants = append(grants, w.core.tables[grant.Table].AllowIndex(grant.Index.Name, operations...))
			continue
		}
		grants = append(grants, w.core.tables[grant.Table].Allow(operations...))
	}
	for _, grant := range rights.Keys {
		operations := convert[constructs.KeyOperation](grant.Operations)
		grants = append(grants, allowKey(w.core.keys[grant.Key], grant.Table, operations))
	}
	for _, secret := range rights.Secrets {
		grants = append(grants, w.core.secrets[secret].AllowRead())
	}
	for _, grant := range rights.Buckets {
		grants = append(grants, allowBucket(w.core.buckets[grant.Bucket], grant.Operations))
	}
	for _, topic := range rights.Publishes {
		grants = append(grants, w.core.topics[topic].AllowPublish())
	}
	for _, queue := range rights.Sends {
		grants = append(grants, constructs.AllowSend(w.core.queues[queue]))
	}
	if len(rights.UserPool) > 0 {
		operations := convert[constructs.UserPoolOperation](rights.UserPool)
		grants = append(grants, constructs.AllowUserPool(w.core.pool.UserPool, operations...))
	}
	if rights.SendEmail {
		grants = append(grants, w.core.email.allowSend())
	}
	return grants
}

// allowKey returns a grant of operations on the key. If table is set, the grant covers
// only data keys of the table.
func allowKey(key *constructs.DataKey, table *tables.Table, operations []constructs.KeyOperation) constructs.Grant {
	if table == nil {
		return key.Allow(operations...)
	}
	return key.AllowInContext(tables.DataKeyContext, table.Name, operations...)
}

// convert returns operations of the declarations as operations of the constructs. Both
// are spelt as IAM spells them; operations_test.go compares the two lists.
func convert[To, From ~string](operations []From) []To {
	converted := make([]To, len(operations))
	for i, operation := range operations {
		converted[i] = To(operation)
	}
	return converted
}

func (w *wiring) environment(declared *function.Function) map[string]string {
	rights := declared.Permissions
	variables := map[string]string{function.StageVariable: w.cfg.Stage}
	if w.cfg.Traces.Endpoint != "" {
		variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = w.cfg.Traces.Endpoint
	}
	for _, grant := range rights.Tables {
		variables[grant.Table.Variable()] = *w.core.tables[grant.Table].Table.TableName()
	}
	for _, grant := range rights.Keys {
		variables[grant.Key.Variable()] = *w.core.keys[grant.Key].Key.KeyArn()
	}
	for _, grant := range rights.Buckets {
		variables[grant.Bucket.Variable()] = *w.core.buckets[grant.Bucket].Bucket.BucketName()
	}
	for _, topic := range rights.Publishes {
		variables[topic.Variable()] = *w.core.topics[topic].Topic.TopicArn()
	}
	for _, queue := range declared.Queues() {
		variables[queue.Variable()] = *w.core.queues[queue].QueueUrl()
	}
	for _, setting := range rights.Settings {
		variables[setting.Variable()] = strings.Join(settings(w.cfg)[setting], " ")
	}
	for _, secret := range declared.Secrets() {
		variables[secret.Variable()] = w.core.secrets[secret].ARN()
	}
	if len(rights.UserPool) > 0 {
		variables[function.UserPoolVariable] = *w.core.pool.UserPoolId()
	}
	if rights.UserPoolClient {
		variables[function.UserPoolClientVariable] = *w.core.pool.client.UserPoolClientId()
	}
	maps.Copy(variables, w.originVariables(declared))
	if rights.SendEmail {
		maps.Copy(variables, w.core.email.environment())
	}
	return variables
}

// settings returns the values of the configuration that functions may read.
func settings(cfg config.Config) map[function.Setting][]string {
	return map[function.Setting][]string{
		function.GoogleClients: cfg.SignIn.GoogleClientIDs,
		function.GoogleApps:    cfg.SignIn.GoogleAppIDs,

		function.APIDomain: {cfg.API.Domain},

		function.RevenueCatProject:     {cfg.Subscriptions.ProjectID},
		function.RevenueCatEntitlement: {cfg.Subscriptions.EntitlementID},

		function.AI: {onOff(cfg.AI.Enabled), cfg.AI.Model, onOff(cfg.AI.Moderation), strconv.Itoa(cfg.AI.MonthlyBudget)},

		function.Registrations.Setting(): budget(cfg.Budgets.Registrations),
		function.Emails.Setting():        budget(cfg.Budgets.Emails),
		function.Disclosures.Setting():   budget(cfg.Budgets.Disclosures),
	}
}

// onOff returns a switch in the form that functions read.
func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// budget returns a budget in the form that functions read
// (function.Resources.Budgeted).
func budget(b config.Budget) []string {
	return []string{strconv.Itoa(b.PerIP), strconv.Itoa(b.PerStage)}
}

// addRoutes adds the function's routes, which invoke its alias. One permission covers
// all routes with a method and a path, because a permission for each would exceed the
// policy's 20 KB.
func (w *wiring) addRoutes(stack awscdk.Stack, declared *function.Function, built *constructs.LeastPrivilegeFunction) {
	integration := awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Integration"), built.Alias,
		&awsapigatewayv2integrations.HttpLambdaIntegrationProps{ScopePermissionToRoute: jsii.Bool(false)})
	for _, route := range declared.Routes {
		var authorizer awsapigatewayv2.IHttpRouteAuthorizer
		switch route.Access {
		case function.AccessSignedIn:
			authorizer = w.api.authorizer
		case function.AccessPublic:
			authorizer = awsapigatewayv2.NewHttpNoneAuthorizer()
		default:
			panic(fmt.Errorf("route %q has the unknown access %q", route.Key, route.Access))
		}
		added := awsapigatewayv2.NewHttpRoute(built.Construct, jsii.String(route.Key), &awsapigatewayv2.HttpRouteProps{
			HttpApi:     w.api.HttpApi,
			RouteKey:    routeKey(route.Key),
			Integration: integration,
			Authorizer:  authorizer,
		})
		if route.Key == function.FallbackKey {
			w.allowFallback(stack, built)
		}
		if route.Access == function.AccessPublic {
			policy.Accept(added, "AwsSolutions-APIG4", "The declaration makes the route public: its clients are signed out or may be.")
		}
	}
}

// allowFallback lets the route $default invoke the function. API Gateway invokes it as
// API/STAGE/$default, without a method, which the permission of the other routes does
// not match (https://github.com/aws/serverless-application-model/issues/1860).
func (w *wiring) allowFallback(stack awscdk.Stack, built *constructs.LeastPrivilegeFunction) {
	built.Alias.AddPermission(jsii.String("DefaultRoute"), &awslambda.Permission{
		Principal: awsiam.NewServicePrincipal(jsii.String("apigateway.amazonaws.com"), nil),
		SourceArn: stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("execute-api"), Resource: w.api.ApiId(), ResourceName: jsii.String("*/" + function.FallbackKey),
		}),
	})
}

func routeKey(key string) awsapigatewayv2.HttpRouteKey {
	if key == function.FallbackKey {
		return awsapigatewayv2.HttpRouteKey_DEFAULT()
	}
	method, path, _ := strings.Cut(key, " ")
	return awsapigatewayv2.HttpRouteKey_With(jsii.String(path), awsapigatewayv2.HttpMethod(method))
}
