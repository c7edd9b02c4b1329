package local_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/local"
)

// As on AWS, IAM does not authorize the unsigned operations that an app calls. It does
// authorize the Admin operations.
func TestUnsignedCognitoOperations_NeedNoPermission(t *testing.T) {
	stage := probeStage(t)
	before := time.Now().Add(-time.Millisecond)
	client := cognito.NewFromConfig(stage.AWSConfig(local.Region))
	ctx, id := t.Context(), aws.String(output(t, stage, "PoolClientId"))
	user, password := aws.String("grace@example.com"), aws.String("Correct-Horse-7")

	if _, err := client.SignUp(ctx, &cognito.SignUpInput{ClientId: id, Username: user, Password: password}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ResendConfirmationCode(ctx, &cognito.ResendConfirmationCodeInput{ClientId: id, Username: user}); err != nil {
		t.Fatal(err)
	}
	confirm := &cognito.ConfirmSignUpInput{ClientId: id, Username: user, ConfirmationCode: aws.String(codeFor(t, stage, *user))}
	if _, err := client.ConfirmSignUp(ctx, confirm); err != nil {
		t.Fatal(err)
	}
	login, err := client.InitiateAuth(ctx, &cognito.InitiateAuthInput{
		ClientId: id, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": *user, "PASSWORD": *password},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.GetUser(ctx, &cognito.GetUserInput{AccessToken: login.AuthenticationResult.AccessToken}); err != nil {
		t.Fatal(err)
	}
	for _, operation := range []string{"SignUp", "ResendConfirmationCode", "ConfirmSignUp", "InitiateAuth", "GetUser"} {
		requireJudged(t, stage, "anonymous", judged{"cognito-idp:" + operation, "*", "allowed"}, before)
	}

	pool := output(t, stage, "PoolId")
	code, _ := call(t, "cognito-idp", "admin_get_user", map[string]any{"UserPoolId": pool, "Username": *user})
	if code != "AccessDeniedException" {
		t.Errorf("an administrator's operation answered a role without rights with %q", code)
	}
	requireJudged(t, stage, probeRole, judged{
		"cognito-idp:AdminGetUser", "arn:aws:cognito-idp:eu-west-2:000000000000:userpool/" + pool, "denied",
	}, before)
}

// codeFor finds the confirmation code in the mail to a user.
func codeFor(t *testing.T, stage *local.Stage, user string) string {
	t.Helper()
	messages, err := stage.Mail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if len(m.To) == 1 && m.To[0] == user {
			words := strings.FieldsFunc(m.Text+m.HTML, func(r rune) bool { return r < '0' || r > '9' })
			if len(words) > 0 {
				return words[0]
			}
		}
	}
	t.Fatalf("no code was sent to %s: %+v", user, messages)
	return ""
}
