package lambdas_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/expenzez/infrastructure/lambdas/alerts"
	"github.com/expenzez/infrastructure/lambdas/applock"
	"github.com/expenzez/infrastructure/lambdas/briefs"
	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/profile"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// counted makes every client of the configuration note what it calls.
func counted(config *aws.Config) *[]string {
	var calls []string
	var mu sync.Mutex
	note := middleware.InitializeMiddlewareFunc("Count", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		mu.Lock()
		calls = append(calls, awsmiddleware.GetServiceID(ctx)+"."+awsmiddleware.GetOperationName(ctx))
		mu.Unlock()
		return next.HandleInitialize(ctx, in)
	})
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error { return stack.Initialize.Add(note, middleware.After) })
	return &calls
}

// callCase is a request and the calls of AWS that it makes, in any order: some are made at
// the same time.
type callCase struct {
	name string
	send func() string
	want []string
}

// checkCalls sends each request once and compares what it called.
func checkCalls(t *testing.T, calls *[]string, requests ...callCase) {
	t.Helper()
	for _, request := range requests {
		*calls = nil
		request.send()
		slices.Sort(*calls)
		slices.Sort(request.want)
		if !slices.Equal(*calls, request.want) {
			t.Errorf("%s called %v, not %v", request.name, *calls, request.want)
		}
		time.Sleep(time.Millisecond)
	}
}

// warm sends each request once.
func warm(requests ...callCase) {
	for _, request := range requests {
		request.send()
		time.Sleep(time.Millisecond)
	}
}

// addPlanSettings gives functions what they need to ask for a user's plan, and no way to
// ask RevenueCat.
func addPlanSettings(variables map[string]string) {
	for _, setting := range []function.Setting{function.RevenueCatProject, function.RevenueCatEntitlement} {
		variables[setting.Variable()] = "test"
	}
	variables[secrets.RevenueCat.Variable()] = "arn:aws:secretsmanager:eu-west-2:1:secret:revenuecat"
}

// newEngine starts an engine with every table, and the account of "user-1" in it,
// and returns the environment of functions.
func newEngine(t *testing.T) (aws.Config, map[string]string) {
	t.Helper()
	stage, err := local.Start(t.Context(), local.Options{StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stage.Stop() })
	config := stage.AWSConfig(local.Region)
	variables := map[string]string{
		function.FieldKey.Variable():  newKey(t, config, &kms.CreateKeyInput{}),
		function.LookupKey.Variable(): newKey(t, config, &kms.CreateKeyInput{KeySpec: kmstypes.KeySpecHmac256, KeyUsage: kmstypes.KeyUsageTypeGenerateVerifyMac}),
		function.StageVariable:        "test",

		function.ErrorReports.Variable(): "https://sqs/error-reports",
		briefs.Requests.Variable():       "https://sqs/brief-requests",
		alerts.BillVisits.Variable():     "https://sqs/alerts-bill-visits",
	}
	for name := range (emailtemplates.Settings{}).Variables() {
		variables[name] = "test"
	}
	for _, table := range tables.All() {
		variables[table.Variable()] = newTable(t, config, table)
	}
	addAccount(t, config, variables[function.FieldKey.Variable()], "user-1")
	return config, variables
}

func newKey(t *testing.T, config aws.Config, in *kms.CreateKeyInput) string {
	t.Helper()
	key, err := kms.NewFromConfig(config).CreateKey(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return *key.KeyMetadata.Arn
}

func newTable(t *testing.T, config aws.Config, table *tables.Table) string {
	t.Helper()
	if _, err := dynamodb.NewFromConfig(config).CreateTable(t.Context(), table.CreateInput(table.Name)); err != nil {
		t.Fatal(err)
	}
	return table.Name
}

func addAccount(t *testing.T, config aws.Config, fieldKey, userID string) {
	t.Helper()
	addAccountOf(t, config, fieldKey, tables.User{UserID: userID, Email: "ada@example.com"})
}

func addAccountOf(t *testing.T, config aws.Config, fieldKey string, user tables.User) {
	t.Helper()
	owner := fieldcrypt.Owner{Table: tables.Users, User: user.UserID}
	dataKey, err := fieldcrypt.NewKeys(kms.NewFromConfig(config), fieldKey, fieldcrypt.Options{}).New(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	user.DataKey = dataKey.Wrapped
	item, err := fieldcrypt.NewSchema[tables.User](tables.Users).Marshal(dataKey, user)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dynamodb.NewFromConfig(config).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(tables.Users.Name), Item: item}); err != nil {
		t.Fatal(err)
	}
}

// handlerOf returns a function's handler, and what calls it for "user-1" and
// expects success.
func handlerOf(t *testing.T, f *function.Function, config aws.Config, variables map[string]string) func(routeKey, body string) string {
	t.Helper()
	resources := function.NewResources(config, func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
	handler, err := lambdaruntime.NewHandler(f, resources, lambdaruntime.NewTelemetry(io.Discard, f.Name, "INFO", nil))
	if err != nil {
		t.Fatal(err)
	}
	return func(routeKey, body string) string {
		t.Helper()
		_, path, _ := strings.Cut(routeKey, " ")
		event := events.APIGatewayV2HTTPRequest{RouteKey: routeKey, RawPath: path, Body: body}
		event.RequestContext.HTTP.SourceIP = "192.0.2.1"
		event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{
				"token_use": "access", "sub": "user-1", "jti": "t1", "origin_jti": "s1", "iat": "1700000000",
			}},
		}
		response, err := handler.Handle(t.Context(), event)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("got %d %s, %v", response.StatusCode, response.Body, err)
		}
		return response.Body
	}
}

// The guard's one write and the item itself: what a signed-in request costs when
// the environment is warm.
func TestGetProfile_MakesTwoAWSCalls(t *testing.T) {
	config, variables := newEngine(t)
	calls := counted(&config)
	read := handlerOf(t, profile.Profile, config, variables)
	read("GET /profile", "")
	cold := len(*calls)
	for range 3 {
		*calls = nil
		read("GET /profile", "")
		if len(*calls) > 2 {
			t.Errorf("a warm read called %v", *calls)
		}
		time.Sleep(time.Millisecond)
	}
	if cold != 3 { // and the user's data key once
		t.Errorf("the first read made %d calls", cold)
	}
}

// docs/app-lock.md says these numbers.
func TestValidatePIN_MakesSevenAWSCalls(t *testing.T) {
	config, variables := newEngine(t)
	calls := counted(&config)
	pins := handlerOf(t, applock.PIN, config, variables)
	const unlock = `{"pin":"48151","deviceId":"ios__1","biometricEnabled":false}`
	pins("POST /security/setup-pin", unlock) // the e-mail goes nowhere, which is no failure
	for range 3 {
		*calls = nil
		if answer := pins("POST /security/validate-pin", unlock); answer != `{"success":true}` {
			t.Errorf("answered %s", answer)
		}
		want := []string{
			"DynamoDB.UpdateItem", "DynamoDB.GetItem", "DynamoDB.Query",
			"DynamoDB.PutItem", "DynamoDB.PutItem", // the guess, of the origin and of the device
			"DynamoDB.DeleteItem", "DynamoDB.DeleteItem", // at once
		}
		if !slices.Equal(*calls, want) {
			t.Errorf("a right PIN called %v", *calls)
		}
		time.Sleep(time.Millisecond)
	}
	status := handlerOf(t, applock.Preferences, config, variables)
	status("GET /security/preferences", "")
	*calls = nil
	status("GET /security/preferences", "")
	if !slices.Equal(*calls, []string{"DynamoDB.UpdateItem", "DynamoDB.Query"}) {
		t.Errorf("a read of preferences called %v", *calls)
	}
}
