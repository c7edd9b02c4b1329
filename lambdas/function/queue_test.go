package function_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
)

func TestQueue_Waits_DoubleUpToTheLongest(t *testing.T) {
	queue := function.Queue{Attempts: 6, FirstWait: 10 * time.Second, MaxWait: time.Minute}
	for failures, want := range map[int]time.Duration{1: 10 * time.Second, 2: 20 * time.Second, 3: 40 * time.Second, 4: time.Minute, 1000: time.Minute} {
		if got := queue.Wait(failures); got != want {
			t.Errorf("after %d failures: %s", failures, got)
		}
	}
	if got := queue.Covers(); got != 190*time.Second {
		t.Errorf("it covers %s", got)
	}
}

// The runbook says how long Sentry may be down.
func TestErrorReports_CoverMostOfADay(t *testing.T) {
	if got := function.ErrorReports.Covers(); got < 20*time.Hour || got > 24*time.Hour {
		t.Errorf("they cover %s", got)
	}
}

func TestValidate_QueueThatLosesMessages_IsReported(t *testing.T) {
	good := function.Queue{Name: "greetings", Purpose: "A guest.", Attempts: 5, FirstWait: time.Second, MaxWait: time.Minute}
	for want, spoil := range map[string]func(*function.Queue){
		"lower-case words": func(q *function.Queue) { q.Name = "Greetings" },
		"0 attempts":       func(q *function.Queue) { q.Attempts = 0 },
		"waits from 0s":    func(q *function.Queue) { q.FirstWait = 0 },
		"to 1ms":           func(q *function.Queue) { q.MaxWait = time.Millisecond },
		"from 1.5s":        func(q *function.Queue) { q.FirstWait = 1500 * time.Millisecond },
	} {
		queue := good
		spoil(&queue)
		if err := define(function.Permissions{Sends: []*function.Queue{&queue}}).Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
	if err := define(function.Permissions{Sends: []*function.Queue{&good}}).Validate(); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestResources_UndeclaredQueue_IsRefused(t *testing.T) {
	other := &function.Queue{Name: "other"}
	f := define(mayReadUsers)
	resources := function.NewResources(aws.Config{}, func(name string) (string, bool) { return name, true })
	if _, err := f.Bind(resources); err != nil {
		t.Fatal(err)
	}
	if got := resources.Queue(function.ErrorReports.Queue); got != "QUEUE_ERROR_REPORTS" {
		t.Errorf("got %q", got)
	}
	if resources.Queue(other); resources.Err() == nil || !strings.Contains(resources.Err().Error(), "queue other") {
		t.Errorf("got %v", resources.Err())
	}
}
