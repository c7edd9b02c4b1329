package expo_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/expo"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/test/fakes"
	fake "github.com/expenzez/infrastructure/test/fakes/expo"
)

// start returns Expo's fake and a client of it whose access token is key1, and after every
// fetch the next one: key2, key3.
func start(t *testing.T) (*fake.Fake, *expo.Client) {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	service := fake.New("key1")
	fetched := 0
	client, err := expo.New(expo.Config{
		BaseURL: fakes.Serve(t, service.Handler()) + "/--/api/v2",
		AccessToken: func(context.Context) (string, error) {
			fetched++
			return fmt.Sprintf("key%d", fetched), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return service, client
}

func token(n int) string { return fmt.Sprintf("ExponentPushToken[%04d]", n) }

func messages(count int) (all []expo.Message) {
	for i := range count {
		all = append(all, expo.Message{To: token(i), Title: "Goal reached", Body: "You have reached a goal.", Data: map[string]any{"type": "insight"}, ChannelID: "default"})
	}
	return all
}

func TestSend_MoreThanAHundred_GoesInChunks(t *testing.T) {
	service, client := start(t)
	outcomes, err := client.Send(t.Context(), messages(250))
	if err != nil || len(outcomes) != 250 || service.Requests() != 3 {
		t.Fatalf("got %d outcomes in %d requests, %v", len(outcomes), service.Requests(), err)
	}
	taken := service.Taken()
	if len(taken) != 250 || taken[249].To != token(249) || taken[0].Data["type"] != "insight" || taken[0].ChannelID != "default" {
		t.Errorf("taken %d, the last is %+v", len(taken), taken[len(taken)-1])
	}
	var tickets []string
	for _, outcome := range outcomes {
		if outcome.Failure != "" || outcome.Ticket == "" {
			t.Fatalf("got %+v", outcome)
		}
		tickets = append(tickets, outcome.Ticket)
	}
	receipts, err := client.Receipts(t.Context(), tickets)
	if err != nil || len(receipts) != 250 {
		t.Errorf("got %d receipts, %v", len(receipts), err)
	}
}

func TestSend_DeadToken_IsToldFromTheOthers(t *testing.T) {
	service, client := start(t)
	service.Kill(token(1))
	outcomes, err := client.Send(t.Context(), messages(3))
	if err != nil || outcomes[0].Failure != "" || outcomes[1] != (expo.Outcome{Failure: expo.DeviceNotRegistered}) || outcomes[2].Failure != "" {
		t.Errorf("got %+v, %v", outcomes, err)
	}
}

func TestReceipts_RemovedApp_IsDeadToken(t *testing.T) {
	service, client := start(t)
	service.Uninstall(token(0))
	outcomes, err := client.Send(t.Context(), messages(2))
	if err != nil || outcomes[0].Failure != "" {
		t.Fatalf("got %+v, %v", outcomes, err)
	}
	tickets := []string{outcomes[0].Ticket, outcomes[1].Ticket, "unknown"}
	service.Delay(true)
	if receipts, err := client.Receipts(t.Context(), tickets); err != nil || len(receipts) != 0 {
		t.Errorf("too early: got %v, %v", receipts, err)
	}
	service.Delay(false)
	receipts, err := client.Receipts(t.Context(), tickets)
	if _, known := receipts["unknown"]; err != nil || known || receipts[tickets[0]] != expo.DeviceNotRegistered || receipts[tickets[1]] != "" {
		t.Errorf("got %v, %v", receipts, err)
	}
}

// Expo does not recognise a message that is sent again.
func TestSend_Faults_AreAttemptedOnce(t *testing.T) {
	for fault, unknown := range map[fakes.Fault]bool{
		fakes.Throttled: false, fakes.ServerError: true, fakes.Cut: true, fakes.Garbage: true, fakes.Huge: true, fakes.Redirect: true,
		fakes.Hanging: true,
	} {
		service, client := start(t)
		service.Set(fault)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		_, err := client.Send(ctx, messages(1))
		cancel()
		if err == nil || service.Requests() != 1 || expo.IsUnknown(err) != unknown {
			t.Errorf("%s: got %v after %d requests, unknown is %v", fault, err, service.Requests(), expo.IsUnknown(err))
		}
		if err != nil && strings.Contains(err.Error(), "PushToken") {
			t.Errorf("%s: the error discloses a token: %v", fault, err)
		}
	}
}

// A connection that broke while the environment was frozen would lose the messages.
func TestSend_UsesNewConnection(t *testing.T) {
	service := fake.New("key")
	handler, from := service.Handler(), map[string]bool{}
	client, err := expo.New(expo.Config{
		BaseURL: fakes.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			from[r.RemoteAddr] = true
			handler.ServeHTTP(w, r)
		})) + "/--/api/v2",
		AccessToken: func(context.Context) (string, error) { return "key", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Receipts(t.Context(), []string{"a"}); err != nil {
		t.Fatal(err)
	}
	if outcomes, err := client.Send(t.Context(), messages(2*100)); err != nil || len(outcomes) != 200 || len(from) != 3 {
		t.Errorf("got %d outcomes over %d connections, %v", len(outcomes), len(from), err)
	}
}

func TestReceipts_ServerError_IsRepeated(t *testing.T) {
	service, client := start(t)
	service.SetFor(1, fakes.ServerError)
	if _, err := client.Receipts(t.Context(), []string{"a"}); err != nil || service.Requests() != 2 {
		t.Errorf("got %v after %d requests", err, service.Requests())
	}
}

func TestSend_SecondChunkFails_ReturnsTheFirst(t *testing.T) {
	service, client := start(t)
	all := messages(150)
	all[120].To = "no push token"
	outcomes, err := client.Send(t.Context(), all)
	if !external.IsStatus(err, 400) || len(outcomes) != 100 || len(service.Taken()) != 100 {
		t.Errorf("got %d outcomes, %v", len(outcomes), err)
	}
}

func TestCall_TokenRejected_FetchesItOnce(t *testing.T) {
	external.ResetBreakers()
	service := fake.New("key2")
	fetched := 0
	client, err := expo.New(expo.Config{
		BaseURL:     fakes.Serve(t, service.Handler()) + "/--/api/v2",
		AccessToken: func(context.Context) (string, error) { fetched++; return fmt.Sprintf("key%d", fetched), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Send(t.Context(), messages(1)); err != nil || fetched != 2 || len(service.Taken()) != 1 {
		t.Errorf("got %v after %d fetches", err, fetched)
	}
}

func TestNew_WithoutAnAccessToken_IsError(t *testing.T) {
	if _, err := expo.New(expo.Config{}); err == nil {
		t.Error("a client without an access token is made")
	}
	if expo.IsUnknown(errors.New("other")) {
		t.Error("any error is unknown")
	}
}
