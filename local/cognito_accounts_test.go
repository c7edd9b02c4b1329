package local_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func TestUsernames_CaseInsensitivePool_MatchInAnyCase(t *testing.T) {
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

func TestUsernames_CaseSensitivePool_DifferByCase(t *testing.T) {
	pool := openNamedPool(t)
	pool.id = aws.String(output(t, probeStage(t), "UnpermittedPoolId"))
	pool.create(t, "Sensitive")
	_, err := pool.AdminGetUser(t.Context(), &cognito.AdminGetUserInput{UserPoolId: pool.id, Username: aws.String("sensitive")})
	requireRefusal(t, err, unknownUser)
}

func TestConfirmSignUp_VerifiesEmail(t *testing.T) {
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

func TestAdminConfirmSignUp_LeavesEmailUnverified(t *testing.T) {
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

func TestRefreshToken_AccountChangedOrSignedOut_IsRefused(t *testing.T) {
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

func TestRevokeToken_OtherTokenOrClient_IsRefused(t *testing.T) {
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

func TestUpdateUserAttributes_NewEmail_IsUnverified(t *testing.T) {
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

func TestAdminOperations_AreAuthorizedOnThePool(t *testing.T) {
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

func TestListUsers_StatusFilter_ListsThatStatusOnly(t *testing.T) {
	pool := openNamedPool(t)
	pool.signUp(t, "unconfirmedyet")
	pool.create(t, "ConfirmedAlready")
	out, err := pool.ListUsers(t.Context(), &cognito.ListUsersInput{UserPoolId: pool.id, Filter: aws.String(`cognito:user_status = "UNCONFIRMED"`)})
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, user := range out.Users {
		found = found || *user.Username == "unconfirmedyet"
		if user.UserStatus != types.UserStatusTypeUnconfirmed {
			t.Errorf("%s is %s", *user.Username, user.UserStatus)
		}
	}
	if !found {
		t.Error("the unconfirmed user is not listed")
	}
}
