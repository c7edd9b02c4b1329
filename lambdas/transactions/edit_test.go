package transactions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

func TestCreate_FormOfTheApp_IsListedAndSummed(t *testing.T) {
	w := newWorld(t)
	made := w.create("ada", coffee)
	text, err := json.Marshal(w.all("ada", listRequest{}).Transactions)
	must(t, err)
	want := fmt.Sprintf(`[{"id":%q,"amount":-3.5,"category":"food","description":"Flat white","date":"2026-07-01T00:00:00.000Z","type":"debit","merchant":"Café Zoë"}]`, made.ID)
	if string(text) != want {
		t.Errorf("the list has %s", text)
	}
	salary := strings.NewReplacer("-3.5", "1000", "debit", "credit", "Food & Dining", "Salary", "2026-06-30T23:00:00.000Z", "2026-05-31T22:59:59Z", "Manual Entry", "Cash", `"manual"`, `"cash"`).Replace(coffee)
	w.create("ada", salary)
	got, err := json.Marshal(w.totals("ada"))
	must(t, err)
	if want := `{"balance":996.5,"totalCredit":1000,"totalDebit":3.5,"transactionCount":2,"firstTransactionDate":"2026-05-31","lastTransactionDate":"2026-07-01","monthsWithData":["2026-07","2026-05"]}`; string(got) != want {
		t.Errorf("the summary is %s", got)
	}
	if none, err := json.Marshal(w.totals("eve")); err != nil || string(none) != `{"balance":0,"totalCredit":0,"totalDebit":0,"transactionCount":0,"firstTransactionDate":null,"lastTransactionDate":null,"monthsWithData":[]}` {
		t.Errorf("the summary of a new user is %s, %v", none, err)
	}
	refreshed, err := w.summary().Refresh(t.Context(), user("ada"), function.NoInput{})
	if err != nil || refreshed.Balance.String() != "996.5" || refreshed.TransactionCount != 2 || refreshed.LastUpdated != "2026-07-01T12:02:00Z" {
		t.Errorf("refreshed to %+v, %v", refreshed, err)
	}
}

func TestCreate_TypeAgainstSign_TypeCounts(t *testing.T) {
	w := newWorld(t)
	for amount, want := range map[string]string{"3.5": "-3.5", "-3.5": "-3.5", "0.30000000000000004": "-0.3"} {
		if made := w.create("ada", strings.Replace(coffee, "-3.5", amount, 1)); made.Amount.String() != want || made.Type != debit {
			t.Errorf("a debit of %s is %s, a %s", amount, made.Amount, made.Type)
		}
		if made := w.create("ada", strings.NewReplacer("-3.5", amount, `"debit"`, `"credit"`).Replace(coffee)); made.Amount.String() != want[1:] || made.Type != credit {
			t.Errorf("a credit of %s is %s, a %s", amount, made.Amount, made.Type)
		}
	}
}

func TestCreate_RepeatedRequest_MakesOne(t *testing.T) {
	w := newWorld(t)
	request := idempotency.Request{User: "ada", Route: "POST /transactions", Body: []byte(coffee)}
	in := routetest.MustRead[createRequest](t, coffee, nil)
	var all sync.WaitGroup
	ids := make([]string, 4)
	for i := range ids {
		all.Go(func() {
			made, err := idempotency.Do(t.Context(), w.records, request, func(ctx context.Context) (savedResponse, error) {
				return w.edit().Create(ctx, user("ada"), in)
			})
			ids[i] = made.Transaction.ID
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got := w.all("ada", listRequest{})
	if len(got.Transactions) != 1 || slices.ContainsFunc(ids, func(id string) bool { return id != got.Transactions[0].ID }) || w.totals("ada").TransactionCount != 1 {
		t.Errorf("the responses name %v, the list has %d", ids, len(got.Transactions))
	}
	if _, err := w.edit().Create(t.Context(), user("ada"), in); err == nil {
		t.Error("a creation that could be repeated is taken")
	}
}

// realDescriptions are harmless texts that look like attacks, or need more than ASCII.
var realDescriptions = []string{
	"Sainsbury's", "I <3 pizza", "O'Neill's; select menu", "Marks & Spencer", "Fish & Chips 50% off", "Drop in café -- lunch", "SELECT CAR HIRE",
	"☕️ with Zoë 👩‍👩‍👧", "1=1 Gym", "C:\\Users \"quoted\"", "Union Select Travel", "Łukasz", "script & print", "£5 < £10", "",
}

func TestCreate_RealDescriptions_AreTakenAndComeBack(t *testing.T) {
	w := newWorld(t)
	for _, description := range realDescriptions {
		quoted, err := json.Marshal(description)
		must(t, err)
		made := w.create("ada", strings.Replace(coffee, `"Flat white"`, string(quoted), 1))
		got, err := w.get().Get(t.Context(), user("ada"), transactionRequest{made.ID})
		if err != nil || got.Transaction.Description != description {
			t.Errorf("%q came back as %q, %v", description, got.Transaction.Description, err)
		}
	}
}

// dialog is what the edit dialog sends of a transaction, with changes.
func dialog(t transactionResponse, change ...string) string {
	text := fmt.Sprintf(`{"merchant":%q,"description":%q,"amount":%s,"originalAmount":%s,"category":%q,"date":%q,"type":%q,"excludeFromSpend":false}`,
		t.Merchant, t.Description, t.Amount, t.Amount.Abs(), t.Category, t.Date, t.Type)
	return strings.NewReplacer(change...).Replace(text)
}

func TestUpdate_Dialog_ChangesWhatItSays(t *testing.T) {
	w := newWorld(t)
	made := w.create("ada", coffee)
	edited, err := w.update("ada", made.ID, dialog(made, "food", "Transportation", "2026-07-01T00:00:00.000Z", "2026-08-31T23:00:00.000Z", `"debit"`, `"credit"`, "Flat white", "Bus"))
	must(t, err)
	if edited.Category != "transport" || edited.Date != "2026-09-01T00:00:00.000Z" || edited.Amount.String() != "3.5" || edited.Description != "Bus" || edited.ID != made.ID {
		t.Errorf("edited to %+v", edited)
	}
	if got := w.totals("ada"); got.Balance.String() != "3.5" || !slices.Equal(got.MonthsWithData, []string{"2026-09"}) {
		t.Errorf("the summary is %+v", got)
	}
	edited, err = w.update("ada", made.ID, `{"amount":-7,"tags":["work"],"accountId":"monzo","bankName":"Monzo","isPending":true}`)
	must(t, err)
	if edited.Amount.String() != "7" || edited.AccountID != "monzo" || edited.BankName != "Monzo" || !edited.IsPending || !slices.Equal(edited.Tags, []string{"work"}) {
		t.Errorf("edited to %+v", edited)
	}
	if _, err := w.update("ada", made.ID, `{"accountId":"My secret account"}`); !errors.Is(err, errBadAccount) {
		t.Errorf("got %v", err)
	}
}

// The dialog forgets the choice that it was served, and sends false for a row that the
// user did not touch.
func TestUpdate_ExcludeFromSpend_OnlyAChangeCounts(t *testing.T) {
	w := newWorld(t)
	yes, no := true, false
	transfer := strings.Replace(coffee, "Flat white", "Transfer to savings", 1)
	for name, tc := range map[string]struct {
		bodies []func(transactionResponse) string
		want   *bool
	}{
		"untouched":                 {[]func(transactionResponse) string{func(t transactionResponse) string { return dialog(t) }}, nil},
		"another field":             {[]func(transactionResponse) string{func(t transactionResponse) string { return dialog(t, "Zoë", "Zoe") }}, nil},
		"excluded":                  {[]func(transactionResponse) string{func(t transactionResponse) string { return dialog(t, "false", "true") }}, &yes},
		"excluded, then edited":     {[]func(transactionResponse) string{func(t transactionResponse) string { return dialog(t, "false", "true") }, func(t transactionResponse) string { return dialog(t, "Zoë", "Zoe") }}, &yes},
		"excluded, then taken back": {[]func(transactionResponse) string{func(t transactionResponse) string { return dialog(t, "false", "true") }, func(t transactionResponse) string { return dialog(t) }}, &no},
		"the only field":            {[]func(transactionResponse) string{func(transactionResponse) string { return `{"excludeFromSpend":false}` }}, &no},
	} {
		got := w.create("ada", transfer)
		for _, body := range tc.bodies {
			var err error
			got, err = w.update("ada", got.ID, body(got))
			must(t, err)
		}
		if (got.ExcludeFromSpend == nil) != (tc.want == nil) || tc.want != nil && *got.ExcludeFromSpend != *tc.want {
			t.Errorf("%s: served %v", name, got.ExcludeFromSpend)
		}
	}
}

func TestEdit_TransactionOfAnotherUser_IsNotFound(t *testing.T) {
	w := newWorld(t)
	ctx, made, eve := t.Context(), w.create("ada", coffee), user("eve")
	for _, id := range []string{made.ID, "none"} {
		_, update := w.update("eve", id, `{"amount":1}`)
		_, remove := w.edit().Delete(ctx, eve, transactionRequest{id})
		_, get := w.get().Get(ctx, eve, transactionRequest{id})
		for name, err := range map[string]error{"update": update, "delete": remove, "get": get} {
			if !errors.Is(err, errNoTransaction) {
				t.Errorf("%s %s: got %v", name, id, err)
			}
		}
	}
	if got := w.all("ada", listRequest{}); len(got.Transactions) != 1 || got.Summary.TotalAmount.String() != "-3.5" {
		t.Errorf("ada has %+v", got)
	}
	if got := w.all("eve", listRequest{}); len(got.Transactions) != 0 {
		t.Errorf("eve sees %+v", got)
	}
}

func TestDelete_Transaction_IsGoneOnce(t *testing.T) {
	w := newWorld(t)
	made := w.create("ada", coffee)
	_, err := w.edit().Delete(t.Context(), user("ada"), transactionRequest{made.ID})
	must(t, err)
	if _, err := w.edit().Delete(t.Context(), user("ada"), transactionRequest{made.ID}); !errors.Is(err, errNoTransaction) {
		t.Errorf("the second time: %v", err)
	}
	if got := w.totals("ada"); got.TransactionCount != 0 || len(got.MonthsWithData) != 0 || !got.Balance.IsZero() {
		t.Errorf("left is %+v", got)
	}
}

func TestRequests_Edges_AreTakenOrRefused(t *testing.T) {
	for change, taken := range map[string]bool{
		`{}`: true, `{"amount":1e9}`: true, `{"amount":1000000000.01}`: false, `{"amount":"5"}`: false, `{"amount":1e400}`: false,
		`{"date":"2026-02-29T00:00:00Z"}`: false, `{"date":"2026-02-28"}`: false, `{"date":"2026-02-28T00:00:00.000Z"}`: true,
		`{"type":"refund"}`: false, `{"description":"` + strings.Repeat("x", 501) + `"}`: false, `{"description":"<script>"}`: false, `{"description":"I <3 it"}`: true,
		`{"tags":["` + strings.Repeat("x", 51) + `"]}`: false, `{"excludeFromSpend":"yes"}`: false,
	} {
		if _, err := routetest.Read(change, func(in *updateRequest) { in.ID = "t" }); (err == nil) != taken {
			t.Errorf("%s: got %v", change, err)
		}
	}
	for old, other := range map[string]string{`"GBP"`: `"EUR"`, `"manual"`: `"mine"`, `"debit"`: `""`, `"Manual Entry"`: `"Monzo"`, `-3.5`: `null`} {
		if _, err := routetest.Read[createRequest](strings.Replace(coffee, old, other, 1), nil); err == nil {
			t.Errorf("%s is taken for %s", other, old)
		}
	}
}

func TestList_CursorOfAnotherList_IsRefused(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.create("ada", coffee)
	}
	first := w.all("ada", listRequest{Limit: 2})
	if len(first.Transactions) != 2 || first.NextKey == "" || first.Summary.Count != 2 {
		t.Fatalf("got %+v", first)
	}
	if rest := w.all("ada", listRequest{Limit: 2, StartKey: first.NextKey}); len(rest.Transactions) != 1 || rest.NextKey != "" {
		t.Errorf("the rest is %+v", rest)
	}
	_, other := w.list().List(t.Context(), user("ada"), listRequest{Type: "credit", StartKey: first.NextKey})
	_, eve := w.list().List(t.Context(), user("eve"), listRequest{StartKey: first.NextKey})
	for name, err := range map[string]error{"another list": other, "another user": eve} {
		if !errors.Is(err, store.ErrBadCursor) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
