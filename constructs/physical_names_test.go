package constructs_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// inEnvironment makes each construct of the package as an app would that gives every
// resource the environment's name, such as shop-dev, and nothing else of its own. The
// construct's id is the name of its type.
var inEnvironment = map[string]func(t *testing.T, stack awscdk.Stack, env string){
	"NewAccessLogBucket": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewAccessLogBucket(stack, "AccessLogBucket", &constructs.AccessLogBucketProps{Name: env + "-access"})
	},
	"NewAlertTopic": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewAlertTopic(stack, "AlertTopic", &constructs.AlertTopicProps{Name: env, Emails: []string{"ops@example.com"},
			SlackChannels: []constructs.SlackChannel{{WorkspaceID: "T1", ChannelID: "C1"}}})
	},
	"NewApiOriginAuthorizer": func(t *testing.T, stack awscdk.Stack, env string) {
		guard := constructs.NewApiOriginGuard(stack, "AuthorizedGuard", &constructs.ApiOriginGuardProps{SecretName: env + "/authorized-origin",
			Api: constructs.ApiReference{ID: "a1", Region: "eu-west-2"}, EncryptionKey: importedKey(stack, "AuthorizedKey")})
		constructs.NewApiOriginAuthorizer(stack, "ApiOriginAuthorizer", &constructs.ApiOriginAuthorizerProps{Name: env + "-authorizer", Guard: guard, Code: bootstrap(t)})
	},
	"NewApiOriginGuard": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewApiOriginGuard(stack, "ApiOriginGuard", &constructs.ApiOriginGuardProps{
			SecretName: env + "/origin", Api: constructs.ApiReference{Domain: "api.example.com"}, EncryptionKey: importedKey(stack, "GuardKey")})
	},
	"NewAppSecret": func(_ *testing.T, stack awscdk.Stack, env string) { appSecretOf(stack, "AppSecret", env) },
	"NewAuditTrail": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewAuditTrail(stack, "AuditTrail", &constructs.AuditTrailProps{Name: env, BucketName: env + "-trail"})
	},
	"NewBackupPlan": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewBackupPlan(stack, "BackupPlan", &constructs.BackupPlanProps{Name: env,
			RestoreTest: constructs.RestoreTest{TableARNs: []string{*stack.FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("dynamodb"), Resource: jsii.String("table"), ResourceName: jsii.String(env)})}}})
	},
	"NewCountAlarms": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewCountAlarms(stack, "CountAlarms", &constructs.CountAlarmsProps{Name: env, Route: routeOf(stack, "Counts", env),
			Namespace: "Shop", Counts: []constructs.Count{{Name: "lost-events", Metric: "eventLost", Description: "events were lost"}}})
	},
	"NewDataKey": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewDataKey(stack, "DataKey", &constructs.DataKeyProps{Alias: env, Operations: []constructs.KeyOperation{constructs.Decrypt}})
	},
	"NewEmailReputation": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewEmailReputation(stack, "EmailReputation", &constructs.EmailReputationProps{Name: env, Route: routeOf(stack, "Mail", env)})
	},
	"NewFunctionFleet": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewFunctionFleet(stack, "FunctionFleet", &constructs.FunctionFleetProps{Name: env, Route: routeOf(stack, "Fleet", env),
			BackgroundFunctions: []string{env + "-sweep"}, Tables: []string{env + "-users"}})
	},
	"NewFunctionMonitoring": func(t *testing.T, stack awscdk.Stack, env string) {
		f := functionOf(t, stack, "Watched", env+"-watched")
		constructs.NewFunctionMonitoring(stack, "FunctionMonitoring", &constructs.FunctionMonitoringProps{
			Function: f.Function, Name: env + "-watched", Timeout: 1e10, Alarms: constructs.FunctionAlarms{Route: routeOf(stack, "Monitoring", env)}})
	},
	"NewGitHubDeployRole": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewGitHubDeployRole(stack, "GitHubDeployRole", &constructs.GitHubDeployRoleProps{Name: env, Repository: "shop/backend", Environment: env})
	},
	// One for each account, by AWS's own rule: environments share it.
	"NewGitHubProvider": func(*testing.T, awscdk.Stack, string) {},
	"NewHttpApiMonitoring": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewHttpApiMonitoring(stack, "HttpApiMonitoring", &constructs.HttpApiMonitoringProps{
			Api: httpApi(stack, "MonitoredApi", env), Name: env + "-api", Route: routeOf(stack, "Api", env)})
	},
	"NewHttpApiStage": func(_ *testing.T, stack awscdk.Stack, env string) {
		log := constructs.NewRetainedLogGroup(stack, "StageLog", &constructs.RetainedLogGroupProps{Name: env + "/stage"})
		constructs.NewHttpApiStage(stack, "HttpApiStage", &constructs.HttpApiStageProps{Api: httpApi(stack, "StagedApi", env), AccessLog: log})
	},
	"NewLeastPrivilegeFunction": func(t *testing.T, stack awscdk.Stack, env string) {
		functionOf(t, stack, "LeastPrivilegeFunction", env)
	},
	"NewMonitoredFunction": func(t *testing.T, stack awscdk.Stack, env string) {
		constructs.NewMonitoredFunction(stack, "MonitoredFunction", &constructs.MonitoredFunctionProps{
			Function: constructs.LeastPrivilegeFunctionProps{Name: env + "-monitored", Code: bootstrap(t)},
			Alarms:   constructs.FunctionAlarms{Route: routeOf(stack, "Monitored", env)}})
	},
	"NewObjectiveAlarms": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewObjectiveAlarms(stack, "ObjectiveAlarms", &constructs.ObjectiveAlarmsProps{Name: env + "-objectives", Route: routeOf(stack, "Objectives", env),
			Objectives: []constructs.Objective{{Name: "availability", Percent: 99.9, ErrorRatio: constructs.ApiErrorRatio(httpApi(stack, "ObjectiveApi", env+"-objective"), 20)}}})
	},
	"NewPrivateNetwork": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewPrivateNetwork(stack, "PrivateNetwork", &constructs.PrivateNetworkProps{Name: env, Egress: constructs.NATInstance,
			Endpoints: []constructs.EndpointService{constructs.EndpointKMS}})
	},
	"NewQueueConsumer": func(t *testing.T, stack awscdk.Stack, env string) {
		constructs.NewQueueConsumer(stack, "QueueConsumer", &constructs.QueueConsumerProps{Name: env,
			Function: functionOf(t, stack, "ConsumeQueue", env+"-consume-queue"), Alarms: constructs.QueueAlarms{Route: routeOf(stack, "Queue", env)}})
	},
	"NewRegionalWebACL": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewRegionalWebACL(stack, "RegionalWebACL", &constructs.RegionalWebACLProps{Name: env})
	},
	"NewRetainedLogGroup": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewRetainedLogGroup(stack, "RetainedLogGroup", &constructs.RetainedLogGroupProps{Name: env})
	},
	"NewSecretRotation": func(t *testing.T, stack awscdk.Stack, env string) {
		constructs.NewSecretRotation(stack, "SecretRotation", &constructs.SecretRotationProps{
			Secret: appSecretOf(stack, "Rotated", env+"-rotated"), Function: functionOf(t, stack, "Rotator", env+"-rotator")})
	},
	"NewSecureBucket": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewSecureBucket(stack, "SecureBucket", &constructs.SecureBucketProps{Name: env})
	},
	"NewSecureTable": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewSecureTable(stack, "SecureTable", &constructs.SecureTableProps{Name: env, PartitionKey: constructs.TableKey{Name: "id"}})
	},
	"NewTableStreamConsumer": func(t *testing.T, stack awscdk.Stack, env string) {
		constructs.NewTableStreamConsumer(stack, "TableStreamConsumer", &constructs.TableStreamConsumerProps{
			Table: constructs.NewSecureTable(stack, "Streamed", &constructs.SecureTableProps{
				Name: env + "-streamed", PartitionKey: constructs.TableKey{Name: "id"}, Stream: constructs.StreamKeysOnly}),
			Function:  functionOf(t, stack, "Consume", env+"-consume"),
			OnFailure: constructs.FailuresToQueue(awssqs.NewQueue(stack, jsii.String("Failures"), nil))})
	},
	"NewTopicFanOut": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewTopicFanOut(stack, "TopicFanOut", &constructs.TopicFanOutProps{Name: env + "-events"})
	},
	"NewWafProtectedApi": func(_ *testing.T, stack awscdk.Stack, env string) {
		constructs.NewWafProtectedApi(stack, "WafProtectedApi", &constructs.WafProtectedApiProps{Name: env, OriginSecretName: env + "/origin",
			Cors: constructs.EdgeCors{Origins: []string{"capacitor://localhost"}}})
	},
}

func importedKey(stack awscdk.Stack, id string) awskms.IKey {
	return awskms.Key_FromKeyArn(stack, jsii.String(id), jsii.String(keyARN))
}

func appSecretOf(stack awscdk.Stack, id, name string) *constructs.AppSecret {
	return constructs.NewAppSecret(stack, id, &constructs.AppSecretProps{
		Name: name, Keys: []constructs.SecretKey{"K"}, EncryptionKey: importedKey(stack, id+"Key")})
}

func functionOf(t *testing.T, stack awscdk.Stack, id, name string) *constructs.LeastPrivilegeFunction {
	return constructs.NewLeastPrivilegeFunction(stack, id, &constructs.LeastPrivilegeFunctionProps{
		Name: name, RoleName: name + "-role", Code: bootstrap(t)})
}

func routeOf(stack awscdk.Stack, who, env string) constructs.AlarmRoute {
	topic := constructs.NewAlertTopic(stack, who+"Topic", &constructs.AlertTopicProps{Name: env + "-" + who})
	return constructs.AlarmRoute{Target: topic, RunbookURL: runbook}
}

func httpApi(stack awscdk.Stack, id, env string) awsapigatewayv2.HttpApi {
	return awsapigatewayv2.NewHttpApi(stack, jsii.String(id), &awsapigatewayv2.HttpApiProps{
		ApiName: jsii.String(env), CreateDefaultStage: jsii.Bool(false)})
}

// environmentStack is the app's one stack in an environment: the same construct
// ids, another StackName, as when an app is deployed once for each environment.
func environmentStack(env string) awscdk.Stack {
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{"@aws-cdk/core:enablePartitionLiterals": true}})
	return awscdk.NewStack(app, jsii.String("Shop"), &awscdk.StackProps{
		StackName: jsii.String(env),
		Env:       &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String(constructs.EdgeRegion)},
	})
}

// Names that are one within another resource, and names that other resources are
// called by.
var scopedNames = map[string]bool{
	"AWS::Lambda::Alias.Name":                     true, // in its function
	"AWS::ApiGatewayV2::Stage.StageName":          true, // in its API
	"AWS::IAM::Policy.PolicyName":                 true, // in its role
	"AWS::CloudWatch::Alarm.MetricName":           true,
	"AWS::EC2::VPCEndpoint.ServiceName":           true,
	"AWS::Logs::Delivery.DeliverySourceName":      true,
	"AWS::Lambda::EventInvokeConfig.FunctionName": true,
	"AWS::Lambda::Permission.FunctionName":        true,
	"AWS::ApiGatewayV2::Api.Name":                 true, // APIs are told apart by id
}

// physicalNames lists the names of a template's resources as "type name", those of
// a resource's configuration included. A name that CloudFormation makes up is none.
func physicalNames(template map[string]any) []string {
	var found []string
	resources, _ := template["Resources"].(map[string]any)
	for _, r := range resources {
		kind, _ := at(r, "Type").(string)
		if scope, ok := at(r, "Properties", "Scope").(string); ok {
			kind += " " + scope // AWS WAF keeps web ACLs of CloudFront apart from a region's
		}
		properties, _ := at(r, "Properties").(map[string]any)
		for prop, value := range properties {
			name, isText := value.(string)
			if isText && (strings.HasSuffix(prop, "Name") || prop == "Id") && !scopedNames[kind+"."+prop] {
				found = append(found, kind+" "+name)
			}
			if inner, ok := at(value, "Name").(string); ok && strings.HasSuffix(prop, "Config") {
				found = append(found, kind+" "+inner)
			}
		}
	}
	slices.Sort(found)
	return found
}

// A second environment in the same account and region deploys beside the first, and
// in one environment no two constructs take each other's names.
func TestConstructs_DeployedTwiceInOneAccount_DoNotCollide(t *testing.T) {
	named := map[string]bool{}
	for _, constructor := range slices.Sorted(maps.Keys(inEnvironment)) {
		dev, prod := environmentStack("shop-dev"), environmentStack("shop-prod")
		inEnvironment[constructor](t, dev, "shop-dev")
		inEnvironment[constructor](t, prod, "shop-prod")
		first, second := physicalNames(synth(dev)), physicalNames(synth(prod))
		for _, name := range first {
			if slices.Contains(second, name) {
				t.Errorf("%s: both environments have %s", constructor, name)
			}
			if named[name] {
				t.Errorf("%s: another construct of the environment has %s", constructor, name)
			}
		}
		for _, name := range first {
			named[name] = true
		}
	}
	for _, kind := range []string{"AWS::CloudFront::Function", "AWS::CloudFront::ResponseHeadersPolicy", "AWS::Logs::ResourcePolicy",
		"AWS::Logs::DeliverySource", "AWS::CloudWatch::Alarm", "AWS::KMS::Alias", "AWS::WAFv2::WebACL CLOUDFRONT", "AWS::Chatbot::SlackChannelConfiguration"} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(named)), func(name string) bool { return strings.HasPrefix(name, kind+" ") }) {
			t.Errorf("the test saw no name of a %s", kind)
		}
	}
}

// Two of a construct in one stack differ in their ids and names only.
func TestConstructs_MadeTwiceInOneApp_DoNotCollide(t *testing.T) {
	stack := environmentStack("shop")
	for _, env := range []string{"shop-one", "shop-two"} {
		inner := awscdk.NewStack(awscdk.App_Of(stack), jsii.String(env), &awscdk.StackProps{
			Env: &awscdk.Environment{Account: stack.Account(), Region: stack.Region()}})
		for _, constructor := range slices.Sorted(maps.Keys(inEnvironment)) {
			inEnvironment[constructor](t, inner, env)
		}
	}
	var names []string
	for _, env := range []string{"shop-one", "shop-two"} {
		child := awscdk.App_Of(stack).Node().FindChild(jsii.String(env))
		var inner awscdk.Stack
		jsii.UnsafeCast(child, &inner)
		names = append(names, physicalNames(synth(inner))...)
	}
	slices.Sort(names)
	for i := 1; i < len(names); i++ {
		if names[i] == names[i-1] {
			t.Errorf("%s is listed twice", names[i])
		}
	}
	if len(names) < 100 {
		t.Errorf("the test saw %d names", len(names))
	}
}

// A constructor without an entry in inEnvironment could take another's names.
func TestConstructors_AreAllBuiltTwice(t *testing.T) {
	constructor := regexp.MustCompile(`(?m)^func (New[A-Z]\w*)\(scope `)
	found := 0
	for _, file := range goFiles(t, false) {
		for _, name := range constructor.FindAllStringSubmatch(readText(t, file), -1) {
			found++
			if inEnvironment[name[1]] == nil {
				t.Errorf("%s: %s is not among the constructs whose names are compared: add it to inEnvironment", file, name[1])
			}
		}
	}
	if found != len(inEnvironment) {
		t.Errorf("the package has %d constructors and inEnvironment %d", found, len(inEnvironment))
	}
}
