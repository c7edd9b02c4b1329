package lambdaruntime

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
)

func TestReportedStart_WithinAMinute_IsTrue(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	now := time.Now()
	for _, tc := range []struct {
		name  string
		after time.Duration
		want  bool
	}{{"one", 0, false}, {"one", 59 * time.Second, true}, {"other", 59 * time.Second, false}, {"one", time.Minute, false}, {"one", 61 * time.Second, true}} {
		if got := reportedStart(tc.name, now.Add(tc.after)); got != tc.want {
			t.Errorf("%s after %s: %v", tc.name, tc.after, got)
		}
	}
}

func brokenDomain() function.Domain {
	return function.Domain{Name: "broken", Functions: []*function.Function{function.Define(function.Spec[int]{
		Name: "broken", Purpose: "Cannot start.",
		New:    func(*function.Resources) (int, error) { panic("no start for ada@example.com") },
		Events: []function.EventOf[int]{function.OnSchedule(time.Minute, func(int, context.Context) error { return nil })},
	})}}
}

func TestReportStart_Panic_IsOnTheQueue(t *testing.T) {
	queue := &awsfake.Queue{}
	server := httptest.NewServer(queue)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"TMPDIR": t.TempDir(), "AWS_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_ENDPOINT_URL": server.URL, "STAGE": "test", function.ErrorReports.Variable(): server.URL,
	} {
		t.Setenv(name, value)
	}
	failure := start(t.Context(), brokenDomain(), "broken")
	if failure == nil {
		t.Fatal("it started")
	}
	for range 2 {
		if err := reportStart(t.Context(), brokenDomain(), "broken", failure); err != nil {
			t.Fatal(err)
		}
	}
	waiting := queue.Waiting()
	if len(waiting) != 1 || !strings.Contains(waiting[0], `"route":"start"`) || !strings.Contains(waiting[0], `"panicked":true`) || strings.Contains(waiting[0], "ada@") {
		t.Errorf("reported %s", waiting)
	}
	if err := reportStart(t.Context(), brokenDomain(), "another", errors.New("no such function")); err != nil || len(queue.Waiting()) != 1 {
		t.Errorf("got %v, %d reports", err, len(queue.Waiting()))
	}
}
