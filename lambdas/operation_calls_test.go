package lambdas_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/middleware"

	"github.com/expenzez/infrastructure/internal/cost"
	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var update = flag.Bool("update", false, "write internal/cost/operations.json and docs/tables.md anew")

const operationsFile = "../internal/cost/operations.json"

// measuredRequests are the requests that call no external service, of one user, in an order that works: the route key, the path values and the
// body. {USER}, {GOAL}, {BRIEF} and {REFRESH} stand for what earlier responses held, {DAY} for a new day.
var measuredRequests = []struct{ key, path, body string }{
	{"POST /auth/login", "", `{"username":"ada","password":"Correct-horse-1"}`},
	{"POST /auth/refresh", "", `{"refreshToken":"{REFRESH}"}`},
	{"GET /profile", "", ""},
	{"PUT /profile", "", `{"firstName":"Ada"}`},
	{"GET /profile/progress", "", ""},
	{"POST /devices/register", "", `{"deviceId":"ios__1","deviceName":"Phone","platform":"ios","appVersion":"1.0","rememberMe":true}`},
	{"GET /devices/list", "", ""},
	{"PUT /devices/update-last-used", "", `{"deviceId":"ios__1"}`},
	{"POST /security/setup-pin", "", `{"pin":"48151","deviceId":"ios__1","biometricEnabled":false}`},
	{"POST /security/validate-pin", "", `{"pin":"48151","deviceId":"ios__1","biometricEnabled":false}`},
	{"GET /security/status/{deviceId}", "deviceId=ios__1", ""},
	{"GET /security/preferences", "", ""},
	{"POST /goals", "", `{"title":"Holiday","description":"Sea","category":"vacation","targetAmount":1000,"targetDate":"2030-01-01T00:00:00.000Z","currentAmount":0}`},
	{"GET /goals", "", ""},
	{"PUT /profile/credit-score", "", `{"scores":[{"bureau":"Experian","score":900,"date":"2026-01-01T00:00:00.000Z","monthYear":"2026-01"}]}`},
	{"GET /profile/credit-score", "", ""},
	{"GET /credit-score", "", ""},
	{"POST /credit/card", "", `{"cardName":"Blue {DAY}","currentBalance":5,"creditLimit":1000}`},
	{"GET /credit/cards", "", ""},
	{"POST /credit/debt", "", `{"debtName":"Car {DAY}","debtType":"Car Loan","totalAmount":9000,"remainingAmount":6000,"interestRate":4.5,"monthlyPayment":300}`},
	{"GET /credit/debts", "", ""},
	{"GET /credit/health", "", ""},
	{"GET /briefs/daily", "", ""},
	{"POST /briefs/{briefId}/view", "briefId={BRIEF}", ""},
	{"GET /ai/monthly-report/{reportMonth}", "reportMonth=latest", ""},
	{"POST /goals/{userId}/{goalId}/contributions", "userId={USER}&goalId={GOAL}", `{"amount":5,"source":"manual","timestamp":"2029-01-{DAY}T00:00:00.000Z"}`},
}

// The cost of a request is computed from these numbers (docs/cost.md).
func TestOperations_AWSCalls_AreRecorded(t *testing.T) {
	measured := measureOperations(t)
	if *update {
		text, err := json.MarshalIndent(measured, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(operationsFile, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	recorded, err := cost.Operations()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(measured)) {
		now, before := measured[key], recorded[key]
		// Lines of the log have times of varying length.
		if near := now.LogBytes > before.LogBytes*3/4 && now.LogBytes < before.LogBytes*5/4; near {
			now.LogBytes = before.LogBytes
		}
		if !slices.Equal(now.Calls, before.Calls) || now.Reads != before.Reads || now.Writes != before.Writes || now.KMS != before.KMS || now.LogBytes != before.LogBytes {
			t.Errorf("%s: causes %+v, recorded is %+v: run go test ./lambdas -run TestOperations_AWSCalls -update", key, now, before)
		}
	}
	if len(recorded) != len(measured) {
		t.Errorf("%d operations are recorded, %d measured", len(recorded), len(measured))
	}
}

// measureOperations makes each request twice on an engine and returns what the second, warm one caused.
func measureOperations(t *testing.T) map[string]cost.Operation {
	t.Helper()
	config, variables := newEngine(t)
	addPool(t, config, variables)
	addAda(t, config, variables)
	var meter meter
	config.APIOptions = append(config.APIOptions, meter.attach)
	caller := &measuredCaller{variables: variables, config: config, known: map[string]string{}, handlers: map[string]*lambdaruntime.Handler{}}
	measured := map[string]cost.Operation{}
	for _, request := range measuredRequests {
		meter.operation = cost.Operation{}
		clear(caller.handlers)
		caller.call(t, request.key, request.path, request.body)
		atFirst := meter.operation.KMS
		meter.operation = cost.Operation{}
		caller.log.Reset()
		caller.call(t, request.key, request.path, request.body)
		meter.operation.KMS = max(atFirst, meter.operation.KMS)
		meter.operation.LogBytes = caller.log.Len()
		slices.Sort(meter.operation.Calls)
		measured[request.key] = meter.operation
	}
	return measured
}

// measuredCaller calls routes as one user.
type measuredCaller struct {
	config    aws.Config
	variables map[string]string
	known     map[string]string // by placeholder
	handlers  map[string]*lambdaruntime.Handler
	log       bytes.Buffer
	tries     int
}

func (c *measuredCaller) call(t *testing.T, key, path, body string) {
	t.Helper()
	c.tries++
	c.known["{DAY}"] = fmt.Sprintf("%02d", 1+c.tries%28)
	for placeholder, value := range c.known {
		path, body = strings.ReplaceAll(path, placeholder, value), strings.ReplaceAll(body, placeholder, value)
	}
	event := events.APIGatewayV2HTTPRequest{RouteKey: key, RawPath: "/", Body: body, PathParameters: map[string]string{}}
	for pair := range strings.SplitSeq(path, "&") {
		name, value, _ := strings.Cut(pair, "=")
		event.PathParameters[name] = value
	}
	event.RequestContext.HTTP.SourceIP = "192.0.2.1"
	event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{
			"token_use": "access", "sub": c.known["{USER}"], "jti": "t1", "origin_jti": "s1", "iat": "1700000000", "username": "ada",
		}},
	}
	response, err := c.handlerOf(t, key).Handle(t.Context(), event)
	if err != nil || response.StatusCode != http.StatusOK && response.StatusCode != http.StatusCreated {
		t.Fatalf("%s answered %d %s, %v", key, response.StatusCode, response.Body, err)
	}
	c.remember(response.Body)
}

// remember keeps what later requests name.
func (c *measuredCaller) remember(body string) {
	var parsed struct {
		RefreshToken string
		User         struct{ ID string }
		Goal         struct{ GoalID, ID string }
		Brief        struct{ BriefID string }
	}
	if json.Unmarshal([]byte(body), &parsed) != nil {
		return
	}
	for placeholder, value := range map[string]string{"{REFRESH}": parsed.RefreshToken, "{USER}": parsed.User.ID, "{GOAL}": cmp.Or(parsed.Goal.GoalID, parsed.Goal.ID), "{BRIEF}": parsed.Brief.BriefID} {
		if value != "" {
			c.known[placeholder] = value
		}
	}
}

// handlerOf returns the handler of the function that serves a route.
func (c *measuredCaller) handlerOf(t *testing.T, key string) *lambdaruntime.Handler {
	t.Helper()
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			if !slices.ContainsFunc(f.Routes, func(r function.Route) bool { return r.Key == key }) {
				continue
			}
			if c.handlers[f.Name] == nil {
				resources := function.NewResources(c.config, func(name string) (string, bool) { value, ok := c.variables[name]; return value, ok })
				handler, err := lambdaruntime.NewHandler(f, resources, lambdaruntime.NewTelemetry(&c.log, f.Name, "WARN", nil))
				if err != nil {
					t.Fatal(err)
				}
				c.handlers[f.Name] = handler
			}
			return c.handlers[f.Name]
		}
	}
	t.Fatalf("no function serves %s", key)
	return nil
}

// meter counts the calls of clients and DynamoDB's units for items of one unit.
type meter struct {
	mu        sync.Mutex
	operation cost.Operation
}

func (m *meter) attach(stack *middleware.Stack) error {
	note := middleware.InitializeMiddlewareFunc("Meter", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		reads, writes := units(in.Parameters)
		m.mu.Lock()
		if service := awsmiddleware.GetServiceID(ctx); service == kms.ServiceID {
			m.operation.KMS++
		} else {
			m.operation.Calls = append(m.operation.Calls, service+"."+awsmiddleware.GetOperationName(ctx))
		}
		m.operation.Reads, m.operation.Writes = m.operation.Reads+reads, m.operation.Writes+writes
		m.mu.Unlock()
		return next.HandleInitialize(ctx, in)
	})
	return stack.Initialize.Add(note, middleware.After)
}

// units returns the request units of a call whose items are of one unit. A write counts every index of its
// table, since it may change each.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
func units(input any) (reads, writes float64) {
	switch in := input.(type) {
	case *dynamodb.GetItemInput:
		return readUnits(in.ConsistentRead), 0
	case *dynamodb.QueryInput:
		return readUnits(in.ConsistentRead), 0
	case *dynamodb.BatchGetItemInput:
		for _, table := range in.RequestItems {
			reads += readUnits(table.ConsistentRead) * float64(len(table.Keys))
		}
	case *dynamodb.PutItemInput:
		return 0, writeUnits(in.TableName)
	case *dynamodb.UpdateItemInput:
		return 0, writeUnits(in.TableName)
	case *dynamodb.DeleteItemInput:
		return 0, writeUnits(in.TableName)
	case *dynamodb.TransactWriteItemsInput:
		for _, item := range in.TransactItems {
			writes += 2 * transactedUnits(item)
		}
	}
	return reads, writes
}

func transactedUnits(item types.TransactWriteItem) float64 {
	switch {
	case item.Put != nil:
		return writeUnits(item.Put.TableName)
	case item.Update != nil:
		return writeUnits(item.Update.TableName)
	case item.Delete != nil:
		return writeUnits(item.Delete.TableName)
	}
	return 1 // a condition check
}

func readUnits(consistent *bool) float64 {
	if aws.ToBool(consistent) {
		return 1
	}
	return 0.5
}

func writeUnits(name *string) float64 {
	for _, table := range tables.All() {
		if table.Name == aws.ToString(name) {
			return 1 + float64(len(table.Indexes))
		}
	}
	return 1
}
