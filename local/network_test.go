package local_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/expenzez/infrastructure/local"
)

const (
	readItem = `{"TableName":"network","Key":{"id":{"S":"1"}}}`
	putItem  = `{"TableName":"network","Item":{"id":{"S":"1"}}}`
	signIn   = `{"ClientId":"client","AuthFlow":"USER_PASSWORD_AUTH","AuthParameters":{"USERNAME":"ada","PASSWORD":"x"}}`
)

// The functions have one role, so only their networks differ.
func TestFunctionNetwork_Requests_PassEndpointsAndRoutesOnly(t *testing.T) {
	stage, stack := bareStage(t), deployStack(t, "network")
	noEndpoint := func(service string) string { return "no endpoint of " + service + " in " + stack["Vpc"] }
	for name, c := range map[string]struct{ function, service, operation, input, refused string }{
		"gateway endpoint, allowed action":   {"network-isolated", "dynamodb", "get_item", readItem, ""},
		"gateway endpoint, other action":     {"network-isolated", "dynamodb", "put_item", putItem, "no VPC endpoint policy allows dynamodb:PutItem"},
		"interface endpoint, allowed action": {"network-isolated", "kms", "generate_random", `{"NumberOfBytes":8}`, ""},
		"interface endpoint, other action":   {"network-isolated", "kms", "list_keys", `{}`, "no VPC endpoint policy allows kms:ListKeys"},
		"endpoint without host names":        {"network-isolated", "sns", "list_topics", `{}`, noEndpoint("sns")},
		"no endpoint":                        {"network-isolated", "sqs", "list_queues", `{}`, noEndpoint("sqs")},
		"no endpoint, unsigned":              {"network-isolated", "cognito-idp", "initiate_auth", signIn, noEndpoint("cognito-idp")},
		"route, no endpoint":                 {"network-egress", "sqs", "list_queues", `{}`, ""},
		"route, gateway of other subnets":    {"network-egress", "dynamodb", "put_item", putItem, ""},
		"route and endpoint, other action":   {"network-egress", "kms", "list_keys", `{}`, "no VPC endpoint policy allows kms:ListKeys"},
		"no VPC":                             {"network-none", "kms", "list_keys", `{}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			before := time.Now().Add(-time.Millisecond)
			code, message := answer(t, c.function, map[string]any{"service": c.service, "operation": c.operation, "input": json.RawMessage(c.input)})
			if c.refused == "" {
				if code != "" {
					t.Errorf("answered %s: %s", code, message)
				}
				return
			}
			if code == "" || !strings.Contains(message, c.refused) {
				t.Errorf("answered %q: %s, want %s", code, message, c.refused)
			}
			requireNetworkRefusal(t, stage, c.refused, before)
		})
	}
	// Without a network's refusal, Cognito itself answers.
	for _, function := range []string{"network-egress", "network-none"} {
		if code, message := answer(t, function, map[string]any{"service": "cognito-idp", "operation": "initiate_auth", "input": json.RawMessage(signIn)}); code != "ResourceNotFoundException" {
			t.Errorf("%s: an unsigned request was answered %s: %s", function, code, message)
		}
	}
}

func TestFunctionNetwork_ExternalServices_NeedARoute(t *testing.T) {
	stage, stack := bareStage(t), deployStack(t, "network")
	want := "no route to the internet from " + stack["Isolated"]
	before := time.Now().Add(-time.Millisecond)
	call := map[string]any{"variable": "EXTERNAL_SAMPLE_URL"}
	if code, message := answer(t, "network-isolated", call); code != "504" || !strings.Contains(message, want) {
		t.Errorf("an isolated function was answered %q: %s", code, message)
	}
	requireNetworkRefusal(t, stage, want, before)
	for _, function := range []string{"network-egress", "network-none"} {
		if code, message := answer(t, function, call); code != "404" { // the service's own answer
			t.Errorf("%s was answered %q: %s", function, code, message)
		}
	}
}

func TestFunctionNetwork_StackUpdate_MovesTheFunction(t *testing.T) {
	stack := deployStack(t, "network")
	subnets := func() string {
		name := "network-isolated"
		found, err := lambda.NewFromConfig(bareStage(t).AWSConfig(local.Region)).GetFunctionConfiguration(t.Context(),
			&lambda.GetFunctionConfigurationInput{FunctionName: &name})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(found.VpcConfig.SubnetIds, " ")
	}
	if got := subnets(); got != stack["Isolated"] {
		t.Errorf("the function is in %q, not in %s", got, stack["Isolated"])
	}
	moved := strings.Replace(readTemplate(t, "network"), `"VpcConfig": {"SubnetIds": [{"Ref": "Isolated"}]`, `"VpcConfig": {"SubnetIds": [{"Ref": "Egress"}]`, 1)
	updateStack(t, "network", moved)
	if got := subnets(); got != stack["Egress"] {
		t.Errorf("the moved function is in %q, not in %s", got, stack["Egress"])
	}
	if code, message := answer(t, "network-isolated", map[string]any{"service": "sqs", "operation": "list_queues", "input": map[string]any{}}); code != "" {
		t.Errorf("the moved function was answered %s: %s", code, message)
	}
}

// answer makes a function with the code of testdata/stacks/caller.py do what the request
// says. It returns the error's code and message, empty for none.
func answer(t *testing.T, function string, request map[string]any) (code, message string) {
	t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(map[string]string{"body": string(body)})
	if err != nil {
		t.Fatal(err)
	}
	out, err := lambda.NewFromConfig(bareStage(t).AWSConfig(local.Region)).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &function, Payload: payload})
	if err != nil {
		t.Fatal(err)
	}
	var response struct{ Body string }
	var answer struct{ Error, Message string }
	if err := json.Unmarshal(out.Payload, &response); err != nil || out.FunctionError != nil {
		t.Fatalf("%s answered %s, %v", function, out.Payload, err)
	}
	if err := json.Unmarshal([]byte(response.Body), &answer); err != nil {
		t.Fatalf("%s answered %s, %v", function, out.Payload, err)
	}
	return answer.Error, answer.Message
}

// updateStack updates a stack and waits for the end.
func updateStack(t *testing.T, name, template string) {
	t.Helper()
	client := cloudformation.NewFromConfig(bareStage(t).AWSConfig(local.Region))
	if _, err := client.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: &name, TemplateBody: &template, Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityNamedIam},
	}); err != nil {
		t.Fatal(err)
	}
	if stack := awaitStack(t, client, name); stack.StackStatus != cfntypes.StackStatusUpdateComplete {
		t.Fatalf("stack %s is %s", name, stack.StackStatus)
	}
}

// requireNetworkRefusal fails the test unless the authorization log has a refusal with the reason.
func requireNetworkRefusal(t *testing.T, stage *local.Stage, reason string, since time.Time) {
	t.Helper()
	decisions, err := stage.AuthorizationLog()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range decisions {
		if d.Time.After(since) && !d.Allowed() && strings.Contains(d.Reason, reason) {
			return
		}
	}
	t.Errorf("the authorization log has no refusal because of %q", reason)
}
