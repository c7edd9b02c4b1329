package lambdas_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/middleware"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/runtime"
	"github.com/expenzez/infrastructure/lambdas/profile"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// counted makes every client of the configuration note what it calls.
func counted(config *aws.Config) *[]string {
	var calls []string
	note := middleware.InitializeMiddlewareFunc("Count", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		calls = append(calls, awsmiddleware.GetServiceID(ctx)+"."+awsmiddleware.GetOperationName(ctx))
		return next.HandleInitialize(ctx, in)
	})
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error { return stack.Initialize.Add(note, middleware.After) })
	return &calls
}

// newEngine starts an engine with a table of each kind that the profile needs,
// the account of "user-1" among them, and returns the function's environment.
func newEngine(t *testing.T) (aws.Config, map[string]string) {
	t.Helper()
	stage, err := local.Start(t.Context(), local.Options{StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stage.Stop() })
	config := stage.AWSConfig(local.Region)
	db, keys := dynamodb.NewFromConfig(config), kms.NewFromConfig(config)
	key, err := keys.CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{function.FieldKey.Variable(): *key.KeyMetadata.Arn, "SECRET_SENTRY": "arn:sentry", function.StageVariable: "test"}
	for _, table := range []*tables.Table{tables.Users, tables.RateLimits, tables.IdempotencyRecords} {
		variables[table.Variable()] = table.Name
		if _, err := db.CreateTable(t.Context(), &dynamodb.CreateTableInput{
			TableName: aws.String(table.Name), BillingMode: dynamotypes.BillingModePayPerRequest,
			KeySchema:            []dynamotypes.KeySchemaElement{{AttributeName: aws.String(table.PartitionKey.Name), KeyType: dynamotypes.KeyTypeHash}},
			AttributeDefinitions: []dynamotypes.AttributeDefinition{{AttributeName: aws.String(table.PartitionKey.Name), AttributeType: dynamotypes.ScalarAttributeTypeS}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	owner := fieldcrypt.Owner{Table: tables.Users, User: "user-1"}
	dataKey, err := fieldcrypt.NewKeys(keys, *key.KeyMetadata.Arn, fieldcrypt.Options{}).New(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	item, err := fieldcrypt.NewSchema[tables.User](tables.Users).Marshal(dataKey, tables.User{UserID: "user-1", DataKey: dataKey.Wrapped, Email: "ada@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(tables.Users.Name), Item: item}); err != nil {
		t.Fatal(err)
	}
	return config, variables
}

// The guard's one write and the item itself: what a signed-in request costs when
// the environment is warm.
func TestAReadOfOneItemMakesTwoCallsOfAWS(t *testing.T) {
	config, variables := newEngine(t)
	calls := counted(&config)
	env := function.NewEnvironment(config, func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
	handler, err := runtime.NewHandler(profile.Profile, env, runtime.NewTelemetry(io.Discard, "profile", "INFO", nil))
	if err != nil {
		t.Fatal(err)
	}
	read := func() events.APIGatewayV2HTTPResponse {
		event := events.APIGatewayV2HTTPRequest{RouteKey: "GET /profile", RawPath: "/profile"}
		event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{
				"token_use": "access", "sub": "user-1", "jti": "t1", "origin_jti": "s1", "iat": "1700000000",
			}},
		}
		response, err := handler.Handle(t.Context(), event)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("got %d %s, %v", response.StatusCode, response.Body, err)
		}
		return response
	}
	read()
	cold := len(*calls)
	for range 3 {
		*calls = nil
		read()
		if len(*calls) > 2 {
			t.Errorf("a warm read called %v", *calls)
		}
		time.Sleep(time.Millisecond)
	}
	if cold != 3 { // and the user's data key once
		t.Errorf("the first read made %d calls", cold)
	}
}
