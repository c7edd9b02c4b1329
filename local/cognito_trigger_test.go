package local_test

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// AWS documents the event of each trigger in
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html
func TestChallengeTriggers_ReceiveAWSEvents(t *testing.T) {
	pool := openNamedPool(t)
	sub := pool.create(t, "Observed")
	opened, err := pool.challenge(t.Context(), pool.client, "OBSERVED")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.answer(t.Context(), opened.Session, "observed", opened.ChallengeParameters["nonce"]+":observed"); err != nil {
		t.Fatal(err)
	}
	events := eventsOf(t, "observed")
	if len(events) != 4 {
		t.Fatalf("the triggers got %d events: %+v", len(events), events)
	}
	for i, want := range []struct {
		trigger  string
		metadata string
		keys     []string
	}{
		{"DefineAuthChallenge_Authentication", "", []string{"session", "userAttributes", "userNotFound"}},
		{"CreateAuthChallenge_Authentication", "", []string{"challengeName", "session", "userAttributes", "userNotFound"}},
		{"VerifyAuthChallengeResponse_Authentication", "respond", []string{"challengeAnswer", "clientMetadata", "privateChallengeParameters", "userAttributes", "userNotFound"}},
		{"DefineAuthChallenge_Authentication", "respond", []string{"clientMetadata", "session", "userAttributes", "userNotFound"}},
	} {
		e := events[i]
		if e.TriggerSource != want.trigger || e.CallerContext.ClientID != *pool.client || e.UserPoolID != *pool.id {
			t.Errorf("event %d is %+v, want %s", i, e, want.trigger)
		}
		if e.attribute("sub") != sub || e.attribute("cognito:user_status") != "CONFIRMED" || e.Request["userNotFound"] != false {
			t.Errorf("event %d is about %+v", i, e.Request)
		}
		metadata, _ := e.Request["clientMetadata"].(map[string]any)
		if from, _ := metadata["from"].(string); from != want.metadata || !equalKeys(e.Request, want.keys) {
			t.Errorf("event %d has %+v, want the keys %v", i, e.Request, want.keys)
		}
	}
	if nonce := events[2].Request["privateChallengeParameters"].(map[string]any)["nonce"]; nonce != opened.ChallengeParameters["nonce"] {
		t.Errorf("the verifying trigger got the nonce %v", nonce)
	}
}

type triggerEvent struct {
	TriggerSource, UserName string
	UserPoolID              string `json:"userPoolId"`
	CallerContext           struct {
		ClientID string `json:"clientId"`
	}
	Request map[string]any
}

func (e triggerEvent) attribute(name string) string {
	all, _ := e.Request["userAttributes"].(map[string]any)
	value, _ := all[name].(string)
	return value
}

func equalKeys(got map[string]any, want []string) bool {
	for _, key := range want {
		if _, ok := got[key]; !ok {
			return false
		}
	}
	return len(got) == len(want)
}

// eventsOf are the events that the triggers got about a user, the oldest first.
func eventsOf(t *testing.T, user string) (events []triggerEvent) {
	t.Helper()
	lines, err := probeStage(t).Logs(t.Context(), "/aws/lambda/challenge")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		var logged struct{ Event triggerEvent }
		if json.Unmarshal([]byte(line.Message), &logged) == nil && logged.Event.UserName == user {
			events = append(events, logged.Event)
		}
	}
	return events
}

func TestChallengeTriggers_Failure_EndsTheSignIn(t *testing.T) {
	pool := openNamedPool(t)
	pool.create(t, "unlucky")
	for answer, want := range map[string]string{
		"crash":    "UserLambdaValidationException: VerifyAuthChallengeResponse failed with error told to.",
		"nonsense": "InvalidLambdaResponseException: Unrecognizable lambda output",
	} {
		opened, err := pool.challenge(t.Context(), pool.client, "unlucky")
		if err != nil {
			t.Fatal(err)
		}
		_, err = pool.answer(t.Context(), opened.Session, "unlucky", answer)
		requireRefusal(t, err, want)
		_, err = pool.answer(t.Context(), opened.Session, "unlucky", opened.ChallengeParameters["nonce"]+":unlucky")
		requireRefusal(t, err, invalidSession)
	}
}

func TestChallengeTriggers_WithoutPermission_AreNotInvoked(t *testing.T) {
	stage := probeStage(t)
	pool := openNamedPool(t)
	pool.id = aws.String(output(t, stage, "UnpermittedPoolId"))
	pool.create(t, "unpermitted")
	_, err := pool.challenge(t.Context(), aws.String(output(t, stage, "UnpermittedPoolClientId")), "unpermitted")
	requireRefusal(t, err, "UnexpectedLambdaException: DefineAuthChallenge invocation failed due to error AccessDeniedException.")
	if got := eventsOf(t, "unpermitted"); len(got) != 0 {
		t.Errorf("the trigger got %+v", got)
	}
}

// withPassword signs the user in with the password that create gave them.
func (p *namedPool) withPassword(t *testing.T, name string) (*types.AuthenticationResultType, error) {
	t.Helper()
	out, err := p.AdminInitiateAuth(t.Context(), &cognito.AdminInitiateAuthInput{
		UserPoolId: p.id, ClientId: p.client, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": goodPassword},
	})
	if err != nil {
		return nil, err
	}
	return out.AuthenticationResult, nil
}

func TestGetUser_TokenWithoutScope_IsRefused(t *testing.T) {
	stage := probeStage(t)
	pool := openNamedPool(t)
	pool.id, pool.client = aws.String(output(t, stage, "NarrowPoolId")), aws.String(output(t, stage, "NarrowPoolClientId"))
	pool.create(t, "narrow")
	issued, err := pool.withPassword(t, "narrow")
	if err != nil {
		t.Fatal(err)
	}
	renewed, err := pool.GetTokensFromRefreshToken(t.Context(), &cognito.GetTokensFromRefreshTokenInput{ClientId: pool.client, RefreshToken: issued.RefreshToken})
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []*string{issued.AccessToken, renewed.AuthenticationResult.AccessToken} {
		_, err = pool.GetUser(t.Context(), &cognito.GetUserInput{AccessToken: token})
		requireRefusal(t, err, "NotAuthorizedException: Access Token does not have required scopes")
	}
}

func TestTokenTrigger_FailsOrLacksPermission_NoTokensAreIssued(t *testing.T) {
	stage := probeStage(t)
	for outputs, want := range map[string]string{
		"Narrow":      "UserLambdaValidationException: PreTokenGeneration failed with error told to.",
		"Unpermitted": "UnexpectedLambdaException: PreTokenGeneration invocation failed due to error AccessDeniedException.",
	} {
		pool := openNamedPool(t)
		pool.id, pool.client = aws.String(output(t, stage, outputs+"PoolId")), aws.String(output(t, stage, outputs+"PoolClientId"))
		pool.create(t, "crash") // the trigger fails for this name
		_, err := pool.withPassword(t, "crash")
		requireRefusal(t, err, want)
	}
}
