package local_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/expenzez/infrastructure/local"
)

// callAs makes a function with the code of testdata/stacks/caller.py call an AWS
// operation with its role's rights. It returns the code of the error AWS answered,
// empty for none.
func callAs(t *testing.T, function, service, operation, input string) (code string, result map[string]any) {
	t.Helper()
	request := fmt.Sprintf(`{"service":%q,"operation":%q,"input":%s}`, service, operation, input)
	payload, err := json.Marshal(map[string]string{"body": request})
	if err != nil {
		t.Fatal(err)
	}
	out, err := lambda.NewFromConfig(bareStage(t).AWSConfig(local.Region)).Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: &function, Payload: payload,
	})
	if err != nil {
		t.Fatal(err)
	}
	var response struct{ Body string }
	var answer struct {
		Error  string
		Result map[string]any
	}
	if err := json.Unmarshal(out.Payload, &response); err != nil || out.FunctionError != nil {
		t.Fatalf("%s answered %s, %v", function, out.Payload, err)
	}
	if err := json.Unmarshal([]byte(response.Body), &answer); err != nil {
		t.Fatalf("%s answered %s, %v", function, out.Payload, err)
	}
	return answer.Error, answer.Result
}

func TestLeadingKeys_OtherPartitions_AreDenied(t *testing.T) {
	deployStack(t, "partitions")
	for operation, input := range map[string]string{
		"put_item":         `{"TableName":"partitions","Item":{"userId":{"S":"%s"},"id":{"S":"1"}}}`,
		"get_item":         `{"TableName":"partitions","Key":{"userId":{"S":"%s"},"id":{"S":"1"}}}`,
		"query":            `{"TableName":"partitions","KeyConditionExpression":"id > :i AND #u = :u","ExpressionAttributeNames":{"#u":"userId"},"ExpressionAttributeValues":{":u":{"S":"%s"},":i":{"S":"0"}}}`,
		"batch_get_item":   `{"RequestItems":{"partitions":{"Keys":[{"userId":{"S":"ada"},"id":{"S":"1"}},{"userId":{"S":"%s"},"id":{"S":"1"}}]}}}`,
		"batch_write_item": `{"RequestItems":{"partitions":[{"DeleteRequest":{"Key":{"userId":{"S":"%s"},"id":{"S":"2"}}}}]}}`,
		"transact_write_items": `{"TransactItems":[{"Put":{"TableName":"partitions","Item":{"userId":{"S":"ada"},"id":{"S":"3"}}}},` +
			`{"Delete":{"TableName":"partitions","Key":{"userId":{"S":"%s"},"id":{"S":"4"}}}}]}`,
	} {
		if operation != "batch_get_item" { // the same key twice is refused
			if code, _ := callAs(t, "partitions-caller", "dynamodb", operation, fmt.Sprintf(input, "ada")); code != "" {
				t.Errorf("%s in its own partition answered %s", operation, code)
			}
		}
		if code, _ := callAs(t, "partitions-caller", "dynamodb", operation, fmt.Sprintf(input, "grace")); code != "AccessDeniedException" {
			t.Errorf("%s in another partition answered %q", operation, code)
		}
	}
	byEmail := `{"TableName":"partitions","IndexName":"byEmail","KeyConditionExpression":"email = :e","ExpressionAttributeValues":{":e":{"S":"%s@example.com"}}}`
	for user, want := range map[string]string{"ada": "", "grace": "AccessDeniedException"} {
		if code, _ := callAs(t, "partitions-caller", "dynamodb", "query", fmt.Sprintf(byEmail, user)); code != want {
			t.Errorf("a query of the index for %s answered %q", user, code)
		}
	}
	if code, _ := callAs(t, "partitions-caller", "dynamodb", "scan", `{"TableName":"partitions"}`); code != "" {
		t.Errorf("a scan, which names no key and so passes ForAllValues, answered %q", code)
	}
}
