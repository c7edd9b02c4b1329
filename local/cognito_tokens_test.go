package local_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/local"
)

// A revoked session is known by these claims, so a renewal must not change them.
func TestARenewedTokenNamesTheSessionAndItsBeginning(t *testing.T) {
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
