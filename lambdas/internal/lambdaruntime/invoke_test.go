package lambdaruntime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// clockwork is a service with a route, a schedule, a trigger and a rotation.
type clockwork struct {
	runs  int
	slow  bool
	fail  error
	steps []function.RotationStep
}

func (c *clockwork) Rotate(_ context.Context, step function.RotationStep) error {
	c.steps = append(c.steps, step)
	return c.fail
}

// wind is a command of an operator.
type wind struct{ Turns int }

func (c *clockwork) Wind(_ context.Context, in wind) (wind, error) {
	c.runs += in.Turns
	return in, c.fail
}

func (c *clockwork) Run(ctx context.Context) error {
	c.runs++
	if c.slow {
		<-ctx.Done()
		return ctx.Err()
	}
	return c.fail
}

func (c *clockwork) Define(_ context.Context, in events.CognitoEventUserPoolsDefineAuthChallenge) (events.CognitoEventUserPoolsDefineAuthChallenge, error) {
	if in.Request.UserNotFound {
		panic("secret detail")
	}
	in.Response.IssueTokens = true
	return in, nil
}

func (c *clockwork) Runs(context.Context, function.NoInput) (int, error) { return c.runs, nil }

// nowhere is the configuration of clients that reach nothing.
var nowhere = aws.Config{Region: "eu-west-2", BaseEndpoint: aws.String("http://127.0.0.1:1"), Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1}

func newClockwork(t *testing.T) (*clockwork, *lambdaruntime.Handler, *bytes.Buffer) {
	t.Helper()
	c, log := &clockwork{}, &bytes.Buffer{}
	declared := function.Define(function.Spec[*clockwork]{
		Name: "clockwork", Purpose: "Ticks.",
		New:    func(*function.Resources) (*clockwork, error) { return c, nil },
		Routes: []function.RouteOf[*clockwork]{function.Public("GET /runs", (*clockwork).Runs, function.Unlimited())},
		Events: []function.EventOf[*clockwork]{
			function.OnSchedule(5*time.Minute, (*clockwork).Run),
			function.OnUserPoolTrigger(function.DefineAuthChallenge, (*clockwork).Define),
			function.OnSecretRotation(secrets.JWT, (*clockwork).Rotate),
			function.Command("wind-up", (*clockwork).Wind),
		},
	})
	if err := declared.Validate(); err != nil {
		t.Fatal(err)
	}
	resources := function.NewResources(nowhere, func(name string) (string, bool) { return name, !strings.HasSuffix(name, "_SECRET_ARN") })
	handler, err := lambdaruntime.NewHandler(declared, resources, lambdaruntime.NewTelemetry(log, "clockwork", "INFO", nil))
	if err != nil {
		t.Fatal(err)
	}
	return c, handler, log
}

func TestInvoke_Schedule_RunsBesideRequests(t *testing.T) {
	c, handler, _ := newClockwork(t)
	if answer, err := handler.Invoke(t.Context(), []byte(`{"schedule":"schedule"}`)); err != nil || string(answer) != "null" || c.runs != 1 {
		t.Errorf("answered %s, %v after %d runs", answer, err, c.runs)
	}
	answer, err := handler.Invoke(t.Context(), []byte(`{"version":"2.0","routeKey":"GET /runs","rawPath":"/runs"}`))
	var response events.APIGatewayV2HTTPResponse
	if err := errors.Join(err, json.Unmarshal(answer, &response)); err != nil || response.StatusCode != 200 || response.Body != "1" {
		t.Errorf("answered %s, %v", answer, err)
	}
}

func TestInvoke_RotationStep_Runs(t *testing.T) {
	c, handler, _ := newClockwork(t)
	if _, err := handler.Invoke(t.Context(), []byte(`{"Step":"createSecret","SecretId":"arn:jwt","ClientRequestToken":"v2"}`)); err != nil {
		t.Fatal(err)
	}
	if want := (function.RotationStep{Step: "createSecret", SecretID: "arn:jwt", Token: "v2"}); len(c.steps) != 1 || c.steps[0] != want {
		t.Errorf("did %+v", c.steps)
	}
}

func TestInvoke_Trigger_ReturnsItsEvent(t *testing.T) {
	_, handler, _ := newClockwork(t)
	answer, err := handler.Invoke(t.Context(), []byte(`{"triggerSource":"DefineAuthChallenge_Authentication","userName":"ada","request":{},"response":{}}`))
	if err != nil || !strings.Contains(string(answer), `"issueTokens":true`) || !strings.Contains(string(answer), `"ada"`) {
		t.Errorf("answered %s, %v", answer, err)
	}
}

// Cognito hands the text of an error on to its client.
func TestInvoke_EventFails_IsLoggedOnly(t *testing.T) {
	c, handler, log := newClockwork(t)
	c.fail = errors.New("secret detail")
	for _, event := range []string{
		`{"schedule":"schedule"}`,
		`{"triggerSource":"DefineAuthChallenge_Authentication","request":{"userNotFound":true}}`,
		`{"triggerSource":"PreSignUp_SignUp"}`,
		`{"triggerSource":"DefineAuthChallenge_Authentication","request":"no object"}`,
	} {
		log.Reset()
		_, err := handler.Invoke(t.Context(), []byte(event))
		if err == nil || strings.Contains(err.Error(), "detail") || !strings.Contains(log.String(), `"level":"ERROR"`) {
			t.Errorf("%s: %v, logged %s", event, err, log)
		}
	}
}

// Lambda kills what is still running at the end, and its log and metrics with it.
func TestInvoke_EventTimesOut_EndsBeforeLambda(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // a machine that is busy decides nothing
		c, handler, log := newClockwork(t)
		c.slow = true
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if _, err := handler.Invoke(ctx, []byte(`{"schedule":"schedule"}`)); err == nil || ctx.Err() != nil {
			t.Errorf("got %v; the invocation's context says %v", err, ctx.Err())
		}
		if !strings.Contains(log.String(), "deadline") {
			t.Errorf("logged %s", log)
		}
	})
}

func TestInvoke_UnknownEvent_IsRefused(t *testing.T) {
	_, handler, _ := newClockwork(t)
	for _, payload := range []string{``, `[]`, `"text"`, `{"routeKey":5}`, `{}`, `{"Records":[{"eventSource":"aws:sqs"}]}`, `{"source":"aws.events"}`} {
		if _, err := handler.Invoke(t.Context(), []byte(payload)); err == nil {
			t.Errorf("%s was taken", payload)
		}
	}
}

func TestInvoke_Command_IsRunWithItsFieldsAndAnswered(t *testing.T) {
	c, handler, _ := newClockwork(t)
	answer, err := handler.Invoke(t.Context(), []byte(`{"command": "wind-up", "turns": 3}`))
	if err != nil || string(answer) != `{"Turns":3}` || c.runs != 3 {
		t.Errorf("answered %s, %v after %d turns", answer, err, c.runs)
	}
	for _, payload := range []string{`{"command": "stop"}`, `{"command": "wind-up", "turns": "many"}`} {
		if answer, err := handler.Invoke(t.Context(), []byte(payload)); err == nil || c.runs != 3 {
			t.Errorf("%s: answered %s", payload, answer)
		}
	}
}
