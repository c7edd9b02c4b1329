package local_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/local"
)

// The backend identifies a revoked session by these claims, so a refresh must keep them.
func TestRefreshedToken_KeepsSessionAndAuthTime(t *testing.T) {
	stage := probeStage(t)
	client := cognito.NewFromConfig(stage.AWSConfig(local.Region))
	ctx, id := t.Context(), aws.String(output(t, stage, "PoolClientId"))
	user, password := aws.String("hopper@example.com"), aws.String("Correct-Horse-7")
	if _, err := client.SignUp(ctx, &cognito.SignUpInput{ClientId: id, Username: user, Password: password}); err != nil {
		t.Fatal(err)
	}
	confirm := &cognito.ConfirmSignUpInput{ClientId: id, Username: user, ConfirmationCode: aws.String(codeFor(t, stage, *user))}
	if _, err := client.ConfirmSignUp(ctx, confirm); err != nil {
		t.Fatal(err)
	}
	exchange := func(flow types.AuthFlowType, parameters map[string]string) (*types.AuthenticationResultType, jwt.MapClaims) {
		t.Helper()
		out, err := client.InitiateAuth(ctx, &cognito.InitiateAuthInput{ClientId: id, AuthFlow: flow, AuthParameters: parameters})
		if err != nil {
			t.Fatal(err)
		}
		claims := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(*out.AuthenticationResult.AccessToken, claims); err != nil {
			t.Fatal(err)
		}
		return out.AuthenticationResult, claims
	}
	credentials := map[string]string{"USERNAME": *user, "PASSWORD": *password}
	issued, first := exchange(types.AuthFlowTypeUserPasswordAuth, credentials)
	time.Sleep(1100 * time.Millisecond) // times are in whole seconds
	_, renewed := exchange(types.AuthFlowTypeRefreshTokenAuth, map[string]string{"REFRESH_TOKEN": *issued.RefreshToken})
	_, other := exchange(types.AuthFlowTypeUserPasswordAuth, credentials)

	for _, claim := range []string{"sub", "origin_jti", "auth_time"} {
		if first[claim] == nil || renewed[claim] != first[claim] {
			t.Errorf("%s was %v and is %v", claim, first[claim], renewed[claim])
		}
	}
	if renewed["iat"] == first["iat"] || renewed["jti"] == first["jti"] {
		t.Error("the token was not renewed")
	}
	if other["origin_jti"] == first["origin_jti"] || other["auth_time"] == first["auth_time"] {
		t.Error("a second sign-in goes on with the session of the first")
	}
}

// A client id is public, so Cognito must ask for the secret of a client that has one.
func TestClientSecret_MissingOrWrong_IsRefused(t *testing.T) {
	stage, ctx := probeStage(t), t.Context()
	client := cognito.NewFromConfig(stage.AWSConfig(local.Region))
	poolID := aws.String(output(t, stage, "NamedPoolId"))
	made, err := client.CreateUserPoolClient(ctx, &cognito.CreateUserPoolClientInput{
		UserPoolId: poolID, ClientName: aws.String("confidential"), GenerateSecret: true, ReadAttributes: []string{"email_verified"},
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth},
	})
	if err != nil {
		t.Fatal(err)
	}
	openNamedPool(t).create(t, "confidant")
	id, secret := made.UserPoolClient.ClientId, *made.UserPoolClient.ClientSecret
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("confidant" + *id))
	issued, err := client.AdminInitiateAuth(ctx, &cognito.AdminInitiateAuthInput{
		UserPoolId: poolID, ClientId: id, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth, AuthParameters: map[string]string{
			"USERNAME": "confidant", "PASSWORD": goodPassword, "SECRET_HASH": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	refresh := issued.AuthenticationResult.RefreshToken
	for name, given := range map[string]*string{"no secret": nil, "another": aws.String("guess"), "the secret": &secret} {
		renewed, err := client.GetTokensFromRefreshToken(ctx, &cognito.GetTokensFromRefreshTokenInput{ClientId: id, ClientSecret: given, RefreshToken: refresh})
		if given != &secret {
			requireRefusal(t, err, "NotAuthorizedException: Unable to verify the client secret.")
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if id := claimsOf(t, renewed.AuthenticationResult.IdToken); id["email_verified"] != true || id["email"] != nil {
			t.Errorf("of what the client reads, and does not, the ID token tells %v", id)
		}
		was, is := claimsOf(t, issued.AuthenticationResult.AccessToken), claimsOf(t, renewed.AuthenticationResult.AccessToken)
		if was["origin_jti"] != is["origin_jti"] || was["jti"] == is["jti"] {
			t.Errorf("renewed %v to %v", was, is)
		}
	}
	_, err = client.SignUp(ctx, &cognito.SignUpInput{ClientId: id, Username: aws.String("squatter"), Password: aws.String(goodPassword)})
	requireRefusal(t, err, "NotAuthorizedException: Client "+*id+" is configured with secret but SECRET_HASH was not received")
	_, err = client.InitiateAuth(ctx, &cognito.InitiateAuthInput{
		ClientId: id, AuthFlow: types.AuthFlowTypeRefreshTokenAuth, AuthParameters: map[string]string{"REFRESH_TOKEN": *refresh},
	})
	requireRefusal(t, err, "NotAuthorizedException: Client "+*id+" is configured with secret but SECRET_HASH was not received")
}
