package preflight_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/internal/preflight"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// fault is one thing that is wrong in an account that is ready otherwise.
type fault struct {
	name  string
	check string
	want  []string // of the problem's text
	// plant makes the fault; what it returns repairs it.
	plant func(t *testing.T, e *environment) (repair func())
}

// answer plants a response that the engine cannot give.
func answer(part, body string) func(*testing.T, *environment) func() {
	return func(_ *testing.T, e *environment) func() {
		before, had := e.planted.answers[part]
		e.planted.answers[part] = body
		return func() {
			delete(e.planted.answers, part)
			if had {
				e.planted.answers[part] = before
			}
		}
	}
}

// withoutStack is the account without one of the stage's stacks.
func withoutStack(name string, plant func(*testing.T, *environment) func()) func(*testing.T, *environment) func() {
	return func(t *testing.T, e *environment) func() {
		region := e.home
		if name == "edge" {
			region = e.account.Edge
		}
		e.deleteStack(t, region, e.cfg.PhysicalName(name))
		repair := plant(t, e)
		return func() {
			repair()
			e.addStack(t, region, e.cfg.PhysicalName(name), topicTemplate(name))
		}
	}
}

var faults = []fault{
	{"an example in the configuration", "configuration", []string{"Subscriptions.ProjectID", "config/prod.go"}, func(_ *testing.T, e *environment) func() {
		real := e.cfg.Subscriptions.ProjectID
		e.cfg.Subscriptions.ProjectID = "proj33333333"
		return func() { e.cfg.Subscriptions.ProjectID = real }
	}},
	{"the stack of another stage", "other stages", []string{"expenzez-dev-core", "account of its own"}, func(t *testing.T, e *environment) func() {
		e.addStack(t, e.home, "expenzez-dev-core", topicTemplate("dev"))
		return func() { e.deleteStack(t, e.home, "expenzez-dev-core") }
	}},
	{"no bootstrap stack at the edge", "bootstrap", []string{"us-east-1 has no", "npx cdk bootstrap aws://000000000000/us-east-1"}, func(t *testing.T, e *environment) func() {
		e.deleteStack(t, e.account.Edge, "CDKToolkit")
		return func() { e.addStack(t, e.account.Edge, "CDKToolkit", toolkit) }
	}},
	{"an old bootstrap stack", "bootstrap", []string{"version 6, older than"}, func(t *testing.T, e *environment) func() {
		e.deleteStack(t, e.home, "CDKToolkit")
		e.addStack(t, e.home, "CDKToolkit", strings.ReplaceAll(toolkit, "30", "6"))
		return func() { e.deleteStack(t, e.home, "CDKToolkit"); e.addStack(t, e.home, "CDKToolkit", toolkit) }
	}},
	{"a first deployment that failed", "stacks", []string{"expenzez-prod-api", "ROLLBACK_COMPLETE", "first deployment failed"}, func(t *testing.T, e *environment) func() {
		e.addStack(t, e.home, "expenzez-prod-api", `{"Resources": {
			"A": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "a", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "i", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "i", "KeyType": "HASH"}]}},
			"B": {"Type": "AWS::DynamoDB::Table", "DependsOn": "A", "Properties": {"TableName": "a", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "i", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "i", "KeyType": "HASH"}]}}}}`)
		return func() { e.deleteStack(t, e.home, "expenzez-prod-api") }
	}},
	{"a table without its stack", "leftovers", []string{"the table expenzez-prod-Users", "no items"}, withoutStack("core", func(t *testing.T, e *environment) func() {
		name := aws.String("expenzez-prod-Users")
		must[*dynamodb.CreateTableOutput](t)(dynamodb.NewFromConfig(e.home).CreateTable(t.Context(), &dynamodb.CreateTableInput{
			TableName: name, BillingMode: dynamodbtypes.BillingModePayPerRequest,
			AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: dynamodbtypes.ScalarAttributeTypeS}},
			KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: dynamodbtypes.KeyTypeHash}},
		}))
		return func() {
			must[*dynamodb.DeleteTableOutput](t)(dynamodb.NewFromConfig(e.home).DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: name}))
		}
	})},
	{"a user pool without its stack", "leftovers", []string{"the user pool expenzez-prod-users", "no users"}, withoutStack("core", func(t *testing.T, e *environment) func() {
		client := cognito.NewFromConfig(e.home)
		pool := must[*cognito.CreateUserPoolOutput](t)(client.CreateUserPool(t.Context(), &cognito.CreateUserPoolInput{PoolName: aws.String("expenzez-prod-users")}))
		return func() {
			must[*cognito.DeleteUserPoolOutput](t)(client.DeleteUserPool(t.Context(), &cognito.DeleteUserPoolInput{UserPoolId: pool.UserPool.Id}))
		}
	})},
	{"a log group without its stack", "leftovers", []string{"/aws/lambda/expenzez-prod-health", "delete-log-group"}, withoutStack("core", func(t *testing.T, e *environment) func() {
		client, name := cloudwatchlogs.NewFromConfig(e.home), aws.String("/aws/lambda/expenzez-prod-health")
		must[*cloudwatchlogs.CreateLogGroupOutput](t)(client.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: name}))
		return func() {
			must[*cloudwatchlogs.DeleteLogGroupOutput](t)(client.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: name}))
		}
	})},
	{"a secret in its recovery window", "leftovers", []string{"expenzez/prod/jwt is scheduled for deletion", "--force-delete-without-recovery"}, withoutStack("core", func(t *testing.T, e *environment) func() {
		client, name := secretsmanager.NewFromConfig(e.home), aws.String("expenzez/prod/jwt")
		must[*secretsmanager.CreateSecretOutput](t)(client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: name, SecretString: aws.String("{}")}))
		must[*secretsmanager.DeleteSecretOutput](t)(client.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: name}))
		return func() {
			must[*secretsmanager.DeleteSecretOutput](t)(client.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: name, ForceDeleteWithoutRecovery: aws.Bool(true)}))
		}
	})},
	{"the quota of a new account", "concurrency quota", []string{"may run 10 functions at once, the stage counts on 1000", "L-B99A9384"},
		answer(accountSettings, `{"AccountLimit": {"ConcurrentExecutions": 10}}`)},
	{"Transaction Search turned on by hand", "transaction search", []string{"no stack of the stage turned it on", "--destination XRay"},
		withoutStack("monitoring", answer(traceDestination, `{"Destination": "CloudWatchLogs", "Status": "ACTIVE"}`))},
	{"a zone of another account", "hosted zone", []string{"has no hosted zone Z0000000000000", "API.Edge.Zone"}, func(_ *testing.T, e *environment) func() {
		real := e.cfg.API.Edge.Zone.ID
		e.cfg.API.Edge.Zone.ID = "Z0000000000000"
		return func() { e.cfg.API.Edge.Zone.ID = real }
	}},
	{"a zone without delegation", "hosted zone", []string{"DNS names other servers", "ns.registrar.example", "make the registrar"}, func(_ *testing.T, e *environment) func() {
		real := e.account.NameServers
		e.account.NameServers = func(context.Context, string) ([]string, error) { return []string{"ns.registrar.example."}, nil }
		return func() { e.account.NameServers = real }
	}},
	{"a domain that DNS does not know", "hosted zone", []string{"cannot be found: no such host"}, func(_ *testing.T, e *environment) func() {
		real := e.account.NameServers
		e.account.NameServers = func(context.Context, string) ([]string, error) { return nil, errors.New("no such host") }
		return func() { e.account.NameServers = real }
	}},
	{"a record with the name of the API", "hosted zone", []string{"a record A api.expenzez.com that no stack"}, withoutStack("edge", func(t *testing.T, e *environment) func() {
		change := func(action route53types.ChangeAction) {
			must[*route53.ChangeResourceRecordSetsOutput](t)(route53.NewFromConfig(e.home).ChangeResourceRecordSets(t.Context(), &route53.ChangeResourceRecordSetsInput{
				HostedZoneId: aws.String(e.cfg.API.Edge.Zone.ID), ChangeBatch: &route53types.ChangeBatch{Changes: []route53types.Change{{
					Action: action, ResourceRecordSet: &route53types.ResourceRecordSet{
						Name: aws.String(e.cfg.API.Domain), Type: route53types.RRTypeA, TTL: aws.Int64(60), ResourceRecords: []route53types.ResourceRecord{{Value: aws.String("192.0.2.1")}},
					},
				}}},
			}))
		}
		change(route53types.ChangeActionCreate)
		return func() { change(route53types.ChangeActionDelete) }
	})},
	{"a domain that SES has not verified", "e-mail domain", []string{"has not verified the domain mail.expenzez.com: DKIM is PENDING", "expenzez-prod-mail --query"},
		answer(emailIdentity, `{"VerifiedForSendingStatus": false, "DkimAttributes": {"Status": "PENDING"}}`)},
	{"the sandbox of SES", "e-mail sandbox", []string{"in its sandbox", "production access"},
		answer(sendingAccount, `{"ProductionAccessEnabled": false, "SendingEnabled": true}`)},
	{"SES paused", "e-mail sandbox", []string{"has paused sending"},
		answer(sendingAccount, `{"ProductionAccessEnabled": true, "SendingEnabled": false}`)},
	{"certificates that wait for DNS", "certificates", []string{"is PENDING_VALIDATION", "make the record _a.api.expenzez.com CNAME _b.acm-validations.aws"},
		answer(describeCert, `{"Certificate": {"Status": "PENDING_VALIDATION", "DomainValidationOptions": [{"DomainName": "api.expenzez.com",
			"ResourceRecord": {"Name": "_a.api.expenzez.com", "Type": "CNAME", "Value": "_b.acm-validations.aws"}}]}}`)},
	{"an alert address that has not confirmed", "alert addresses", []string{"alerts@expenzez.com has not confirmed", "expenzez-prod-edge-alerts"},
		answer(subscriptions, `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions><member>
			<SubscriptionArn>PendingConfirmation</SubscriptionArn><Endpoint>alerts@expenzez.com</Endpoint></member></Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`)},
	{"a secret with a placeholder", "secrets", []string{"expenzez/prod/revenuecat has no usable value of IOS_API_KEY", "put-secret-value"}, func(t *testing.T, e *environment) func() {
		e.putSecret(t, secrets.RevenueCat, func(key string) string {
			if key == secrets.RevenueCatIOSAPIKey.Name() {
				return "<your key>"
			}
			return leaked
		})
		return func() { e.putSecret(t, secrets.RevenueCat, func(string) string { return leaked }) }
	}},
	{"a secret without a value", "secrets", []string{"expenzez/prod/openai has no value"}, func(t *testing.T, e *environment) func() {
		must[*secretsmanager.DeleteSecretOutput](t)(secretsmanager.NewFromConfig(e.home).DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{
			SecretId: aws.String("expenzez/prod/openai"), ForceDeleteWithoutRecovery: aws.Bool(true),
		}))
		return func() { e.putSecret(t, secrets.OpenAI, func(string) string { return leaked }) }
	}},
}

// leaked is the value of every secret of the tests: no text may hold it.
const leaked = "a-real-value"

func TestRun_EachFault_IsNamedWithWhatToDo(t *testing.T) {
	e := newEnvironment(t)
	e.prepare(t)
	if text := preflight.Text(preflight.Run(t.Context(), e.cfg, e.account), preflight.Users); strings.Contains(text, "STOP") {
		t.Fatalf("the account is not ready:\n%s", text)
	}
	for _, f := range faults {
		repair := f.plant(t, e)
		results := preflight.Run(t.Context(), e.cfg, e.account)
		text := preflight.Text(results, preflight.Users)
		for _, want := range f.want {
			if !strings.Contains(problemsOf(results, f.check), want) {
				t.Errorf("%s: the check %q does not say %q:\n%s", f.name, f.check, want, text)
			}
		}
		// Without its core stack, the secrets of the ready account are leftovers too.
		for _, r := range results {
			if len(r.Problems) > 0 && r.Check != f.check && r.Check != "leftovers" {
				t.Errorf("%s: the check %q fails too:\n%s", f.name, r.Check, text)
			}
		}
		if strings.Contains(text, leaked) {
			t.Errorf("%s: the text has a secret's value:\n%s", f.name, text)
		}
		repair()
	}
}

func problemsOf(results []preflight.Result, check string) (text string) {
	for _, r := range results {
		for _, problem := range r.Problems {
			if r.Check == check {
				text += problem.What + "\n" + problem.Do + "\n"
			}
		}
	}
	return text
}
