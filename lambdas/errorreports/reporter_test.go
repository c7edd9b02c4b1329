package errorreports_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/errorreports"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/sentry"
)

// world is a stage of one function that fails, the queue of error reports, the reporter
// and Sentry, without a network.
type world struct {
	queue    *awsfake.Queue
	sentry   *sentry.Fake
	dsn      string
	failing  *lambdaruntime.Handler
	reporter *lambdaruntime.Handler
	log      bytes.Buffer
}

// RoundTrip is the transport of every client of the world.
func (w *world) RoundTrip(request *http.Request) (*http.Response, error) {
	var to http.Handler = w.sentry.Handler()
	switch target := request.Header.Get("X-Amz-Target"); {
	case strings.HasPrefix(target, "AmazonSQS."):
		to = w.queue
	case strings.HasPrefix(target, "secretsmanager."):
		to = http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
			value, _ := json.Marshal(map[string]string{"SENTRY_DSN": w.dsn})
			out.Header().Set("Content-Type", "application/x-amz-json-1.1")
			_ = json.NewEncoder(out).Encode(map[string]string{"SecretString": string(value), "VersionId": "1"})
		})
	}
	recorded := httptest.NewRecorder()
	to.ServeHTTP(recorded, request)
	return recorded.Result(), request.Context().Err()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	fake := sentry.New("canarypublickey")
	w := &world{
		sentry: fake, dsn: fake.DSN("https://sentry.example"),
		queue: &awsfake.Queue{
			ARN:        "arn:aws:sqs:eu-west-2:1:expenzez-test-error-reports",
			Visibility: 6 * errorreports.Reporter.Timeout, Attempts: function.ErrorReports.Attempts,
		},
	}
	failing := function.Define(function.Spec[*world]{
		Name: "failing", Purpose: "Fails.",
		New: func(*function.Resources) (*world, error) { return w, nil },
		Events: []function.EventOf[*world]{function.Command("fail", func(_ *world, _ context.Context, in failure) (any, error) {
			return nil, fmt.Errorf("%s: %w", in.Text, errors.New("cause"))
		})},
	})
	w.failing, w.reporter = w.handler(t, failing, io.Discard), w.handler(t, errorreports.Reporter, &w.log)
	return w
}

type failure struct {
	Command string `json:"command"`
	Text    string `json:"text"`
}

func (w *world) handler(t *testing.T, f *function.Function, log io.Writer) *lambdaruntime.Handler {
	t.Helper()
	config := aws.Config{
		Region: "eu-west-2", BaseEndpoint: aws.String("https://aws.example"), HTTPClient: &http.Client{Transport: w},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
	resources := function.NewResources(config, func(name string) (string, bool) { return name, true })
	resources.Transport = func(http.RoundTripper) http.RoundTripper { return w }
	handler, err := lambdaruntime.NewHandler(f, resources, lambdaruntime.NewTelemetry(log, f.Name, "INFO", nil))
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// fail has the function fail with this text.
func (w *world) fail(t *testing.T, text string) {
	t.Helper()
	payload, err := json.Marshal(failure{"fail", text})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.failing.Invoke(t.Context(), payload); err == nil {
		t.Fatal("the function did not fail")
	}
}

// deliver has Lambda poll the queue each second for this time.
func (w *world) deliver(t *testing.T, during time.Duration) {
	t.Helper()
	for end := time.Now().Add(during); time.Now().Before(end); time.Sleep(time.Second) {
		for w.queue.Deliver(func(batch events.SQSEvent) (response events.SQSEventResponse) {
			ctx, cancel := context.WithTimeout(t.Context(), errorreports.Reporter.Timeout)
			defer cancel()
			payload, err := json.Marshal(batch)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := w.reporter.Invoke(ctx, payload)
			if err != nil || json.Unmarshal(answer, &response) != nil {
				t.Fatalf("answered %s, %v", answer, err)
			}
			return response
		}) {
		}
	}
}

func TestReporter_SentryDownForAnHour_LosesNoReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.sentry.Set(fakes.ServerError)
		for i := range 60 { // each failure of this minute is the first of its kind
			w.fail(t, fmt.Sprintf("failure %d.", i))
			w.deliver(t, time.Minute)
		}
		if n := len(w.sentry.Events()); n != 0 || len(w.queue.Waiting()) != 60 || len(w.queue.Dead()) != 0 {
			t.Fatalf("%d arrived, %d wait, %d are dead", n, len(w.queue.Waiting()), len(w.queue.Dead()))
		}
		if asked := w.sentry.Requests(); asked > 5+60 {
			t.Errorf("Sentry was asked %d times in an hour: the breaker lets one through in a minute", asked)
		}
		w.sentry.Set("")
		w.deliver(t, 20*time.Minute)
		arrived := map[string]int{}
		for _, event := range w.sentry.Events() {
			for i := range 60 {
				if strings.Contains(string(event.Payload), fmt.Sprintf("failure %d.", i)) {
					arrived[fmt.Sprint(i)]++
				}
			}
		}
		if len(arrived) != 60 || len(w.sentry.Events()) != 60 || len(w.queue.Waiting()) != 0 {
			t.Errorf("%d of 60 arrived in %d events, %d wait", len(arrived), len(w.sentry.Events()), len(w.queue.Waiting()))
		}
	})
}

func TestReporter_SentryDownForDays_LeavesDeadLetters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.sentry.Set(fakes.ServerError)
		w.fail(t, "failure")
		begin := time.Now()
		for len(w.queue.Dead()) == 0 {
			w.deliver(t, time.Minute)
		}
		if took := time.Since(begin); took < 20*time.Hour || took > 26*time.Hour || len(w.queue.Waiting()) != 0 {
			t.Errorf("after %s", took)
		}
		if waits := w.queue.Waits(); !slices.Equal(waits[:9], []int{10, 20, 40, 80, 160, 320, 640, 900, 900}) {
			t.Errorf("the waits are %v", waits[:9])
		}
	})
}

func TestReporter_OwnFailures_AreInItsLogOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.sentry.Set(fakes.ServerError)
		w.fail(t, "failure")
		w.deliver(t, time.Minute)
		if sent := slices.DeleteFunc(w.queue.Calls(), func(call string) bool { return call != "AmazonSQS.SendMessageBatch" }); len(sent) != 1 {
			t.Errorf("%d reports were sent, one of them the function's", len(sent))
		}
		if !strings.Contains(w.log.String(), `"level":"ERROR"`) || !strings.Contains(w.log.String(), "sentry: answered 500") {
			t.Errorf("the log says %s", &w.log)
		}
	})
}

func TestReporter_OneReportRefused_OthersArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for i := range 3 {
			w.fail(t, fmt.Sprintf("failure %d.", i))
			time.Sleep(time.Minute)
		}
		w.sentry.SetFor(1, fakes.ServerError)
		w.deliver(t, 5*time.Second)
		if len(w.sentry.Events()) != 2 || len(w.queue.Waiting()) != 1 {
			t.Errorf("%d arrived, %d wait", len(w.sentry.Events()), len(w.queue.Waiting()))
		}
	})
}

func TestReporter_DSN_DecidesWhatBecomesOfReports(t *testing.T) {
	for name, tc := range map[string]struct {
		dsn     string
		waiting int
	}{"off": {"off", 0}, "none": {"", 1}, "no DSN": {"https://canary.example", 1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.dsn = tc.dsn
				w.fail(t, "failure")
				w.deliver(t, 5*time.Second)
				if len(w.queue.Waiting()) != tc.waiting || w.sentry.Requests() != 0 || strings.Contains(w.log.String(), "canary") {
					t.Errorf("%d wait after %d requests; the log says %s", len(w.queue.Waiting()), w.sentry.Requests(), &w.log)
				}
			})
		})
	}
}

// What a storm of failures costs: one message and one event a minute and environment.
func TestReporter_Storm_SendsOneReportAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for range 10 * 60 { // ten a second
			w.fail(t, "failure")
			time.Sleep(100 * time.Millisecond)
		}
		w.fail(t, "failure")
		w.deliver(t, time.Second)
		arrived := w.sentry.Events()
		if len(arrived) != 2 || !strings.Contains(string(arrived[1].Payload), `"unreported":"599"`) {
			t.Errorf("%d arrived, the last %s", len(arrived), arrived[len(arrived)-1].Payload)
		}
	})
}
