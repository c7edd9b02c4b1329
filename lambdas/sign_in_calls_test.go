package lambdas_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/lambdas/auth"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// addPool adds a user pool as the stages have it, with the confirmed user ada, and
// returns her id.
func addPool(t *testing.T, config aws.Config, variables map[string]string) (userID string) {
	t.Helper()
	client := cognito.NewFromConfig(config)
	pool, err := client.CreateUserPool(t.Context(), &cognito.CreateUserPoolInput{
		PoolName: aws.String("users"), AutoVerifiedAttributes: []cognitotypes.VerifiedAttributeType{cognitotypes.VerifiedAttributeTypeEmail},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := pool.UserPool.Id
	app, err := client.CreateUserPoolClient(t.Context(), &cognito.CreateUserPoolClientInput{
		UserPoolId: id, ClientName: aws.String("backend"), GenerateSecret: true, PreventUserExistenceErrors: cognitotypes.PreventUserExistenceErrorTypesEnabled,
		ExplicitAuthFlows: []cognitotypes.ExplicitAuthFlowsType{cognitotypes.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth},
	})
	if err != nil {
		t.Fatal(err)
	}
	created, err1 := client.AdminCreateUser(t.Context(), &cognito.AdminCreateUserInput{
		UserPoolId: id, Username: aws.String("ada"), MessageAction: cognitotypes.MessageActionTypeSuppress,
	})
	_, err2 := client.AdminSetUserPassword(t.Context(), &cognito.AdminSetUserPasswordInput{
		UserPoolId: id, Username: aws.String("ada"), Password: aws.String("Correct-horse-1"), Permanent: true,
	})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	variables[function.UserPoolVariable], variables[function.UserPoolClientVariable] = *id, *app.UserPoolClient.ClientId
	secret, err := secretsmanager.NewFromConfig(config).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("cognito"), SecretString: aws.String(`{"COGNITO_CLIENT_SECRET":"` + *app.UserPoolClient.ClientSecret + `"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	variables[secrets.Cognito.Variable()] = *secret.ARN
	for _, attribute := range created.User.Attributes {
		if *attribute.Name == "sub" {
			userID = *attribute.Value
		}
	}
	return userID
}

// The response time does not disclose whether an account exists, because the work is
// the same up to the call of Cognito. Cognito responds alike for unknown and known
// users.
func TestLogin_UnknownUser_MakesSameAWSCalls(t *testing.T) {
	config, variables := newEngine(t)
	addPool(t, config, variables)
	calls := counted(&config)
	resources := function.NewResources(config, func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
	handler, err := lambdaruntime.NewHandler(auth.Login, resources, lambdaruntime.NewTelemetry(io.Discard, "auth-login", "INFO", nil))
	if err != nil {
		t.Fatal(err)
	}
	made := func(address, body string) []string {
		*calls = nil
		event := events.APIGatewayV2HTTPRequest{RouteKey: "POST /auth/login", RawPath: "/auth/login", Body: body}
		event.RequestContext.HTTP.SourceIP = address
		response, err := handler.Handle(t.Context(), event)
		if err != nil || response.StatusCode != http.StatusUnauthorized {
			t.Fatalf("%s answered %d %s, %v", body, response.StatusCode, response.Body, err)
		}
		return *calls
	}
	made("192.0.2.99", `{"username":"somebody","password":"wrong"}`) // the environment is warm from here on
	for i, field := range []string{"username", "email"} {
		// New addresses, so that nothing is counted for them yet.
		known := made(fmt.Sprintf("192.0.2.%d", 2*i), `{"`+field+`":"ada","password":"wrong"}`)
		unknown := made(fmt.Sprintf("192.0.2.%d", 2*i+1), `{"`+field+`":"nobody`+field+`","password":"wrong"}`)
		if i > 0 { // ada's first failure is counted by now, which takes one write more
			unknown = made("192.0.2.90", `{"`+field+`":"nobody`+field+`","password":"wrong"}`)
		}
		if !slices.Equal(known, unknown) || !slices.Contains(known, "Cognito Identity Provider.AdminInitiateAuth") {
			t.Errorf("by %s: %v with an account, %v without", field, known, unknown)
		}
	}
}

// docs/attempts.md says these numbers. A name in any spelling, the user's id among
// them, has the same count.
func TestLogin_UserIDInPlaceOfUsername_SharesItsCount(t *testing.T) {
	config, variables := newEngine(t)
	userID := addPool(t, config, variables)
	resources := function.NewResources(config, func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
	handler, err := lambdaruntime.NewHandler(auth.Login, resources, lambdaruntime.NewTelemetry(io.Discard, "auth-login", "INFO", nil))
	if err != nil {
		t.Fatal(err)
	}
	var refused []string
	for i := range 6 {
		name := []string{"ada", userID}[i%2]
		event := events.APIGatewayV2HTTPRequest{RouteKey: "POST /auth/login", RawPath: "/auth/login", Body: `{"username":"` + name + `","password":"wrong"}`}
		event.RequestContext.HTTP.SourceIP = fmt.Sprintf("192.0.2.%d", i)
		response, err := handler.Handle(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(response.Body, "TOO_MANY_ATTEMPTS") { // of our own, and not of Cognito's lock
			refused = append(refused, fmt.Sprint(i+1))
		}
	}
	if !slices.Equal(refused, []string{"6"}) {
		t.Errorf("refused are guesses %v, not the sixth alone", refused)
	}
}

// A sign-in resolves the name, counts the guess, and leaves its record. What does not
// depend on each other runs at once.
func TestLogin_RightPassword_MakesTheseAWSCalls(t *testing.T) {
	config, variables := newEngine(t)
	userID := addPool(t, config, variables)
	addAccount(t, config, variables[function.FieldKey.Variable()], userID)
	calls := counted(&config)
	resources := function.NewResources(config, func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
	handler, err := lambdaruntime.NewHandler(auth.Login, resources, lambdaruntime.NewTelemetry(io.Discard, "auth-login", "INFO", nil))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second is warm, and not the account's first
		*calls = nil
		event := events.APIGatewayV2HTTPRequest{RouteKey: "POST /auth/login", RawPath: "/auth/login", Body: `{"username":"ada","password":"Correct-horse-1"}`}
		event.RequestContext.HTTP.SourceIP = "192.0.2.1"
		response, err := handler.Handle(t.Context(), event)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("answered %d %s, %v", response.StatusCode, response.Body, err)
		}
	}
	want := [][]string{
		{"DynamoDB.UpdateItem"},                    // limits
		{"Cognito Identity Provider.AdminGetUser"}, // the name
		{"DynamoDB.GetItem"},                       // whether the origin is known
		{"DynamoDB.PutItem"}, {"DynamoDB.PutItem"}, // the guess, of the origin and the account
		{"Cognito Identity Provider.AdminInitiateAuth"},                              // the password
		{"DynamoDB.DeleteItem", "DynamoDB.DeleteItem"},                               // its success, at once
		{"DynamoDB.UpdateItem"},                                                      // the account
		{"DynamoDB.BatchGetItem", "DynamoDB.PutItem", "DynamoDB.TransactWriteItems"}, // the event beside the record
	}
	made := *calls
	for _, stage := range want {
		if len(made) < len(stage) {
			break
		}
		now := slices.Sorted(slices.Values(made[:len(stage)]))
		if !slices.Equal(now, stage) {
			t.Fatalf("called %v, not %v", *calls, want)
		}
		made = made[len(stage):]
	}
	if len(made) > 0 {
		t.Errorf("called %v, not %v", *calls, want)
	}
}
