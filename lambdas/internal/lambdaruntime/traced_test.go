package lambdaruntime_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/tracing"
)

// A traced invocation is a span of its own with one for each call below it, sent
// before the answer. The client's mistakes are no failures of it.
func TestHandle_TracedInvocation_SendsSpans(t *testing.T) {
	var sent []string
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = append(sent, string(body))
	}))
	defer collector.Close()
	f := &fixture{table: table{status: http.StatusOK, body: `{}`}}
	config := f.config(t)
	tracer, err := tracing.New(collector.URL, "echo", aws.Config{Region: "eu-west-2"})
	if err != nil {
		t.Fatal(err)
	}
	tracer.Instrument(&config)
	f.start(t, config, lambdaruntime.NewTelemetry(&f.log, "echo", "INFO", tracer))

	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1") //lint:ignore SA1029 aws-lambda-go's own key
	for i, try := range []struct {
		key, body string
		failed    bool
	}{{"POST /echo", `{"text":"hello"}`, false}, {"POST /echo", `{}`, false}, {"GET /fail", ``, true}} {
		if _, err := f.handle(ctx, events.APIGatewayV2HTTPRequest{RouteKey: try.key, Body: try.body}); err != nil {
			t.Fatal(err)
		}
		if len(sent) != i+1 || !strings.Contains(sent[i], `"name":"echo"`) || !strings.Contains(sent[i], "DynamoDB.UpdateItem") {
			t.Fatalf("sent %v", sent)
		}
		_, own, _ := strings.Cut(sent[i], `"name":"echo"`)
		own, _, _ = strings.Cut(own, `"traceId"`) // the last member of a span
		if failed := strings.Contains(own, `"code":2`); failed != try.failed {
			t.Errorf("%s %s: a failure is %v in %s", try.key, try.body, failed, sent[i])
		}
	}
	if !strings.Contains(f.log.String(), `"traceId":"1-5759e988-bd862e3fe1be46a994272793"`) {
		t.Errorf("the log has no trace id: %s", &f.log)
	}
}
