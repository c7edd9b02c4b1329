package lambdas_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"
	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/internal/cost"
	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/internal/signinticket"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/apple"
	"github.com/expenzez/infrastructure/test/fakes/expo"
	"github.com/expenzez/infrastructure/test/fakes/google"
	"github.com/expenzez/infrastructure/test/fakes/openai"
	"github.com/expenzez/infrastructure/test/fakes/sentry"
)

// googleClient is the client id at Google.
const googleClient = "app.example"

// measuredCaller calls the functions as one user, and meters what they call.
type measuredCaller struct {
	config    aws.Config // of the functions
	unmetered aws.Config
	variables map[string]string
	apple     *apple.Fake
	google    *google.Fake
	known     map[string]string // by placeholder
	handlers  map[string]*lambdaruntime.Handler
	log       bytes.Buffer
	tries     int
	cold      bool // what is measured meets environments that have just started
	meter     meter
}

// newMeasuredCaller starts an engine with all that the functions need, and fakes of the
// external services.
func newMeasuredCaller(t *testing.T) *measuredCaller {
	t.Helper()
	config, variables := newEngine(t)
	addPool(t, config, variables)
	addAda(t, config, variables)
	c := &measuredCaller{variables: variables, apple: apple.New("app"), google: google.New(googleClient), known: map[string]string{}, handlers: map[string]*lambdaruntime.Handler{}}
	c.addServices(t, config)
	c.known["{TODAY}"], c.known["{MERCHANT}"] = time.Now().UTC().Format(time.DateOnly), strings.Repeat("0", 64)
	c.known["{JWT}"] = variables[secrets.JWT.Variable()]
	addMessaging(t, config, variables)
	addEmail(t, config, variables)
	for name, text := range map[string]string{
		function.GoogleClients.Variable(): googleClient, function.GoogleApps.Variable(): googleClient, function.APIDomain.Variable(): "api.example.com",
		function.Registrations.Setting().Variable(): "1000 1000", function.Emails.Setting().Variable(): "1000 1000", function.Disclosures.Setting().Variable(): "1000 1000",
	} {
		variables[name] = text
	}
	c.unmetered, c.config = config, config
	c.config.APIOptions = append(slices.Clone(config.APIOptions), c.meter.attach, c.answerCustomChallenges)
	return c
}

// addServices gives the functions fakes of the external services, and meters requests to
// each under the service's name.
func (c *measuredCaller) addServices(t *testing.T, config aws.Config) {
	t.Helper()
	model := addModel(t, config, c.variables)
	model.AnswerWith(func(request map[string]any) openai.Reply {
		if strings.Contains(fmt.Sprint(request), "suggestions") {
			return openai.Reply{Text: `{"suggestions":[{"merchant":0,"category":"food"}]}`}
		}
		return openai.Reply{Text: "You could cook at home more often."}
	})
	reports, push := sentry.New("key"), expo.New("key")
	c.variables[function.Apple.Variable()] = fakes.Serve(t, c.apple.Handler())
	c.variables[function.Google.Variable()] = fakes.Serve(t, c.google.Handler())
	c.variables[function.Expo.Variable()] = fakes.Serve(t, push.Handler()) + "/--/api/v2"
	for service, name := range map[function.Service]string{
		function.Apple: "Apple", function.Google: "Google", function.Expo: "Expo", function.OpenAI: "OpenAI", function.RevenueCat: "RevenueCat",
	} {
		c.variables[service.Variable()] = c.metered(t, name, c.variables[service.Variable()])
	}
	addSecret(t, config, c.variables, secrets.Apple, map[string]string{
		"APPLE_TEAM_ID": apple.TeamID, "APPLE_KEY_ID": apple.KeyID, "APPLE_PRIVATE_KEY": c.apple.PrivateKey(), "APPLE_CLIENT_ID": "app", "APPLE_SERVICE_ID": "service",
	})
	addSecret(t, config, c.variables, secrets.Expo, map[string]string{"EXPO_ACCESS_TOKEN": "key"})
	addSecret(t, config, c.variables, secrets.JWT, map[string]string{"JWT_SECRET": strings.Repeat("k", 64)})
	addSecret(t, config, c.variables, secrets.Sentry, map[string]string{"SENTRY_DSN": reports.DSN(c.metered(t, "Sentry", fakes.Serve(t, reports.Handler())))})
}

// metered returns the address of a proxy that counts the requests to a service.
func (c *measuredCaller) metered(t *testing.T, name, address string) string {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: target.Scheme, Host: target.Host}) }}
	return fakes.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.meter.note(name, "", 0, 0)
		proxy.ServeHTTP(w, r)
	})) + target.Path
}

func addSecret(t *testing.T, config aws.Config, variables map[string]string, secret *secrets.Secret, values map[string]string) {
	t.Helper()
	text, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	made, err := secretsmanager.NewFromConfig(config).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &secret.Name, SecretString: aws.String(string(text))})
	if err != nil {
		t.Fatal(err)
	}
	variables[secret.Variable()] = *made.ARN
}

// addMessaging makes every topic, queue and bucket.
func addMessaging(t *testing.T, config aws.Config, variables map[string]string) {
	t.Helper()
	for _, topic := range function.Topics(lambdas.Domains()...) {
		made, err := sns.NewFromConfig(config).CreateTopic(t.Context(), &sns.CreateTopicInput{Name: &topic.Name})
		if err != nil {
			t.Fatal(err)
		}
		variables[topic.Variable()] = *made.TopicArn
	}
	for _, queue := range function.Queues(lambdas.Domains()...) {
		made, err := sqs.NewFromConfig(config).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &queue.Name})
		if err != nil {
			t.Fatal(err)
		}
		variables[queue.Variable()] = *made.QueueUrl
	}
	for _, bucket := range buckets.All() {
		if _, err := pathStyle(config).CreateBucket(t.Context(), &s3.CreateBucketInput{
			Bucket: &bucket.Name, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(config.Region)},
		}); err != nil {
			t.Fatal(err)
		}
		variables[bucket.Variable()] = bucket.Name
	}
}

// addEmail has the stage send e-mails from an address that it may send from.
func addEmail(t *testing.T, config aws.Config, variables map[string]string) {
	t.Helper()
	if _, err := sesv2.NewFromConfig(config).CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{EmailIdentity: aws.String("mail.example.com")}); err != nil {
		t.Fatal(err)
	}
	maps.Copy(variables, emailtemplates.Settings{From: "hello@mail.example.com", App: "Expenzez", ReplyTo: "help@mail.example.com", ConfigurationSet: "test"}.Variables())
}

func pathStyle(config aws.Config) *s3.Client {
	return s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
}

// answerCustomChallenges stands in for Cognito at a sign-in by a custom challenge. Cognito
// would call the functions of package customauth, which are not deployed here.
func (c *measuredCaller) answerCustomChallenges(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("CustomChallenges", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		switch request := in.Parameters.(type) {
		case *cognito.AdminInitiateAuthInput:
			if request.AuthFlow == cognitotypes.AuthFlowTypeCustomAuth {
				return middleware.InitializeOutput{Result: &cognito.AdminInitiateAuthOutput{ChallengeName: cognitotypes.ChallengeNameTypeCustomChallenge, Session: aws.String("s"), ChallengeParameters: map[string]string{signinticket.NonceParameter: "n"}}}, middleware.Metadata{}, nil
			}
		case *cognito.AdminRespondToAuthChallengeInput:
			token, err := c.tokenOf(ctx, request)
			return middleware.InitializeOutput{Result: &cognito.AdminRespondToAuthChallengeOutput{AuthenticationResult: &cognitotypes.AuthenticationResultType{
				AccessToken: &token, IdToken: &token, RefreshToken: aws.String("r"), ExpiresIn: 3600,
			}}}, middleware.Metadata{}, err
		}
		return next.HandleInitialize(ctx, in)
	}), middleware.After)
}

// tokenOf returns an access token of the user who answers a challenge. The functions do not
// check the signature of a token that Cognito has just issued.
func (c *measuredCaller) tokenOf(ctx context.Context, request *cognito.AdminRespondToAuthChallengeInput) (string, error) {
	name := request.ChallengeResponses["USERNAME"]
	user, err := cognito.NewFromConfig(c.unmetered).AdminGetUser(ctx, &cognito.AdminGetUserInput{UserPoolId: request.UserPoolId, Username: &name})
	if err != nil {
		return "", err
	}
	c.known["{APPLEUSER}"] = name
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": attribute(user.UserAttributes, "sub"), "username": name, "token_use": "access", "jti": "t", "origin_jti": "s", "auth_time": time.Now().Unix(), "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString([]byte("key"))
}

// fill returns the text with the placeholders replaced.
func (c *measuredCaller) fill(text string) string {
	for placeholder, value := range c.known {
		text = strings.ReplaceAll(text, placeholder, value)
	}
	return text
}

// try prepares and makes a request, and returns what it caused.
func (c *measuredCaller) try(t *testing.T, request measuredRequest) cost.Operation {
	t.Helper()
	c.begin(t, request.prepare)
	c.call(t, request)
	return c.caused()
}

// begin begins another try.
func (c *measuredCaller) begin(t *testing.T, prepare func(*testing.T, *measuredCaller)) {
	t.Helper()
	c.tries++
	c.known["{N}"], c.known["{DAY}"] = fmt.Sprint(10+c.tries), fmt.Sprintf("%02d", 1+c.tries%28)
	if prepare != nil {
		prepare(t, c)
	}
	if c.cold { // what prepares has started some
		clear(c.handlers)
	}
	c.meter.operation = cost.Operation{}
	c.log.Reset()
}

// forgetLimits empties RateLimits, so that the many requests of one user are served. Warm
// environments remember their items, so it must come before cold ones.
func (c *measuredCaller) forgetLimits(t *testing.T) {
	t.Helper()
	client, table := dynamodb.NewFromConfig(c.unmetered), &tables.RateLimits.Name
	all, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: table, ProjectionExpression: aws.String("id")})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range all.Items {
		if _, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: table, Key: key}); err != nil {
			t.Fatal(err)
		}
	}
}

// caused returns what the functions did since begin.
func (c *measuredCaller) caused() cost.Operation {
	caused := c.meter.operation
	caused.LogBytes = c.log.Len()
	slices.Sort(caused.Calls)
	return caused
}

// call makes a request and remembers what its response holds.
func (c *measuredCaller) call(t *testing.T, request measuredRequest) {
	t.Helper()
	path, query, _ := strings.Cut(c.fill(request.path), "?")
	event := events.APIGatewayV2HTTPRequest{
		RouteKey: request.key, RawPath: "/", Body: c.fill(request.body), PathParameters: pairs(path), QueryStringParameters: pairs(query),
		Headers: map[string]string{"authorization": "key", "content-type": "application/x-www-form-urlencoded"}, // only forms read the type
	}
	event.RequestContext.HTTP.SourceIP = "192.0.2.1"
	user := request.as
	if user == "" {
		user = "{USER}"
	}
	event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{
			"token_use": "access", "sub": c.known[user], "jti": c.fill("t{N}"), "origin_jti": c.fill("s{N}"), "iat": "1700000000", "username": "ada",
		}},
	}
	served := c.handlerOf(t, func(f *function.Function) bool {
		return slices.ContainsFunc(f.Routes, func(r function.Route) bool { return r.Key == request.key })
	})
	response, err := served.Handle(t.Context(), event)
	if expected := response.StatusCode/100 == 2 || request.key == function.FallbackKey; err != nil || !expected {
		t.Fatalf("%s with %s answered %d %s, %v\n%s", request.key, event.Body, response.StatusCode, response.Body, err, &c.log)
	}
	c.remember(response.Body)
}

func pairs(text string) map[string]string {
	values := map[string]string{}
	for pair := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	return values
}

// remember keeps what later requests name. Without a user, the response of a sign-in names
// the one who calls from then on.
func (c *measuredCaller) remember(body string) {
	var parsed any
	if json.Unmarshal([]byte(body), &parsed) != nil {
		return
	}
	for placeholder, path := range heldValues {
		value := valueAt(parsed, path)
		if value != nil && value != "" && (placeholder != "{USER}" || c.known[placeholder] == "") {
			c.known[placeholder] = fmt.Sprint(value)
		}
	}
}

// valueAt returns the value at a path of names and numbers, or nil.
func valueAt(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch in := value.(type) {
		case map[string]any:
			value = in[name]
		case []any:
			at, err := strconv.Atoi(name)
			if err != nil || at >= len(in) {
				return nil
			}
			value = in[at]
		default:
			return nil
		}
	}
	return value
}

// handlerOf returns the handler of the function that is meant.
func (c *measuredCaller) handlerOf(t *testing.T, meant func(*function.Function) bool) *lambdaruntime.Handler {
	t.Helper()
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			if !meant(f) {
				continue
			}
			if c.handlers[f.Name] == nil {
				resources := function.NewResources(c.config, func(name string) (string, bool) { value, ok := c.variables[name]; return value, ok })
				handler, err := lambdaruntime.NewHandler(f, resources, lambdaruntime.NewTelemetry(&c.log, f.Name, "WARN", nil))
				if err := errors.Join(err, resources.Start(t.Context())); err != nil {
					t.Fatal(err)
				}
				c.handlers[f.Name] = handler
			}
			return c.handlers[f.Name]
		}
	}
	t.Fatal("no function is meant")
	return nil
}

// meter counts the calls of clients and DynamoDB's units for items of one unit.
type meter struct {
	mu        sync.Mutex
	operation cost.Operation
}

func (m *meter) attach(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Meter", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		reads, writes := units(in.Parameters)
		m.note(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), reads, writes)
		return next.HandleInitialize(ctx, in)
	}), middleware.After)
}

// note counts one call. Those of an external service have no operation.
func (m *meter) note(service, operation string, reads, writes float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case service == kms.ServiceID:
		m.operation.KMS++
	case operation == "":
		m.operation.Calls = append(m.operation.Calls, service)
	default:
		m.operation.Calls = append(m.operation.Calls, service+"."+operation)
	}
	m.operation.Reads, m.operation.Writes = m.operation.Reads+reads, m.operation.Writes+writes
}
