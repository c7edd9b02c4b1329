package pretokengeneration

import (
	"encoding/json"
	"strings"
	"testing"
)

// What AWS sends, shortened.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
const sent = `{
	"version": "2", "triggerSource": "TokenGeneration_Authentication", "region": "eu-west-2", "userPoolId": "eu-west-2_example", "userName": "ada",
	"callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "client"},
	"request": {
		"userAttributes": {"sub": "1"}, "scopes": ["aws.cognito.signin.user.admin"],
		"groupConfiguration": {"groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": null}
	},
	"response": {"claimsAndScopeOverrideDetails": null}
}`

func TestSuppressScope_RemovesCognitoScope(t *testing.T) {
	var event tokenEvent
	if err := json.Unmarshal([]byte(sent), &event); err != nil {
		t.Fatal(err)
	}
	answer, err := scope{}.SuppressScope(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]json.RawMessage
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	// Cognito refuses what it cannot make sense of, so nothing else is in the answer.
	const want = `{"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"scopesToSuppress":["aws.cognito.signin.user.admin"]}}}`
	if string(got["response"]) != want {
		t.Errorf("answered %s", got["response"])
	}
	for key, kept := range map[string]string{"userName": `"ada"`, "version": `"2"`, "request": `"preferredRole":null`} {
		if !strings.Contains(string(got[key]), kept) {
			t.Errorf("%s is %s", key, got[key])
		}
	}
}
