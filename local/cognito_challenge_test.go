package local_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func TestCustomChallenge_CorrectAnswer_IssuesTokens(t *testing.T) {
	pool := openNamedPool(t)
	sub := pool.create(t, "Challenged")
	opened, err := pool.challenge(t.Context(), pool.client, "CHALLENGED")
	if err != nil {
		t.Fatal(err)
	}
	done, err := pool.answer(t.Context(), opened.Session, "Challenged", opened.ChallengeParameters["nonce"]+":challenged")
	if err != nil {
		t.Fatal(err)
	}
	if done.AuthenticationResult == nil {
		t.Fatalf("another challenge follows: %+v", done)
	}
	claims := claimsOf(t, done.AuthenticationResult.AccessToken)
	if claims["sub"] != sub || claims["username"] != "challenged" || claims["client_id"] != *pool.client || claims["token_use"] != "access" {
		t.Errorf("the access token says %v", claims)
	}
	refreshed, err := pool.InitiateAuth(t.Context(), &cognito.InitiateAuthInput{
		ClientId: pool.client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth,
		AuthParameters: map[string]string{"REFRESH_TOKEN": *done.AuthenticationResult.RefreshToken},
	})
	if err != nil {
		t.Fatal(err)
	}
	again := claimsOf(t, refreshed.AuthenticationResult.AccessToken)
	if again["origin_jti"] == nil || again["origin_jti"] != claims["origin_jti"] || again["jti"] == claims["jti"] {
		t.Errorf("the renewed token says %v, the first said %v", again, claims)
	}
}

func TestChallengeSession_ReplayedOrOtherUser_IsRefused(t *testing.T) {
	pool := openNamedPool(t)
	pool.create(t, "holder")
	pool.create(t, "thief")
	open := func() (session *string, right string) {
		opened, err := pool.challenge(t.Context(), pool.client, "holder")
		if err != nil {
			t.Fatal(err)
		}
		return opened.Session, opened.ChallengeParameters["nonce"] + ":holder"
	}

	session, right := open()
	_, err := pool.answer(t.Context(), session, "thief", right)
	requireRefusal(t, err, invalidSession)
	_, err = pool.answer(t.Context(), session, "", right)
	requireRefusal(t, err, "InvalidParameterException: Missing required parameter USERNAME")
	if _, err = pool.answer(t.Context(), session, "holder", right); err != nil {
		t.Errorf("the right answer after another user's was refused: %v", err)
	}
	_, err = pool.answer(t.Context(), session, "holder", right)
	requireRefusal(t, err, invalidSession)
	_, err = pool.answer(t.Context(), aws.String(strings.Repeat("x", 40)), "holder", right)
	requireRefusal(t, err, invalidSession)

	session, _ = open()
	second, err := pool.answer(t.Context(), session, "holder", "wrong") // the triggers allow two answers
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(second.Session) == *session {
		t.Error("the second challenge has the session of the first")
	}
	_, err = pool.answer(t.Context(), session, "holder", second.ChallengeParameters["nonce"]+":holder")
	requireRefusal(t, err, invalidSession)
	_, err = pool.answer(t.Context(), second.Session, "holder", "wrong")
	requireRefusal(t, err, "NotAuthorizedException: Incorrect username or password")
}

func TestChallengeSession_ConcurrentAnswers_AcceptsOne(t *testing.T) {
	pool := openNamedPool(t)
	pool.create(t, "hurried")
	opened, err := pool.challenge(t.Context(), pool.client, "hurried")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	refusals := make([]string, 4)
	for i := range refusals {
		group.Go(func() {
			_, err := pool.answer(t.Context(), opened.Session, "hurried", opened.ChallengeParameters["nonce"]+":hurried")
			refusals[i] = refusal(err)
		})
	}
	group.Wait()
	accepted := 0
	for _, got := range refusals {
		if got == "" {
			accepted++
		} else if got != invalidSession {
			t.Errorf("answered %q", got)
		}
	}
	if accepted != 1 {
		t.Errorf("%d answers were accepted", accepted)
	}
}

func TestCustomChallenge_UnknownUser_NeverSignsIn(t *testing.T) {
	pool := openNamedPool(t)
	opened, err := pool.challenge(t.Context(), pool.client, "nobody")
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.answer(t.Context(), opened.Session, "nobody", opened.ChallengeParameters["nonce"]+":nobody")
	requireRefusal(t, err, "NotAuthorizedException: Incorrect username or password")
	for _, e := range eventsOf(t, "nobody") {
		if e.Request["userNotFound"] != true || e.attribute("sub") != "" {
			t.Errorf("the trigger got %+v", e)
		}
	}
	_, err = pool.challenge(t.Context(), pool.telling, "nobody")
	requireRefusal(t, err, unknownUser)
}

func TestCustomChallenge_UnconfirmedOrDisabled_IsRefused(t *testing.T) {
	pool := openNamedPool(t)
	if _, err := pool.SignUp(t.Context(), &cognito.SignUpInput{
		ClientId: pool.client, Username: aws.String("waiting"), Password: aws.String(goodPassword),
		UserAttributes: attributes("email", "waiting@example.com"),
	}); err != nil {
		t.Fatal(err)
	}
	_, err := pool.challenge(t.Context(), pool.client, "waiting")
	requireRefusal(t, err, "UserNotConfirmedException: User is not confirmed.")

	sub := pool.create(t, "disabled")
	_, err = pool.challenge(t.Context(), pool.telling, sub)
	requireRefusal(t, err, unknownUser) // a sub is no username
	if _, err := pool.AdminDisableUser(t.Context(), &cognito.AdminDisableUserInput{UserPoolId: pool.id, Username: aws.String("disabled")}); err != nil {
		t.Fatal(err)
	}
	_, err = pool.challenge(t.Context(), pool.client, "disabled")
	requireRefusal(t, err, "NotAuthorizedException: User is disabled.")
}

func TestChallenges_AreAuthorizedOnThePool(t *testing.T) {
	stage := probeStage(t)
	before := time.Now().Add(-time.Millisecond)
	pool := openNamedPool(t)
	arn := "arn:aws:cognito-idp:eu-west-2:000000000000:userpool/" + *pool.id
	code, _ := call(t, "cognito-idp", "admin_initiate_auth", map[string]any{
		"UserPoolId": *pool.id, "ClientId": *pool.client, "AuthFlow": "CUSTOM_AUTH", "AuthParameters": map[string]any{"USERNAME": "a"},
	})
	if code != "AccessDeniedException" {
		t.Errorf("initiating answered %q", code)
	}
	requireJudged(t, stage, probeRole, judged{"cognito-idp:AdminInitiateAuth", arn, "denied"}, before)
	code, _ = call(t, "cognito-idp", "admin_respond_to_auth_challenge", map[string]any{
		"UserPoolId": *pool.id, "ClientId": *pool.client, "ChallengeName": "CUSTOM_CHALLENGE", "Session": strings.Repeat("x", 40),
	})
	if code != "AccessDeniedException" {
		t.Errorf("responding answered %q", code)
	}
	requireJudged(t, stage, probeRole, judged{"cognito-idp:AdminRespondToAuthChallenge", arn, "denied"}, before)
}
