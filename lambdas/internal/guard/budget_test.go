package guard_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
)

// Two routes that spend one budget, and one that spends another beside it.
const (
	resendKey   = "POST /resend"
	forgotKey   = "POST /forgot"
	registerKey = "POST /register"
)

func budgeted(w *world, db guard.DynamoDB) *guard.Guard {
	emails := function.Budget{Name: "emails", PerAddress: 10, PerStage: 20}
	registrations := function.Budget{Name: "registrations", PerAddress: 4, PerStage: 8}
	minute := []function.Limit{{Requests: 60, Per: time.Minute}}
	return guard.New(db, w.limits, []function.Route{
		{Key: resendKey, Limits: minute, Budgets: []function.Budget{emails}},
		{Key: forgotKey, Limits: minute, Budgets: []function.Budget{emails}},
		{Key: registerKey, Limits: minute, Budgets: []function.Budget{registrations, emails}},
		{Key: key, Limits: minute},
	}, w.now)
}

// let returns how many of these requests are let through.
func let(t *testing.T, g *guard.Guard, routeKey string, subject guard.LimitKey, requests int) (through int, last *guard.LimitedError) {
	t.Helper()
	for range requests {
		err := g.Check(t.Context(), routeKey, subject)
		var limited *guard.LimitedError
		switch {
		case err == nil:
			through++
		case !errors.As(err, &limited):
			t.Fatal(err)
		}
		last = limited
	}
	return through, last
}

func TestBudget_OneAddress_SharesItAmongRoutes(t *testing.T) {
	w := newWorld(t)
	g, here := budgeted(w, w.db), guard.SourceIP("here")
	if through, _ := let(t, g, registerKey, here, 61); through != 4 {
		t.Errorf("%d registrations of 4 are let through", through)
	}
	if through, _ := let(t, g, resendKey, here, 10); through != 6 {
		t.Errorf("%d e-mails of the 6 that are left are let through", through)
	}
	through, limited := let(t, g, forgotKey, here, 1)
	if through != 0 || limited == nil || limited.RetryAfter != 24*time.Hour/10 {
		t.Errorf("%d are let through, then %v", through, limited)
	}
	if through, _ := let(t, g, key, here, 1); through != 1 {
		t.Error("a route without a budget is closed")
	}
	if through, _ := let(t, g, registerKey, guard.SourceIP("there"), 5); through != 4 {
		t.Errorf("another address gets %d registrations", through)
	}
}

func TestBudget_EmptyBudget_FillsWithinADay(t *testing.T) {
	w := newWorld(t)
	g, here := budgeted(w, w.db), guard.SourceIP("here")
	let(t, g, registerKey, here, 5)
	w.advance(6 * time.Hour)
	if through, _ := let(t, g, registerKey, here, 5); through != 1 {
		t.Errorf("a quarter of a day brings %d of 4", through)
	}
	w.advance(24 * time.Hour)
	if through, _ := let(t, g, registerKey, here, 5); through != 4 {
		t.Errorf("a day brings %d of 4", through)
	}
}

func TestBudget_Stage_IsSharedByAllAddresses(t *testing.T) {
	w := newWorld(t)
	g := budgeted(w, w.db)
	if through, _ := let(t, g, registerKey, guard.Stage, 10); through != 8 {
		t.Errorf("the stage lets %d registrations of 8 through", through)
	}
	if through, _ := let(t, budgeted(w, w.db), forgotKey, guard.Stage, 20); through != 12 {
		t.Errorf("the stage lets %d e-mails of the 12 that are left through", through)
	}
}

func TestBudget_Stage_SaysHowMuchIsUsed(t *testing.T) {
	w := newWorld(t)
	g := budgeted(w, w.db)
	for used := 1; used <= 20; used++ {
		let(t, g, resendKey, guard.Stage, 1)
		if got, want := fmt.Sprintf("%.0f", g.Used(resendKey)["emails"]), fmt.Sprint(5*used); got != want {
			t.Errorf("after %d of 20: %s %%, not %s", used, got, want)
		}
	}
	another := budgeted(w, w.db)
	if through, _ := let(t, another, resendKey, guard.Stage, 1); through != 0 || another.Used(resendKey)["emails"] != 100 {
		t.Errorf("a refused request says %v", another.Used(resendKey))
	}
	w.advance(12 * time.Hour)
	if got := another.Used(resendKey)["emails"]; got != 50 {
		t.Errorf("half a day later, %v %% are used", got)
	}
}

// An attacker has all addresses of a /64.
func TestBudget_IPv6Network_IsOneAddress(t *testing.T) {
	w := newWorld(t)
	g, names := budgeted(w, w.db), pseudonym.New(awsfake.NewKMS(), "key")
	through := 0
	for i := range 10 {
		name, err := names.SourceIP(t.Context(), fmt.Sprintf("2001:db8:1:2::%x", 1000+i))
		if err != nil {
			t.Fatal(err)
		}
		n, _ := let(t, g, registerKey, guard.SourceIP(name), 1)
		through += n
	}
	if through != 4 {
		t.Errorf("one network gets %d registrations of 4", through)
	}
}

func TestBudget_RequestWithStageBudget_MakesTwoWrites(t *testing.T) {
	w := newWorld(t)
	counted := &calls{DynamoDB: w.db}
	g := budgeted(w, counted)
	let(t, g, registerKey, guard.SourceIP("here"), 1)
	let(t, g, registerKey, guard.Stage, 1)
	if counted.n != 2 {
		t.Errorf("%d writes", counted.n)
	}
}
