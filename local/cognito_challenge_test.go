package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/local"
)

// namedPool is the probe's pool of users with names in any case, whose custom
// challenges want the nonce and the stored name of the user for an answer.
type namedPool struct {
	*cognito.Client
	id, client, telling *string
}

func openNamedPool(t *testing.T) *namedPool {
	t.Helper()
	stage := probeStage(t)
	return &namedPool{
		Client: cognito.NewFromConfig(stage.AWSConfig(local.Region)),
		id:     aws.String(output(t, stage, "NamedPoolId")),
		client: aws.String(output(t, stage, "NamedPoolClientId")), telling: aws.String(output(t, stage, "TellingClientId")),
	}
}

const goodPassword = "Correct-Horse-7"

// create makes a confirmed user with a verified address. It returns the user's sub.
func (p *namedPool) create(t *testing.T, name string) (sub string) {
	t.Helper()
	made, err := p.AdminCreateUser(t.Context(), &cognito.AdminCreateUserInput{
		UserPoolId: p.id, Username: &name, MessageAction: types.MessageActionTypeSuppress,
		UserAttributes: attributes("email", strings.ToLower(name)+"@example.com", "email_verified", "true"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.AdminSetUserPassword(t.Context(), &cognito.AdminSetUserPasswordInput{
		UserPoolId: p.id, Username: &name, Password: aws.String(goodPassword), Permanent: true,
	}); err != nil {
		t.Fatal(err)
	}
	return attribute(made.User.Attributes, "sub")
}

func attributes(namesAndValues ...string) (all []types.AttributeType) {
	for i := 0; i < len(namesAndValues); i += 2 {
		all = append(all, types.AttributeType{Name: &namesAndValues[i], Value: &namesAndValues[i+1]})
	}
	return all
}

func attribute(all []types.AttributeType, name string) string {
	for _, a := range all {
		if aws.ToString(a.Name) == name {
			return aws.ToString(a.Value)
		}
	}
	return ""
}

func (p *namedPool) challenge(ctx context.Context, client *string, name string) (*cognito.AdminInitiateAuthOutput, error) {
	return p.AdminInitiateAuth(ctx, &cognito.AdminInitiateAuthInput{
		UserPoolId: p.id, ClientId: client, AuthFlow: types.AuthFlowTypeCustomAuth,
		AuthParameters: map[string]string{"USERNAME": name}, ClientMetadata: map[string]string{"from": "initiate"},
	})
}

func (p *namedPool) answer(ctx context.Context, session *string, name, answer string) (*cognito.AdminRespondToAuthChallengeOutput, error) {
	return p.AdminRespondToAuthChallenge(ctx, &cognito.AdminRespondToAuthChallengeInput{
		UserPoolId: p.id, ClientId: p.client, ChallengeName: types.ChallengeNameTypeCustomChallenge, Session: session,
		ChallengeResponses: map[string]string{"USERNAME": name, "ANSWER": answer}, ClientMetadata: map[string]string{"from": "respond"},
	})
}

// refusal is the code and the message of an error AWS answered, or empty.
func refusal(err error) string {
	var answered smithy.APIError
	if errors.As(err, &answered) {
		return answered.ErrorCode() + ": " + answered.ErrorMessage()
	}
	return ""
}

func requireRefusal(t *testing.T, err error, want string) {
	t.Helper()
	if got := refusal(err); got != want {
		t.Errorf("answered %q (%v), want %q", got, err, want)
	}
}

const (
	wrongPassword  = "NotAuthorizedException: Incorrect username or password."
	unknownUser    = "UserNotFoundException: User does not exist."
	invalidSession = "NotAuthorizedException: Invalid session for the user."
)

func claimsOf(t *testing.T, token *string) jwt.MapClaims {
	t.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(aws.ToString(token), claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestAnAnsweredChallengeGivesTheUsersTokens(t *testing.T) {
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

// What AWS sends to each trigger, from
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html
func TestTriggersGetWhatAWSSends(t *testing.T) {
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

func TestASessionIsForOneAnswerOfItsUser(t *testing.T) {
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

func TestOfTwoAnswersAtOnceOneCounts(t *testing.T) {
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

func TestAnUnknownUserIsChallengedButNeverSignedIn(t *testing.T) {
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

func TestOnlyAUserWhoMaySignInIsChallenged(t *testing.T) {
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
	requireRefusal(t, err, unknownUser) // a sub signs nobody in
	if _, err := pool.AdminDisableUser(t.Context(), &cognito.AdminDisableUserInput{UserPoolId: pool.id, Username: aws.String("disabled")}); err != nil {
		t.Fatal(err)
	}
	_, err = pool.challenge(t.Context(), pool.client, "disabled")
	requireRefusal(t, err, "NotAuthorizedException: User is disabled.")
}

func TestATriggerThatFailsEndsTheSignIn(t *testing.T) {
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

func TestATriggerWithoutPermissionIsNotInvoked(t *testing.T) {
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

func TestChallengesAreJudgedOnThePool(t *testing.T) {
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
