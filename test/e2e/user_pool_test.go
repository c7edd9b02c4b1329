package e2e_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/local"
)

// userPoolClient returns the id of the backend's client, which every token contains.
func userPoolClient(t *testing.T) *types.UserPoolClientType {
	t.Helper()
	pool := cognito.NewFromConfig(stage.AWSConfig(local.Region))
	id := poolID(t, pool)
	clients, err := pool.ListUserPoolClients(t.Context(), &cognito.ListUserPoolClientsInput{UserPoolId: id})
	if err != nil {
		t.Fatal(err)
	}
	described, err := pool.DescribeUserPoolClient(t.Context(), &cognito.DescribeUserPoolClientInput{UserPoolId: id, ClientId: clients.UserPoolClients[0].ClientId})
	if err != nil {
		t.Fatal(err)
	}
	return described.UserPoolClient
}

func secretHash(client *types.UserPoolClientType, username string) string {
	mac := hmac.New(sha256.New, []byte(*client.ClientSecret))
	mac.Write([]byte(username + *client.ClientId))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// directCognitoCalls calls every Cognito operation that needs no credentials, with the
// client id from a token. Cognito refuses each call.
func directCognitoCalls(t *testing.T) {
	forgetLimits(t)
	known := newUser(t, "around.known")
	session := known.signIn(t)
	_, refreshToken := tokensOf(session)
	pool := cognito.NewFromConfig(stage.AWSConfig(local.Region), func(o *cognito.Options) { o.Credentials = aws.AnonymousCredentials{} })
	ctx, client, squatter := t.Context(), userPoolClient(t).ClientId, aws.String("around.squatter")
	for name, ask := range map[string]func() error{
		"sign up": func() error {
			_, err := pool.SignUp(ctx, &cognito.SignUpInput{
				ClientId: client, Username: squatter, Password: &known.password,
				UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("eve@example.com")}},
			})
			return err
		},
		"confirm": func() error {
			_, err := pool.ConfirmSignUp(ctx, &cognito.ConfirmSignUpInput{ClientId: client, Username: squatter, ConfirmationCode: aws.String(confirmationCode)})
			return err
		},
		"have a code sent": func() error {
			_, err := pool.ResendConfirmationCode(ctx, &cognito.ResendConfirmationCodeInput{ClientId: client, Username: &known.username})
			return err
		},
		"forget a password": func() error {
			_, err := pool.ForgotPassword(ctx, &cognito.ForgotPasswordInput{ClientId: client, Username: &known.username})
			return err
		},
		"guess its code": func() error {
			_, err := pool.ConfirmForgotPassword(ctx, &cognito.ConfirmForgotPasswordInput{
				ClientId: client, Username: &known.username, ConfirmationCode: aws.String(resetCode), Password: aws.String("Better-horse-2"),
			})
			return err
		},
		"be challenged": func() error {
			_, err := pool.InitiateAuth(ctx, &cognito.InitiateAuthInput{
				ClientId: client, AuthFlow: types.AuthFlowTypeCustomAuth, AuthParameters: map[string]string{"USERNAME": known.username},
			})
			return err
		},
		"renew tokens": func() error {
			_, err := pool.InitiateAuth(ctx, &cognito.InitiateAuthInput{
				ClientId: client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth, AuthParameters: map[string]string{"REFRESH_TOKEN": refreshToken},
			})
			return err
		},
		"renew tokens in the other way": func() error {
			_, err := pool.GetTokensFromRefreshToken(ctx, &cognito.GetTokensFromRefreshTokenInput{ClientId: client, RefreshToken: &refreshToken})
			return err
		},
	} {
		if err := ask(); err == nil || !strings.Contains(err.Error(), "NotAuthorizedException") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	newUser(t, *squatter).signIn(t)
	renewed := call(t, "POST", "/auth/refresh", "", map[string]any{"refreshToken": refreshToken})
	renewed.is(t, http.StatusOK, "", "")
	for _, session := range []answer{session, renewed} {
		token, _ := session.body["accessToken"].(string)
		stolenToken(t, pool, token)
	}
	changedAddress(t, known)
}

// stolenToken calls Cognito directly with a stolen access token.
func stolenToken(t *testing.T, pool *cognito.Client, token string) {
	t.Helper()
	ctx := t.Context()
	for name, use := range map[string]func() error{
		"read what the pool knows": func() error {
			_, err := pool.GetUser(ctx, &cognito.GetUserInput{AccessToken: &token})
			return err
		},
		"change the address": func() error {
			_, err := pool.UpdateUserAttributes(ctx, &cognito.UpdateUserAttributesInput{
				AccessToken: &token, UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("thief@example.com")}},
			})
			return err
		},
		"delete the user": func() error {
			_, err := pool.DeleteUser(ctx, &cognito.DeleteUserInput{AccessToken: &token})
			return err
		},
		"enrol a second factor": func() error {
			_, err := pool.AssociateSoftwareToken(ctx, &cognito.AssociateSoftwareTokenInput{AccessToken: &token})
			return err
		},
		"change the password": func() error {
			_, err := pool.ChangePassword(ctx, &cognito.ChangePasswordInput{
				AccessToken: &token, PreviousPassword: aws.String("Correct-horse-1"), ProposedPassword: aws.String("Better-horse-2"),
			})
			return err
		},
	} {
		if err := use(); err == nil || !strings.Contains(err.Error(), "does not have required scopes") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// changedAddress gives the pool another address than the account has.
func changedAddress(t *testing.T, p person) {
	t.Helper()
	const thief = "thief@example.com"
	pool, address := cognito.NewFromConfig(stage.AWSConfig(local.Region)), types.AttributeType{Name: aws.String("email"), Value: aws.String(thief)}
	if _, err := pool.AdminUpdateUserAttributes(t.Context(), &cognito.AdminUpdateUserAttributesInput{
		UserPoolId: poolID(t, pool), Username: &p.username,
		UserAttributes: []types.AttributeType{address, {Name: aws.String("email_verified"), Value: aws.String("true")}},
	}); err != nil {
		t.Fatal(err)
	}
	call(t, "POST", "/auth/forgot-password", "", map[string]any{"username": p.username}).is(t, http.StatusOK, "", "")
	call(t, "POST", "/auth/forgot-username", "", map[string]any{"email": p.email}).is(t, http.StatusOK, "", "")
	for _, text := range []string{resetCode, "Your username"} {
		if sent := mailsTo(t, thief, text); len(sent) != 0 {
			t.Errorf("%q was sent to the holder of a stolen token", text)
		}
	}
}

// decodableTokens signs in a user whose address has characters that base64url encodes
// differently. The app's decoder reads base64 only.
func decodableTokens(t *testing.T) {
	forgetLimits(t)
	for username, address := range map[string]string{"tilde": "a~~~?b@example.com", "umlaut": "ada@m\u00fcnchen.example"} {
		p := person{username: username, email: address, password: "Correct-horse-1"}
		call(t, "POST", "/auth/register", "", p.form()).is(t, http.StatusOK, "", "")
		call(t, "POST", "/auth/confirm-signup", "", map[string]any{"username": username, "code": confirmationCode}).is(t, http.StatusOK, "", "")
		session := p.signIn(t)
		for _, name := range []string{"accessToken", "idToken"} {
			token, _ := session.body[name].(string)
			payload := strings.Split(token, ".")[1]
			text, err := base64.RawURLEncoding.DecodeString(payload)
			if err != nil || !json.Valid(text) || !regexp.MustCompile(`^[A-Za-z0-9]+$`).MatchString(payload) {
				t.Errorf("the app cannot read the %s of %s: %s", name, address, text)
			}
		}
	}
}
