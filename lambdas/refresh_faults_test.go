package lambdas_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/lambdas/auth"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// faulty answers some calls of AWS itself, and passes the others on.
type faulty struct {
	next  aws.HTTPClient
	fault func(target string, attempt int) *http.Response

	mu       sync.Mutex
	attempts map[string]int
}

func (f *faulty) Do(request *http.Request) (*http.Response, error) {
	target := request.Header.Get("X-Amz-Target")
	f.mu.Lock()
	f.attempts[target]++
	attempt := f.attempts[target]
	f.mu.Unlock()
	if response := f.fault(target, attempt); response != nil {
		return response, nil
	}
	return f.next.Do(request)
}

func refusal(status int, code string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(strings.NewReader(`{"__type":"` + code + `"}`)),
	}
}

func throttledTables(target string, _ int) *http.Response {
	if strings.HasPrefix(target, "DynamoDB_") {
		return refusal(http.StatusBadRequest, "ProvisionedThroughputExceededException")
	}
	return nil
}

func slowKMS(target string, _ int) *http.Response {
	if strings.HasPrefix(target, "TrentService.") {
		time.Sleep(2 * time.Second)
	}
	return nil
}

func throttledAtFirst(target string, attempt int) *http.Response {
	if attempt <= 5 && strings.HasPrefix(target, "AWSCognitoIdentityProviderService.") {
		return refusal(http.StatusBadRequest, "TooManyRequestsException")
	}
	return nil
}

func secretsDownAtFirst(target string, attempt int) *http.Response {
	if attempt <= 5 && strings.HasPrefix(target, "secretsmanager.") {
		return refusal(http.StatusInternalServerError, "InternalServiceError")
	}
	return nil
}

func sound(string, int) *http.Response { return nil }

// The installed app signs its user out at any answer but 200, and sends up to 13
// requests at once before it does.
func TestRefresh_BehindFaults_FifteenAtOnceAreServed(t *testing.T) {
	config, variables := newEngine(t)
	addPool(t, config, variables)
	addAda(t, config, variables)
	without := func(table *tables.Table) map[string]string {
		changed := map[string]string{}
		for name, value := range variables {
			changed[name] = value
		}
		changed[table.Variable()] = "no-such-table"
		return changed
	}
	for _, tc := range []struct {
		name      string
		fault     func(string, int) *http.Response
		variables map[string]string
		unread    bool // the account cannot be read: the user is what the token tells
		before    int  // requests of the session before the fault
	}{
		{"none", sound, variables, false, 0},
		{"none, in its lane", sound, variables, false, 1},
		{"DynamoDB throttled", throttledTables, variables, true, 1},
		{"DynamoDB throttled, a new session", throttledTables, variables, true, 0},
		{"KMS slow", slowKMS, variables, false, 1},
		{"KMS slow, a new session", slowKMS, variables, false, 0},
		{"limiter table missing", sound, without(tables.RateLimits), false, 1},
		{"revocation list missing", sound, without(tables.RevokedTokens), false, 1},
		{"log of events missing", sound, without(tables.SecurityEvents), false, 1},
		{"accounts missing", sound, without(tables.Users), true, 1},
		{"Cognito throttles at first", throttledAtFirst, variables, false, 1},
		{"Secrets Manager fails at first", secretsDownAtFirst, variables, false, 1},
	} {
		broken := config.Copy()
		broken.HTTPClient = &faulty{next: config.HTTPClient, fault: tc.fault, attempts: map[string]int{}}
		refreshToken := signedIn(t, config, variables)
		for range tc.before { // so that the session has its lane
			refreshAtOnce(t, config, variables, refreshToken, 1)
		}
		for _, answer := range refreshAtOnce(t, broken, tc.variables, refreshToken, 15) {
			user, _ := answer.body["user"].(map[string]any)
			if answer.status != http.StatusOK || answer.body["accessToken"] == nil || answer.body["idToken"] == nil {
				t.Errorf("%s: answered %d %v", tc.name, answer.status, answer.body["message"])
			} else if user["id"] == "" || user["id"] != user["userId"] || user["id"] != user["sub"] || user["username"] != "ada" || (user["email"] == "") != tc.unread {
				t.Errorf("%s: the user is %v", tc.name, user)
			}
			if answer.took > 14*time.Second {
				t.Errorf("%s: took %s", tc.name, answer.took)
			}
		}
	}
}

type refreshed struct {
	status int
	body   map[string]any
	took   time.Duration
}

// refreshAtOnce sends requests of one session to a new environment of auth-refresh.
func refreshAtOnce(t *testing.T, config aws.Config, variables map[string]string, refreshToken string, requests int) []refreshed {
	t.Helper()
	resources := function.NewResources(config, func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
	handler, err := lambdaruntime.NewHandler(auth.Refresh, resources, lambdaruntime.NewTelemetry(io.Discard, "auth-refresh", "INFO", nil))
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]string{"refreshToken": refreshToken})
	if err != nil {
		t.Fatal(err)
	}
	answers := make([]refreshed, requests)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			began := time.Now()
			event := events.APIGatewayV2HTTPRequest{RouteKey: "POST /auth/refresh", RawPath: "/auth/refresh", Body: string(body)}
			event.RequestContext.HTTP.SourceIP = "192.0.2.1"
			response, _ := handler.Handle(t.Context(), event) // which never fails
			answers[i] = refreshed{status: response.StatusCode, took: time.Since(began)}
			_ = json.NewDecoder(bytes.NewBufferString(response.Body)).Decode(&answers[i].body)
		})
	}
	all.Wait()
	return answers
}

// addAda gives the user of addPool an account.
func addAda(t *testing.T, config aws.Config, variables map[string]string) {
	t.Helper()
	found, err := cognito.NewFromConfig(config).AdminGetUser(t.Context(), &cognito.AdminGetUserInput{
		UserPoolId: aws.String(variables[function.UserPoolVariable]), Username: aws.String("ada"),
	})
	if err != nil {
		t.Fatal(err)
	}
	user := tables.User{UserID: attribute(found.UserAttributes, "sub"), Username: "ada", Email: "ada@example.com", EmailVerified: true}
	addAccountOf(t, config, variables[function.FieldKey.Variable()], user)
}

// signedIn signs ada in and returns the refresh token.
func signedIn(t *testing.T, config aws.Config, variables map[string]string) string {
	t.Helper()
	resources := function.NewResources(config, func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
	handler, err := lambdaruntime.NewHandler(auth.Login, resources, lambdaruntime.NewTelemetry(io.Discard, "auth-login", "INFO", nil))
	if err != nil {
		t.Fatal(err)
	}
	event := events.APIGatewayV2HTTPRequest{RouteKey: "POST /auth/login", RawPath: "/auth/login", Body: `{"username":"ada","password":"Correct-horse-1"}`}
	event.RequestContext.HTTP.SourceIP = "192.0.2.1"
	response, err := handler.Handle(t.Context(), event)
	var session map[string]any
	if err == nil {
		err = json.Unmarshal([]byte(response.Body), &session)
	}
	token, _ := session["refreshToken"].(string)
	if err != nil || token == "" {
		t.Fatalf("signed in: %d %s, %v", response.StatusCode, response.Body, err)
	}
	return token
}

func attribute(attributes []cognitotypes.AttributeType, name string) string {
	for _, a := range attributes {
		if aws.ToString(a.Name) == name {
			return aws.ToString(a.Value)
		}
	}
	return ""
}
