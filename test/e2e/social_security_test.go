package e2e_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/local"
)

func (p provider) forgedTokens(t *testing.T) {
	field := map[string]string{"apple": "identityToken", "google": "idToken"}[p.name]
	for name, claims := range map[string]map[string]any{
		"another app":    {"aud": "com.example.other"},
		"another issuer": {"iss": "https://id.example.com"},
		"expired":        {"exp": 1_700_000_000},
		"nobody":         {"sub": ""},
	} {
		got := call(t, "POST", p.path, "", p.proof(t, "006.forged", claims))
		if got.status != http.StatusBadRequest || got.body["error"] != "NotAuthorizedException" {
			t.Errorf("%s: answered %d %s", name, got.status, got.text)
		}
	}
	good := p.proof(t, "006.forged", nil)
	token, _ := good[field].(string)
	for name, forged := range forgeries(t, p, token) {
		good[field] = forged
		got := call(t, "POST", p.path, "", good)
		if got.status != http.StatusBadRequest {
			t.Errorf("%s: answered %d %s", name, got.status, got.text)
		}
	}
}

// revokedAtApple deletes an account while Apple is down.
func revokedAtApple(t *testing.T) {
	forgetLimits(t)
	p := providers[0]
	session, user := p.signIn(t, p.proof(t, "009.leaving", nil))
	userID, _ := user["id"].(string)
	var before, after []string
	callFakes(t, "GET", "/-/apple/revoked", nil, &before)
	callFakes(t, "PUT", "/-/faults/apple?fault=500", nil, nil)
	defer callFakes(t, "PUT", "/-/faults/apple?fault=", nil, nil)
	call(t, "DELETE", "/auth/delete-account", accessToken(session), nil).is(t, http.StatusOK, "", "")
	if got, _ := send(t, "GET", "/profile", accessToken(session), nil); got.status != http.StatusUnauthorized {
		t.Errorf("while Apple is down, the token of a deleted account answered %d", got.status)
	}
	callFakes(t, "PUT", "/-/faults/apple?fault=", nil, nil)
	runSchedule(t, physicalName(t, "auth-delete-account"))
	callFakes(t, "GET", "/-/apple/revoked", nil, &after)
	if len(after) != len(before)+1 || !strings.HasPrefix(after[len(after)-1], "r") {
		t.Errorf("%d authorizations were revoked at Apple", len(after)-len(before))
	}
	for place, text := range everythingStored(t) {
		if strings.Contains(text, userID) && !slices.Contains([]string{"AccountDeletions", "RateLimits", "RevokedTokens"}, place) {
			t.Errorf("%s still holds the user's id", place)
		}
	}
}

// strangersChallenge calls Cognito directly as an attacker who has the secret of the
// backend's client.
func strangersChallenge(t *testing.T) {
	known := newUser(t, "targeted")
	pool := cognito.NewFromConfig(stage.AWSConfig(local.Region))
	client := userPoolClient(t)
	for _, username := range []string{known.username, "nobody.at.all"} {
		for name, answer := range map[string]string{"nothing": "x", "a token of no key": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ0YXJnZXRlZCJ9."} {
			asked, err := pool.InitiateAuth(t.Context(), &cognito.InitiateAuthInput{
				ClientId: client.ClientId, AuthFlow: cognitotypes.AuthFlowTypeCustomAuth,
				AuthParameters: map[string]string{"USERNAME": username, "SECRET_HASH": secretHash(client, username)},
			})
			if err != nil {
				t.Fatalf("%s is not challenged: %v", username, err)
			}
			answered, err := pool.RespondToAuthChallenge(t.Context(), &cognito.RespondToAuthChallengeInput{
				ClientId: client.ClientId, ChallengeName: cognitotypes.ChallengeNameTypeCustomChallenge, Session: asked.Session,
				ChallengeResponses: map[string]string{"USERNAME": username, "SECRET_HASH": secretHash(client, username), "ANSWER": answer},
			})
			if err == nil || !strings.Contains(err.Error(), "NotAuthorizedException") {
				t.Errorf("%s with %s: answered %+v, %v", username, name, answered, err)
			}
		}
	}
}

// rotatedSecret signs in right after the secret of the tickets was rotated. The warm
// execution environments still have the old secret.
func rotatedSecret(t *testing.T) {
	forgetLimits(t)
	vault, id := secretsmanager.NewFromConfig(stage.AWSConfig(local.Region)), aws.String("expenzez/local/jwt")
	read := func() string {
		got, err := vault.GetSecretValue(context.Background(), &secretsmanager.GetSecretValueInput{SecretId: id})
		if err != nil {
			t.Fatal(err)
		}
		return aws.ToString(got.SecretString)
	}
	p := providers[1]
	before := read()
	if _, err := vault.RotateSecret(t.Context(), &secretsmanager.RotateSecretInput{SecretId: id}); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the secret is rotated", func() bool { return read() != before })
	p.signIn(t, p.proof(t, "010.rotated", nil))
}
