package transactions

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
)

const lunch = `{"amount":12.5,"category":"dining","description":"Lunch","date":"2026-06-30T23:00:00.000Z","tags":["work"],
	"receipt":{"url":"https://files.example.com/r.jpg","filename":"r.jpg"},"isRecurring":true,"recurringPattern":{"frequency":"weekly","interval":1}}`

func (w *world) createExpense(name, body string) expenseResponse {
	w.t.Helper()
	made, err := routetest.Once(w.t, w.records, user(name), w.edit().CreateExpense, routetest.MustRead[createExpenseRequest](w.t, body, nil))
	must(w.t, err)
	return made.Expense
}

func TestExpenses_LegacyForms_ShareTheTransactions(t *testing.T) {
	w := newWorld(t)
	ctx, ada := t.Context(), user("ada")
	manual := w.create("ada", coffee)
	made := w.createExpense("ada", lunch)
	got, err := w.get().GetExpense(ctx, ada, expenseRequest{made.ID})
	must(t, err)
	text, err := json.Marshal(got)
	must(t, err)
	if want := fmt.Sprintf(`{"id":%q,"amount":12.5,"category":"dining","description":"Lunch","date":"2026-07-01T00:00:00.000Z","tags":["work"],"receipt":{"url":"https://files.example.com/r.jpg","filename":"r.jpg"},"isRecurring":true,"recurringPattern":{"frequency":"weekly","interval":1}}`, made.ID); string(text) != want {
		t.Errorf("got %s", text)
	}
	if all := w.all("ada", listRequest{}); len(all.Transactions) != 2 || all.Summary.DebitTotal.String() != "16" {
		t.Errorf("the transactions are %+v", all)
	}
	in := routetest.MustRead(t, strings.NewReplacer("12.5", "20", "dining", "transport").Replace(lunch), func(in *updateExpenseRequest) { in.ID = made.ID })
	_, err = w.edit().UpdateExpense(ctx, ada, in)
	must(t, err)
	listed, err := w.list().ListExpenses(ctx, ada, listExpensesRequest{StartDate: "2026-06-30T23:00:00Z", EndDate: "2026-07-01", Category: "transport"})
	if err != nil || len(listed.Expenses) != 1 || listed.TotalAmount.String() != "20" {
		t.Errorf("listed are %+v, %v", listed, err)
	}
	spending, err := w.summary().Categories(ctx, ada, function.NoInput{})
	if err != nil || spending.Categories["dining"].String() != "3.5" || spending.Categories["transport"].String() != "20" || spending.TotalAmount.String() != "23.5" {
		t.Errorf("the spending is %+v, %v", spending, err)
	}
	_, getErr := w.get().GetExpense(ctx, ada, expenseRequest{manual.ID})
	in.ID = manual.ID
	_, updateErr := w.edit().UpdateExpense(ctx, ada, in)
	_, deleteErr := w.edit().DeleteExpense(ctx, ada, expenseRequest{manual.ID})
	_, eveErr := w.edit().DeleteExpense(ctx, user("eve"), expenseRequest{made.ID})
	for name, err := range map[string]error{"get": getErr, "update": updateErr, "delete": deleteErr, "of another user": eveErr} {
		if !errors.Is(err, errNoExpense) {
			t.Errorf("%s of what is no expense: %v", name, err)
		}
	}
	_, err = w.edit().DeleteExpense(ctx, ada, expenseRequest{made.ID})
	must(t, err)
	if got := w.totals("ada"); got.Balance.String() != "-3.5" {
		t.Errorf("the summary is %+v", got)
	}
}

func TestExpenseRequests_Edges_AreRefused(t *testing.T) {
	for old, other := range map[string]string{"12.5": "0", "dining": "casino", `"weekly"`: `"hourly"`, "2026-06-30T23:00:00.000Z": "yesterday", "https": "<script>https"} {
		if _, err := routetest.Read[createExpenseRequest](strings.Replace(lunch, old, other, 1), nil); err == nil {
			t.Errorf("%s is taken for %s", other, old)
		}
	}
}
