package local_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// AWS was measured in https://github.com/ministackorg/ministack/pull/1758: the response
// to an unconfirmed user is the same for a right and a wrong password.
func TestSignIn_UnconfirmedUser_SameErrorForAnyPassword(t *testing.T) {
	pool := openNamedPool(t)
	pool.signUp(t, "unconfirmed")
	for _, password := range []string{goodPassword, "Wrong-Horse-7"} {
		_, err := pool.signIn(t, pool.client, "unconfirmed", password)
		requireRefusal(t, err, "UserNotConfirmedException: User is not confirmed.")
	}
}

func TestForgotPassword_Code_ResetsThePassword(t *testing.T) {
	pool := openNamedPool(t)
	pool.create(t, "forgetful")
	reset := func(code, password string) error {
		_, err := pool.ConfirmForgotPassword(t.Context(), &cognito.ConfirmForgotPasswordInput{
			ClientId: pool.client, Username: aws.String("Forgetful"), ConfirmationCode: &code, Password: &password,
		})
		return err
	}
	requireRefusal(t, reset("123456", "Other-Horse-8"), "ExpiredCodeException: Invalid code provided, please request a code again.")
	sent, err := pool.ForgotPassword(t.Context(), &cognito.ForgotPasswordInput{ClientId: pool.client, Username: aws.String("forgetful")})
	if err != nil || *sent.CodeDeliveryDetails.Destination != "f****@e****" {
		t.Fatalf("answered %+v, %v", sent, err)
	}
	code := codeFor(t, probeStage(t), "forgetful@example.com")
	requireRefusal(t, reset("000000", "Other-Horse-8"), "CodeMismatchException: Invalid verification code provided, please try again.")
	if got, _, _ := strings.Cut(refusal(reset(code, "short")), ":"); got != "InvalidPasswordException" {
		t.Errorf("a weak password answered %q", got)
	}
	if err := reset(code, "Other-Horse-8"); err != nil {
		t.Fatal(err)
	}
	requireRefusal(t, reset(code, "Third-Horse-9"), "ExpiredCodeException: Invalid code provided, please request a code again.")
	if _, err := pool.signIn(t, pool.client, "forgetful", "Other-Horse-8"); err != nil {
		t.Error(err)
	}
	requireRefusal(t, reset(code, "Third-Horse-9"), "LimitExceededException: Attempt limit exceeded, please try after some time.")
}

func TestForgotPassword_UnverifiedOrDisabled_SendsNoCode(t *testing.T) {
	pool := openNamedPool(t)
	forgot := func(client *string, name string) (bool, error) {
		before, err := probeStage(t).Mail(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, refused := pool.ForgotPassword(t.Context(), &cognito.ForgotPasswordInput{ClientId: client, Username: &name})
		after, err := probeStage(t).Mail(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(after) > len(before), refused
	}
	pool.signUp(t, "unverified")
	pool.create(t, "barred")
	if _, err := pool.AdminDisableUser(t.Context(), &cognito.AdminDisableUserInput{UserPoolId: pool.id, Username: aws.String("barred")}); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.AdminCreateUser(t.Context(), &cognito.AdminCreateUserInput{
		UserPoolId: pool.id, Username: aws.String("temporary"), MessageAction: types.MessageActionTypeSuppress,
		UserAttributes: attributes("email", "temporary@example.com", "email_verified", "true"),
	}); err != nil {
		t.Fatal(err)
	}
	for name, wants := range map[string]struct{ hiding, telling string }{
		"unverified": {"", "InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number"},
		"barred":     {"", "NotAuthorizedException: User is disabled."},
		"stranger":   {"", "UserNotFoundException: Username/client id combination not found."},
		"temporary":  {"NotAuthorizedException: User password cannot be reset in the current state.", "NotAuthorizedException: User password cannot be reset in the current state."},
	} {
		for client, want := range map[*string]string{pool.client: wants.hiding, pool.telling: wants.telling} {
			sent, err := forgot(client, name)
			requireRefusal(t, err, want)
			if sent {
				t.Errorf("a code was sent to %s", name)
			}
		}
	}
}

func TestConfirmForgotPassword_DisabledUser_CodeMismatches(t *testing.T) {
	pool := openNamedPool(t)
	pool.create(t, "latecomer")
	if _, err := pool.ForgotPassword(t.Context(), &cognito.ForgotPasswordInput{ClientId: pool.client, Username: aws.String("latecomer")}); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.AdminDisableUser(t.Context(), &cognito.AdminDisableUserInput{UserPoolId: pool.id, Username: aws.String("latecomer")}); err != nil {
		t.Fatal(err)
	}
	code := aws.String(codeFor(t, probeStage(t), "latecomer@example.com"))
	for client, want := range map[*string]string{
		pool.client:  "CodeMismatchException: Invalid verification code provided, please try again.",
		pool.telling: "NotAuthorizedException: User is disabled.",
	} {
		_, err := pool.ConfirmForgotPassword(t.Context(), &cognito.ConfirmForgotPasswordInput{
			ClientId: client, Username: aws.String("latecomer"), ConfirmationCode: code, Password: aws.String(goodPassword),
		})
		requireRefusal(t, err, want)
	}
}

func TestSignIn_WrongPasswords_LockTheUser(t *testing.T) {
	pool := openNamedPool(t)
	pool.create(t, "guessed")
	for range 5 {
		_, err := pool.signIn(t, pool.client, "guessed", "Wrong-Horse-7")
		requireRefusal(t, err, wrongPassword)
	}
	_, err := pool.signIn(t, pool.client, "Guessed", goodPassword)
	requireRefusal(t, err, "NotAuthorizedException: Password attempts exceeded")
	eventually(t, "the lock ends after a second", func() bool {
		_, err := pool.signIn(t, pool.client, "guessed", goodPassword)
		return err == nil
	})
	for range 4 { // a success starts the count anew
		_, err := pool.signIn(t, pool.client, "guessed", "Wrong-Horse-7")
		requireRefusal(t, err, wrongPassword)
	}
	pool.mustSignIn(t, "guessed")
}

func TestCodes_RequestsAndTries_AreLimited(t *testing.T) {
	pool := openNamedPool(t)
	pool.signUp(t, "impatient")
	for name, c := range map[string]struct {
		most int
		call func() error
	}{
		"resend": {5, func() error {
			_, err := pool.ResendConfirmationCode(t.Context(), &cognito.ResendConfirmationCodeInput{ClientId: pool.client, Username: aws.String("impatient")})
			return err
		}},
		"confirm": {15, func() error {
			_, err := pool.ConfirmSignUp(t.Context(), &cognito.ConfirmSignUpInput{ClientId: pool.client, Username: aws.String("Impatient"), ConfirmationCode: aws.String("000000")})
			return err
		}},
		"forgot": {5, func() error {
			_, err := pool.ForgotPassword(t.Context(), &cognito.ForgotPasswordInput{ClientId: pool.client, Username: aws.String("impatient")})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for range c.most {
				if got := refusal(c.call()); strings.HasPrefix(got, "LimitExceeded") {
					t.Fatal("the limit came early")
				}
			}
			requireRefusal(t, c.call(), "LimitExceededException: Attempt limit exceeded, please try after some time.")
		})
	}
}
