package lambdaruntime

import (
	"context"

	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
)

// renewer renews what is "good".
type renewer struct{}

type renewal struct {
	Token string `json:"token" validate:"required"`
}

func (r renewal) secret() string { return r.Token }

func (renewer) Renew(_ context.Context, in renewal) (struct{}, error) {
	if in.Token != "good" {
		return struct{}{}, apierror.Unauthorized
	}
	return struct{}{}, nil
}

// lanes is a guard that notes what it is asked. Addresses are limited when full is
// set, and everything hangs when hangs is.
type lanes struct {
	admitted    []guard.LimitKey
	asked       []string
	full, hangs bool
}

var anAddress = guard.SourceIP("here")

func (l *lanes) Check(ctx context.Context, _ string, subject guard.LimitKey) error {
	switch {
	case l.hangs:
		<-ctx.Done()
		return ctx.Err()
	case subject == anAddress:
		l.asked = append(l.asked, "address")
		if l.full {
			return &guard.LimitedError{RetryAfter: time.Second}
		}
		return nil
	case slices.Contains(l.admitted, subject):
		l.asked = append(l.asked, "lane")
		return nil
	}
	l.asked = append(l.asked, "no lane")
	return guard.ErrNoLane
}

func (l *lanes) Admit(ctx context.Context, subject guard.LimitKey) error {
	if l.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	l.admitted = append(l.admitted, subject)
	return nil
}

func (*lanes) Used(string) map[string]float64 { return nil }

func (*lanes) SourceIP(context.Context, string) (pseudonym.Pseudonym, error) { return "here", nil }

func renewing(t *testing.T, l *lanes) func(body string) int {
	t.Helper()
	declared := function.Define(function.Spec[renewer]{
		Name: "renewer", Purpose: "Renews.",
		New: func(*function.Resources) (renewer, error) { return renewer{}, nil },
		Routes: []function.RouteOf[renewer]{function.Public("POST /auth/renew", renewer.Renew,
			function.WithLane(renewal.secret, function.Limit{Requests: 60, Per: time.Minute}), function.FailOpen())},
	})
	if err := declared.Validate(); err != nil {
		t.Fatal(err)
	}
	resources := function.NewResources(aws.Config{Region: "eu-west-2"}, func(name string) (string, bool) { return name, !strings.HasSuffix(name, "_SECRET_ARN") })
	h, err := NewHandler(declared, resources, NewTelemetry(io.Discard, "renewer", "INFO", nil))
	if err != nil {
		t.Fatal(err)
	}
	h.guard, h.pseudonyms = l, l
	return func(body string) int {
		response, err := h.Handle(t.Context(), events.APIGatewayV2HTTPRequest{RouteKey: "POST /auth/renew", RawPath: "/auth/renew", Body: body})
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode
	}
}

func TestLane_SecretThatSucceeded_NoLongerCountsForAddress(t *testing.T) {
	l := &lanes{}
	renew := renewing(t, l)
	for _, try := range []struct {
		body string
		want int
		asks []string
	}{
		{`{"token":"bad"}`, 401, []string{"no lane", "address"}},
		{`{"token":"bad"}`, 401, []string{"no lane", "address"}}, // a refused secret gets no lane
		{`{}`, 400, []string{"address"}},
		{`{"token":"good"}`, 200, []string{"no lane", "address"}},
		{`{"token":"good"}`, 200, []string{"lane"}},
	} {
		l.asked = nil
		if got := renew(try.body); got != try.want || !slices.Equal(l.asked, try.asks) {
			t.Errorf("%s answered %d, asked %q", try.body, got, l.asked)
		}
	}
	l.full = true
	for body, want := range map[string]int{`{"token":"good"}`: 200, `{"token":"bad"}`: 429, `{}`: 429} {
		if got := renew(body); got != want {
			t.Errorf("%s answered %d behind a full address", body, got)
		}
	}
}

func TestFailOpen_GuardHangs_IsServedWithinTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		renew := renewing(t, &lanes{hangs: true})
		if got := renew(`{"token":"good"}`); got != http.StatusOK || time.Since(began) > 2*guardTimeout {
			t.Errorf("got %d after %s", got, time.Since(began))
		}
	})
}

func TestLane_OfAnotherRequest_IsInvalid(t *testing.T) {
	lane := function.WithLane(func(other struct{ Token string }) string { return other.Token }, function.Limit{Requests: 1, Per: time.Minute})
	route := function.Public("POST /auth/renew", renewer.Renew, lane)
	f := &function.Function{Name: "renewer", Purpose: "Renews.", Routes: []function.Route{route.Route}}
	if err := f.Validate(); err == nil || !strings.Contains(err.Error(), "the lane reads") {
		t.Errorf("got %v", err)
	}
}
