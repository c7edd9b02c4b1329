package aiusage_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/aiusage"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

const usd = 1_000_000_000

var (
	free    = aiusage.User{ID: "ada", Plan: tables.Free}
	premium = aiusage.User{ID: "ada", Plan: tables.Premium}
	small   = aiusage.Tokens{Input: 1000, Output: 100} // 560,000 billionths of a USD
)

// world is the table, the stage's budget and a clock that tests move.
type world struct {
	t     *testing.T
	usage *store.Table[tables.AIUsage]
	at    time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{
		t: t, usage: store.New[tables.AIUsage](dynamotest.Client(t), dynamotest.Table(t, tables.AIUsageTracking), tables.AIUsageTracking),
		at: time.Date(2026, 11, 28, 22, 30, 0, 0, time.UTC),
	}
}

func (w *world) ledger(budget int64) *aiusage.Ledger {
	w.t.Helper()
	ledger, err := aiusage.New(w.usage, aiusage.Settings{Enabled: true, Model: "gpt-4.1-mini", Budget: budget}, func() time.Time { return w.at })
	must(w.t, err)
	return ledger
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// cost returns what an item has as its cost.
func (w *world) cost(userID, period string) int64 {
	w.t.Helper()
	item, err := w.usage.Get(w.t.Context(), store.Key{userID, period}, store.Consistent)
	must(w.t, err)
	return item.Cost
}

// take makes a call that is settled.
func take(t *testing.T, l *aiusage.Ledger, user aiusage.User, kind aiusage.Kind, used aiusage.Tokens) {
	t.Helper()
	call, err := l.Reserve(t.Context(), user, kind, used)
	must(t, err)
	must(t, call.Settle(t.Context(), used))
}

func isLimit(t *testing.T, err error, period aiusage.Period, resetsIn time.Duration) {
	t.Helper()
	var limit *aiusage.LimitError
	if !errors.As(err, &limit) || limit.Period != period || limit.ResetsIn != resetsIn {
		t.Errorf("got %v, %+v", err, limit)
	}
}

func TestSettle_CountsWhatTheCallTook(t *testing.T) {
	w := newWorld(t)
	l := w.ledger(100 * usd)
	call, err := l.Reserve(t.Context(), free, aiusage.Chat, aiusage.Tokens{Input: 5000, Output: 500})
	must(t, err)
	if got := w.cost(tables.AIUsageStage, "2026-11"); got != 5000*400+500*1600 {
		t.Errorf("%d are held of the stage", got)
	}
	for range 2 { // the second does nothing
		must(t, call.Settle(t.Context(), small))
	}
	must(t, call.GiveBack(t.Context()))
	for _, key := range [][2]string{{"ada", "2026-11"}, {tables.AIUsageStage, "2026-11"}, {tables.AIUsageStage, "2026-11-28"}} {
		if got := w.cost(key[0], key[1]); got != 560_000 {
			t.Errorf("%v costs %d", key, got)
		}
	}
	usage, err := l.Usage(t.Context(), free, aiusage.Chat)
	want := aiusage.Usage{Today: 1, DailyLimit: 10, Cost: 560_000, CostLimit: usd / 4, ResetsAt: time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)}
	if err != nil || usage != want {
		t.Errorf("got %+v, %v", usage, err)
	}
}

func TestGiveBack_FailedCall_CountsNothing(t *testing.T) {
	w := newWorld(t)
	l := w.ledger(100 * usd)
	call, err := l.Reserve(t.Context(), free, aiusage.Chat, small)
	must(t, err)
	must(t, call.GiveBack(t.Context()))
	usage, err := l.Usage(t.Context(), free, aiusage.Chat)
	if err != nil || usage.Today != 0 || usage.Cost != 0 || w.cost(tables.AIUsageStage, "2026-11") != 0 || w.cost(tables.AIUsageStage, "2026-11-28") != 0 {
		t.Errorf("got %+v, %v", usage, err)
	}
}

func TestRefused_CallOfTheModel_CostsTheStageAlone(t *testing.T) {
	w := newWorld(t)
	l := w.ledger(100 * usd)
	call, err := l.Reserve(t.Context(), free, aiusage.Chat, small)
	must(t, err)
	must(t, call.Refused(t.Context(), aiusage.Tokens{Input: 1000}))
	usage, err := l.Usage(t.Context(), free, aiusage.Chat)
	if err != nil || usage.Today != 0 || usage.Cost != 0 || w.cost(tables.AIUsageStage, "2026-11") != 400_000 {
		t.Errorf("got %+v, %v, %d", usage, err, w.cost(tables.AIUsageStage, "2026-11"))
	}
}

// OpenAI may bill a request that timed out, so what was held for it stays.
func TestAddUnmetered_Requests_CostTheStageWhatWasHeld(t *testing.T) {
	for name, tc := range map[string]struct {
		end         func(*aiusage.Reservation) error
		user, stage int64
	}{
		"refused":    {func(r *aiusage.Reservation) error { return r.Refused(t.Context(), aiusage.Tokens{}) }, 0, 2 * 560_000},
		"given back": {func(r *aiusage.Reservation) error { return r.GiveBack(t.Context()) }, 0, 2 * 560_000},
		"settled":    {func(r *aiusage.Reservation) error { return r.Settle(t.Context(), aiusage.Tokens{Input: 1000}) }, 400_000, 400_000 + 2*560_000},
	} {
		w := newWorld(t)
		call, err := w.ledger(100*usd).Reserve(t.Context(), free, aiusage.Chat, small)
		must(t, err)
		call.AddUnmetered(2)
		must(t, tc.end(call))
		for key, want := range map[[2]string]int64{{"ada", "2026-11"}: tc.user, {tables.AIUsageStage, "2026-11"}: tc.stage, {tables.AIUsageStage, "2026-11-28"}: tc.stage} {
			if got := w.cost(key[0], key[1]); got != want {
				t.Errorf("%s: %v costs %d, not %d", name, key, got, want)
			}
		}
	}
}

func TestReserve_Limits_HoldByPlanKindAndPeriod(t *testing.T) {
	w := newWorld(t)
	l := w.ledger(100 * usd)
	for range 10 {
		take(t, l, free, aiusage.Chat, small)
	}
	_, err := l.Reserve(t.Context(), free, aiusage.Chat, small)
	isLimit(t, err, aiusage.Daily, 90*time.Minute)
	take(t, l, free, aiusage.CreditInsight, small) // another kind
	for range 30 {
		take(t, l, premium, aiusage.Chat, small)
	}
	_, err = l.Reserve(t.Context(), premium, aiusage.Chat, small)
	isLimit(t, err, aiusage.Hourly, 30*time.Minute)
	w.at = w.at.Add(30 * time.Minute)
	take(t, l, premium, aiusage.Chat, small)
	w.at = w.at.Add(time.Hour) // the next day
	take(t, l, free, aiusage.Chat, small)
}

func TestReserve_MoneyOfTheMonth_IsALimit(t *testing.T) {
	w := newWorld(t)
	l := w.ledger(100 * usd)
	take(t, l, free, aiusage.Categories, aiusage.Tokens{Input: 624_000}) // 249.6 of 250 thousandths
	_, err := l.Reserve(t.Context(), free, aiusage.Chat, aiusage.Tokens{Input: 1001})
	isLimit(t, err, aiusage.Monthly, 2*24*time.Hour+90*time.Minute)
	take(t, l, free, aiusage.Chat, aiusage.Tokens{Input: 1000})
	w.at = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	take(t, l, free, aiusage.Chat, small)
}

func TestReserve_StagesBudget_IsSharedByAllUsersAndDays(t *testing.T) {
	w := newWorld(t)
	l := w.ledger(20 * usd / 10) // 0.2 USD a day
	for _, user := range []string{"ada", "eve"} {
		take(t, l, aiusage.User{ID: user, Plan: tables.Premium}, aiusage.Categories, aiusage.Tokens{Input: 250_000})
	}
	_, err := l.Reserve(t.Context(), aiusage.User{ID: "mary", Plan: tables.Premium}, aiusage.Chat, small)
	if !errors.Is(err, aiusage.ErrStage) {
		t.Errorf("got %v", err)
	}
	if usage, err := l.Usage(t.Context(), aiusage.User{ID: "mary", Plan: tables.Premium}, aiusage.Chat); err != nil || usage.Today != 0 || usage.Cost != 0 {
		t.Errorf("the refused call is counted: %+v, %v", usage, err)
	}
	w.at = w.at.Add(2 * time.Hour)
	take(t, l, aiusage.User{ID: "mary", Plan: tables.Premium}, aiusage.Chat, small)
}

// The alarms watch this metric.
func TestSettle_StagesBudget_UsedShareIsRecorded(t *testing.T) {
	w := newWorld(t)
	var out bytes.Buffer
	metrics := telemetry.NewMetrics(&out, "f", "INFO", time.Now)
	ctx := telemetry.WithMetrics(t.Context(), metrics)
	call, err := w.ledger(10*usd).Reserve(ctx, premium, aiusage.Categories, aiusage.Tokens{Input: 1_300_000})
	must(t, err)
	must(t, call.Settle(ctx, aiusage.Tokens{Input: 1_300_000}))
	must(t, metrics.Flush(telemetry.Request{}))
	if line := out.String(); !strings.Contains(line, `"budget":"ai"`) || !strings.Contains(line, `"budgetUsed":5`) {
		t.Errorf("recorded %s", line)
	}
}

func TestReserve_SwitchedOff_IsRefused(t *testing.T) {
	w := newWorld(t)
	l, err := aiusage.New(w.usage, aiusage.Settings{Model: "gpt-4.1-mini", Budget: usd}, time.Now)
	must(t, err)
	if _, err := l.Reserve(t.Context(), free, aiusage.Chat, small); !errors.Is(err, aiusage.ErrStage) {
		t.Errorf("got %v", err)
	}
}

func TestNew_ModelWithoutAPrice_IsRefused(t *testing.T) {
	if _, err := aiusage.New(nil, aiusage.Settings{Model: "gpt-unknown"}, time.Now); err == nil {
		t.Error("accepted")
	}
}

func TestReserve_ParallelCalls_GetExactlyTheLimit(t *testing.T) {
	w := newWorld(t)
	l := w.ledger(100 * usd)
	var all sync.WaitGroup
	var mu sync.Mutex
	served := 0
	for range 14 {
		all.Go(func() {
			for { // a conflict is repeated, as a client does
				_, err := l.Reserve(t.Context(), free, aiusage.Chat, small)
				if errors.Is(err, store.ErrConflict) {
					continue
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					served++
				}
				return
			}
		})
	}
	all.Wait()
	if served != 10 {
		t.Errorf("%d are served", served)
	}
}

// The environment of a call may die before the call is settled.
func TestReserve_CallThatDied_IsGivenBackLater(t *testing.T) {
	w := newWorld(t)
	l := w.ledger(100 * usd)
	for range 10 {
		_, err := l.Reserve(t.Context(), free, aiusage.Chat, small)
		must(t, err)
	}
	_, err := l.Reserve(t.Context(), free, aiusage.Chat, small)
	isLimit(t, err, aiusage.Daily, 90*time.Minute)
	w.at = w.at.Add(61 * time.Second)
	take(t, l, free, aiusage.Chat, small)
	if usage, err := l.Usage(t.Context(), free, aiusage.Chat); err != nil || usage.Today != 1 || usage.Cost != 560_000 {
		t.Errorf("got %+v, %v", usage, err)
	}
}

// The app searches the message for these words, in this order.
func TestAsAPIError_Limits_SayWhatTheAppLooksFor(t *testing.T) {
	words := []string{"monthly", "daily", "hour"}
	for i, period := range []aiusage.Period{aiusage.Monthly, aiusage.Daily, aiusage.Hourly} {
		var answer *apierror.Error
		err := aiusage.AsAPIError(&aiusage.LimitError{Kind: aiusage.Chat, Period: period, ResetsIn: time.Minute})
		if !errors.As(err, &answer) || answer.Status != http.StatusTooManyRequests || answer.RetryAfter != time.Minute {
			t.Errorf("%s: got %v", period, err)
		}
		for j, word := range words {
			if strings.Contains(answer.Message, word) != (i == j) {
				t.Errorf("%s: says %q", period, answer.Message)
			}
		}
	}
	var answer *apierror.Error
	if err := aiusage.AsAPIError(aiusage.ErrStage); !errors.As(err, &answer) || answer.Status != http.StatusServiceUnavailable {
		t.Errorf("got %v", err)
	}
	if other := errors.New("down"); aiusage.AsAPIError(other) != other {
		t.Error("another error is changed")
	}
}
