package local_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func (p *namedPool) signUp(t *testing.T, name string) {
	t.Helper()
	if _, err := p.SignUp(t.Context(), &cognito.SignUpInput{
		ClientId: p.client, Username: &name, Password: aws.String(goodPassword),
		UserAttributes: attributes("email", name+"@example.com"),
	}); err != nil {
		t.Fatal(err)
	}
}

func (p *namedPool) signIn(t *testing.T, client *string, name, password string) (*types.AuthenticationResultType, error) {
	t.Helper()
	out, err := p.AdminInitiateAuth(t.Context(), &cognito.AdminInitiateAuthInput{
		UserPoolId: p.id, ClientId: client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password},
	})
	if err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

func (p *namedPool) mustSignIn(t *testing.T, name string) *types.AuthenticationResultType {
	t.Helper()
	result, err := p.signIn(t, p.client, name, goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func (p *namedPool) refresh(t *testing.T, result *types.AuthenticationResultType) error {
	t.Helper()
	_, err := p.InitiateAuth(t.Context(), &cognito.InitiateAuthInput{
		ClientId: p.client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth,
		AuthParameters: map[string]string{"REFRESH_TOKEN": *result.RefreshToken},
	})
	return err
}

func (p *namedPool) get(t *testing.T, name string) *cognito.AdminGetUserOutput {
	t.Helper()
	user, err := p.AdminGetUser(t.Context(), &cognito.AdminGetUserInput{UserPoolId: p.id, Username: &name})
	if err != nil {
		t.Fatal(err)
	}
	return user
}

func TestNamesAreTheSameInAnyCase(t *testing.T) {
	pool := openNamedPool(t)
	sub := pool.create(t, "MixedCase")
	for _, name := range []string{"mixedcase", "MIXEDCASE", sub, "MixedCase@Example.com"} {
		if user := pool.get(t, name); *user.Username != "mixedcase" || attribute(user.UserAttributes, "sub") != sub {
			t.Errorf("%s is %s", name, *user.Username)
		}
	}
	if _, err := pool.signIn(t, pool.client, "mIXEDcASE", goodPassword); err != nil {
		t.Error(err)
	}
	_, err := pool.signIn(t, pool.client, sub, goodPassword)
	requireRefusal(t, err, wrongPassword)
	_, err = pool.AdminCreateUser(t.Context(), &cognito.AdminCreateUserInput{
		UserPoolId: pool.id, Username: aws.String("mixedCASE"), MessageAction: types.MessageActionTypeSuppress,
	})
	requireRefusal(t, err, "UsernameExistsException: User account already exists.")
	_, err = pool.SignUp(t.Context(), &cognito.SignUpInput{ClientId: pool.client, Username: aws.String("mixedCASE"), Password: aws.String(goodPassword)})
	requireRefusal(t, err, "UsernameExistsException: User already exists.")
}

func TestNamesDifferByCaseWhereThePoolSaysSo(t *testing.T) {
	pool := openNamedPool(t)
	pool.id = aws.String(output(t, probeStage(t), "UnpermittedPoolId"))
	pool.create(t, "Sensitive")
	_, err := pool.AdminGetUser(t.Context(), &cognito.AdminGetUserInput{UserPoolId: pool.id, Username: aws.String("sensitive")})
	requireRefusal(t, err, unknownUser)
}

// AWS measured in https://github.com/ministackorg/ministack/pull/1758: the
// answer to an unconfirmed user says nothing about the password.
func TestAnUnconfirmedUserIsToldSoWhateverThePassword(t *testing.T) {
	pool := openNamedPool(t)
	pool.signUp(t, "unconfirmed")
	for _, password := range []string{goodPassword, "Wrong-Horse-7"} {
		_, err := pool.signIn(t, pool.client, "unconfirmed", password)
		requireRefusal(t, err, "UserNotConfirmedException: User is not confirmed.")
	}
}

func TestConfirmingByCodeVerifiesTheAddress(t *testing.T) {
	pool := openNamedPool(t)
	pool.signUp(t, "bycode")
	_, err := pool.ConfirmSignUp(t.Context(), &cognito.ConfirmSignUpInput{ClientId: pool.client, Username: aws.String("ByCode"), ConfirmationCode: aws.String("000000")})
	requireRefusal(t, err, "CodeMismatchException: Invalid verification code provided, please try again.")
	code := aws.String(codeFor(t, probeStage(t), "bycode@example.com"))
	if _, err := pool.ConfirmSignUp(t.Context(), &cognito.ConfirmSignUpInput{ClientId: pool.client, Username: aws.String("ByCode"), ConfirmationCode: code}); err != nil {
		t.Fatal(err)
	}
	if user := pool.get(t, "bycode"); user.UserStatus != types.UserStatusTypeConfirmed || attribute(user.UserAttributes, "email_verified") != "true" {
		t.Errorf("the user is %s with %q", user.UserStatus, attribute(user.UserAttributes, "email_verified"))
	}
	_, err = pool.ConfirmSignUp(t.Context(), &cognito.ConfirmSignUpInput{ClientId: pool.client, Username: aws.String("bycode"), ConfirmationCode: code})
	requireRefusal(t, err, "NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED")
	_, err = pool.ResendConfirmationCode(t.Context(), &cognito.ResendConfirmationCodeInput{ClientId: pool.client, Username: aws.String("bycode")})
	requireRefusal(t, err, "InvalidParameterException: User is already confirmed.")
}

func TestAnAdministratorConfirmsWithoutVerifying(t *testing.T) {
	pool := openNamedPool(t)
	pool.signUp(t, "byadmin")
	confirm := func() error {
		_, err := pool.AdminConfirmSignUp(t.Context(), &cognito.AdminConfirmSignUpInput{UserPoolId: pool.id, Username: aws.String("byadmin")})
		return err
	}
	if err := confirm(); err != nil {
		t.Fatal(err)
	}
	if user := pool.get(t, "byadmin"); user.UserStatus != types.UserStatusTypeConfirmed || attribute(user.UserAttributes, "email_verified") == "true" {
		t.Errorf("the user is %s with %q", user.UserStatus, attribute(user.UserAttributes, "email_verified"))
	}
	requireRefusal(t, confirm(), "NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED")
}

func TestSessionsEndWithTheAccountAndWhenToldTo(t *testing.T) {
	pool := openNamedPool(t)
	for name, c := range map[string]struct {
		end   func(name *string, result *types.AuthenticationResultType) error
		wants string // of a refresh afterwards
	}{
		"signed-out": {func(name *string, _ *types.AuthenticationResultType) error {
			_, err := pool.AdminUserGlobalSignOut(t.Context(), &cognito.AdminUserGlobalSignOutInput{UserPoolId: pool.id, Username: name})
			return err
		}, "NotAuthorizedException: Refresh Token has been revoked"},
		"token-revoked": {func(_ *string, result *types.AuthenticationResultType) error {
			_, err := pool.RevokeToken(t.Context(), &cognito.RevokeTokenInput{ClientId: pool.client, Token: result.RefreshToken})
			return err
		}, "NotAuthorizedException: Refresh Token has been revoked"},
		"switched-off": {func(name *string, _ *types.AuthenticationResultType) error {
			_, err := pool.AdminDisableUser(t.Context(), &cognito.AdminDisableUserInput{UserPoolId: pool.id, Username: name})
			return err
		}, "NotAuthorizedException: User is disabled."},
		"gone": {func(name *string, _ *types.AuthenticationResultType) error {
			_, err := pool.AdminDeleteUser(t.Context(), &cognito.AdminDeleteUserInput{UserPoolId: pool.id, Username: name})
			return err
		}, "NotAuthorizedException: The user has been deleted for the associated refresh token"},
	} {
		t.Run(name, func(t *testing.T) {
			pool.create(t, name)
			result := pool.mustSignIn(t, name)
			if err := pool.refresh(t, result); err != nil {
				t.Fatal(err)
			}
			if err := c.end(&name, result); err != nil {
				t.Fatal(err)
			}
			requireRefusal(t, pool.refresh(t, result), c.wants)
			if _, err := pool.GetUser(t.Context(), &cognito.GetUserInput{AccessToken: result.AccessToken}); err == nil {
				t.Error("the access token still opens the user's own record")
			}
			if name == "signed-out" || name == "token-revoked" {
				if err := pool.refresh(t, pool.mustSignIn(t, name)); err != nil {
					t.Errorf("a sign-in afterwards: %v", err)
				}
			}
		})
	}
}

func TestOnlyARefreshTokenIsRevokedAndByItsClient(t *testing.T) {
	pool := openNamedPool(t)
	pool.create(t, "revoker")
	result := pool.mustSignIn(t, "revoker")
	_, err := pool.RevokeToken(t.Context(), &cognito.RevokeTokenInput{ClientId: pool.client, Token: result.AccessToken})
	if code, _, _ := strings.Cut(refusal(err), ":"); code != "UnsupportedTokenTypeException" {
		t.Errorf("an access token: %v", err)
	}
	_, err = pool.RevokeToken(t.Context(), &cognito.RevokeTokenInput{ClientId: pool.telling, Token: result.RefreshToken})
	if code, _, _ := strings.Cut(refusal(err), ":"); code != "UnauthorizedException" {
		t.Errorf("another client: %v", err)
	}
	if err := pool.refresh(t, result); err != nil {
		t.Errorf("the token was revoked all the same: %v", err)
	}
}

func TestAForgottenPasswordIsResetByTheCode(t *testing.T) {
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

func TestACodeGoesOnlyToWhoMayResetThePassword(t *testing.T) {
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

func TestTheCodeOfADisabledUserIsAWrongOne(t *testing.T) {
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

func TestANewAddressIsUnverifiedUnlessTheAdministratorSaysSo(t *testing.T) {
	pool := openNamedPool(t)
	pool.create(t, "mover")
	update := func(namesAndValues ...string) error {
		_, err := pool.AdminUpdateUserAttributes(t.Context(), &cognito.AdminUpdateUserAttributesInput{
			UserPoolId: pool.id, Username: aws.String("mover"), UserAttributes: attributes(namesAndValues...),
		})
		return err
	}
	requireVerified := func(want string) {
		t.Helper()
		if got := attribute(pool.get(t, "mover").UserAttributes, "email_verified"); got != want {
			t.Errorf("email_verified is %q, want %q", got, want)
		}
	}
	for _, step := range []struct {
		change   []string
		verified string
	}{
		{[]string{"email", "mover@example.com"}, "true"}, // the address it had
		{[]string{"email", "moved@example.com"}, "false"},
		{[]string{"email_verified", "true"}, "true"},
		{[]string{"email", "again@example.com", "email_verified", "true"}, "true"},
	} {
		if err := update(step.change...); err != nil {
			t.Fatal(err)
		}
		requireVerified(step.verified)
	}
	requireRefusal(t, update("sub", "another"), "InvalidParameterException: Cannot modify the non-mutable attribute sub")
	_, err := pool.UpdateUserAttributes(t.Context(), &cognito.UpdateUserAttributesInput{
		AccessToken: pool.mustSignIn(t, "mover").AccessToken, UserAttributes: attributes("email_verified", "true"),
	})
	requireRefusal(t, err, "InvalidParameterException: Cannot modify the non-mutable attribute email_verified")
}

func TestWrongPasswordsLockTheUser(t *testing.T) {
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

func TestCodesAreAskedForAndTriedAFewTimes(t *testing.T) {
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

func TestAdministratorsOperationsAreJudgedOnThePool(t *testing.T) {
	stage, pool := probeStage(t), openNamedPool(t)
	before := time.Now().Add(-time.Millisecond)
	user := map[string]any{"UserPoolId": *pool.id, "Username": "a"}
	for operation, input := range map[string]map[string]any{
		"AdminCreateUser":           user,
		"AdminSetUserPassword":      {"UserPoolId": *pool.id, "Username": "a", "Password": goodPassword},
		"AdminConfirmSignUp":        user,
		"AdminDeleteUser":           user,
		"AdminUserGlobalSignOut":    user,
		"AdminDisableUser":          user,
		"AdminUpdateUserAttributes": {"UserPoolId": *pool.id, "Username": "a", "UserAttributes": []any{}},
	} {
		if code, _ := call(t, "cognito-idp", snakeCase(operation), input); code != "AccessDeniedException" {
			t.Errorf("%s answered %q", operation, code)
		}
		arn := "arn:aws:cognito-idp:eu-west-2:000000000000:userpool/" + *pool.id
		requireJudged(t, stage, probeRole, judged{"cognito-idp:" + operation, arn, "denied"}, before)
	}
}

func snakeCase(operation string) string {
	var words strings.Builder
	for i, r := range operation {
		if i > 0 && r >= 'A' && r <= 'Z' {
			words.WriteByte('_')
		}
		words.WriteRune(r)
	}
	return strings.ToLower(words.String())
}
