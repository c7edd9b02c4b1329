package profile

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

var noon = time.Date(2026, time.July, 15, 12, 0, 0, 0, time.UTC)

// device returns the progress function as one environment has it.
func device(t *testing.T, table string) *progresses {
	t.Helper()
	return &progresses{
		items: store.New[tables.Progress](dynamotest.Client(t), table, tables.UserProgress),
		now:   func() time.Time { return noon },
	}
}

// done is a claim that the actions were done a minute ago.
func done(actions ...string) saveProgressRequest {
	in := saveProgressRequest{LastActions: map[string]string{}, LastResetDate: "2026-07-15"}
	for _, action := range actions {
		in.LastActions[action] = "2026-07-15T11:59:00.123Z"
	}
	return in
}

func (p *progresses) mustGet(t *testing.T) userProgress {
	t.Helper()
	answer, err := p.Get(t.Context(), caller, function.NoInput{})
	if err != nil {
		t.Fatal(err)
	}
	return answer.UserProgress
}

func TestGetProgress_NewUser_IsAtLevelOne(t *testing.T) {
	text, err := json.Marshal(device(t, dynamotest.Table(t, tables.UserProgress)).mustGet(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"totalXP":0,"level":1,"lastActions":{},"dailyXP":0,"weeklyXP":0,"monthlyXP":0,"lastResetDate":"2026-07-15"}`; string(text) != want {
		t.Errorf("got %s", text)
	}
}

func TestSaveProgress_CreditsByRules(t *testing.T) {
	p := device(t, dynamotest.Table(t, tables.UserProgress))
	saved, err := p.Save(t.Context(), caller, done("add-expense", "transaction-100", "make-me-rich"))
	if err != nil {
		t.Fatal(err)
	}
	want := userProgress{
		TotalXP: 105, Level: 2, DailyXP: 5, MonthlyXP: 100, LastResetDate: "2026-07-15",
		LastActions: map[string]dates.Instant{"add-expense": "2026-07-15T11:59:00.123Z", "transaction-100": "2026-07-15T11:59:00.123Z"},
	}
	for name, got := range map[string]userProgress{"saved": saved.UserProgress, "read": p.mustGet(t)} {
		if !maps.Equal(got.LastActions, want.LastActions) || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestGetProgress_ShowsLastRewardOfAction(t *testing.T) {
	p := device(t, dynamotest.Table(t, tables.UserProgress))
	for _, at := range []string{"2026-07-15T11:59:00.000Z", "2026-07-15T11:00:00.000Z"} { // another device was off line
		in := saveProgressRequest{LastActions: map[string]string{"add-expense": at}, LastResetDate: "2026-07-15"}
		if _, err := p.Save(t.Context(), caller, in); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.mustGet(t); got.TotalXP != 10 || got.LastActions["add-expense"] != "2026-07-15T11:59:00.000Z" {
		t.Errorf("got %+v", got)
	}
}

// A body as the app sends it, but for the numbers.
func TestSaveProgress_NumbersOfRequest_AreIgnored(t *testing.T) {
	p := device(t, dynamotest.Table(t, tables.UserProgress))
	var in saveProgressRequest
	body := `{"totalXP":1e6,"level":9999,"dailyXP":-5,"weeklyXP":1,"monthlyXP":1,"lastResetDate":"2026-07-15","lastActions":{}}`
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		t.Fatal(err)
	}
	saved, err := p.Save(t.Context(), caller, in)
	if err != nil || saved.UserProgress.TotalXP != 0 || saved.UserProgress.DailyXP != 0 {
		t.Errorf("got %+v, %v", saved, err)
	}
}

func TestSaveProgress_TwoDevicesAtOnce_KeepsBoth(t *testing.T) {
	table := dynamotest.Table(t, tables.UserProgress)
	var all sync.WaitGroup
	for _, actions := range [][]string{
		{"add-expense", "transaction-10"},               // one device
		{"add-income", "transaction-25", "week-streak"}, // the other
		{"add-expense", "transaction-10"},               // which sends the same again
		{"check-progress"},
	} {
		all.Go(func() {
			if _, err := device(t, table).Save(t.Context(), caller, done(actions...)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got := device(t, table).mustGet(t)
	if got.TotalXP != 5+20+5+50+25+3 || got.DailyXP != 13 || got.WeeklyXP != 25 || got.MonthlyXP != 70 || len(got.LastActions) != 6 {
		t.Errorf("got %+v", got)
	}
}

func TestProgress_IsOfCallerOnly(t *testing.T) {
	p := device(t, dynamotest.Table(t, tables.UserProgress))
	if _, err := p.Save(t.Context(), function.Caller{UserID: "user-2"}, done("add-expense")); err != nil {
		t.Fatal(err)
	}
	if got := p.mustGet(t); got.TotalXP != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestSaveProgressRequest_Validation(t *testing.T) {
	checker := validation.New()
	many := make([]string, 65)
	for i := range many {
		many[i] = fmt.Sprintf(`"a%d":"2026-07-15T12:00:00Z"`, i)
	}
	const day = `,"lastResetDate":"2026-07-15"}`
	for body, valid := range map[string]bool{
		`{"lastActions":{}` + day: true,
		`{"lastActions":{"add-expense":"2026-07-15T12:00:00.123Z"}` + day:                 true,
		`{"lastActions":{"add-expense":"2026-07-15T13:00:00+01:00"}` + day:                true,
		`{"lastResetDate":"2026-07-15"}`:                                                  false,
		`{"lastActions":{}}`:                                                              false,
		`{"lastActions":{},"lastResetDate":"15/07/2026"}`:                                 false,
		`{"lastActions":{"add-expense":"yesterday"}` + day:                                false,
		`{"lastActions":{"` + strings.Repeat("x", 65) + `":"2026-07-15T12:00:00Z"}` + day: false,
		`{"lastActions":{` + strings.Join(many, ",") + `}` + day:                          false,
		`{"lastActions":{` + strings.Join(many[1:], ",") + `}` + day:                      true,
	} {
		var in saveProgressRequest
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			t.Fatal(err)
		}
		if err := checker.Check(&in); (err == nil) != valid {
			t.Errorf("%.80s: got %v", body, err)
		}
	}
	if err := checker.Check(&saveProgressRequest{LastActions: map[string]string{}, LastResetDate: "soon"}); err == nil || err.Error() != "The last reset date is not valid." {
		t.Errorf("got %v", err)
	}
}
