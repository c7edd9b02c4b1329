package e2e_test

import (
	"net/http"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// scoreForm is what the screen of credit scores sends: all that it knows.
func scoreForm(scores ...map[string]any) map[string]any {
	return map[string]any{"scores": scores}
}

func creditScore(bureau, month string, score int) map[string]any {
	return map[string]any{"bureau": bureau, "score": score, "date": month + "-01T00:00:00.000Z", "monthYear": month}
}

func cardForm(name string) map[string]any {
	return map[string]any{"cardName": name, "lastFourDigits": "4821", "currentBalance": 450.5, "creditLimit": 1000, "interestRate": 19.9, "dueDate": 31, "minimumPayment": 25}
}

func debtForm(name string) map[string]any {
	return map[string]any{
		"debtName": name, "debtType": "Car Loan", "totalAmount": 9000, "remainingAmount": 6000, "interestRate": 4.5, "monthlyPayment": 300,
		"dueDate": 1, "lenderName": "Lender of " + name, "startDate": "2024-01", "endDate": "2027-12",
	}
}

// saveCredit saves a card or a debt and returns it.
func (s signedIn) saveCredit(t *testing.T, kind string, form map[string]any) map[string]any {
	t.Helper()
	got := call(t, "POST", "/credit/"+kind, s.token, form)
	got.is(t, http.StatusOK, "", "")
	saved, _ := got.body[kind].(map[string]any)
	return saved
}

// creditLifecycle saves scores, cards and debts, replaces them, and reads what follows.
func creditLifecycle(t *testing.T) {
	for _, operation := range []struct{ method, path string }{
		{"GET", "/profile/credit-score"}, {"PUT", "/profile/credit-score"}, {"GET", "/credit-score"}, {"GET", "/credit/cards"},
		{"POST", "/credit/card"}, {"GET", "/credit/debts"}, {"POST", "/credit/debt"}, {"GET", "/credit/health"},
	} {
		call(t, operation.method, operation.path, "", map[string]any{}).is(t, http.StatusUnauthorized, "", "")
	}
	joan := newSignedInUser(t, "credit.joan")
	if got := call(t, "GET", "/profile/credit-score", joan.token, nil); got.status != http.StatusOK || got.text != `{"bureaus":[]}` {
		t.Errorf("answered %s", got.text)
	}
	saved := call(t, "PUT", "/profile/credit-score", joan.token, scoreForm(creditScore("Experian", "2026-01", 880), creditScore("Experian", "2026-02", 900)))
	saved.is(t, http.StatusOK, "", "")
	refused := call(t, "PUT", "/profile/credit-score", joan.token, scoreForm(creditScore("Equifax", "2026-01", 701)))
	refused.is(t, http.StatusUnprocessableEntity, "", "")
	latest := call(t, "GET", "/credit-score", joan.token, nil)
	latest.is(t, http.StatusOK, "", "")
	if score, _ := latest.body["creditScore"].(map[string]any); score["score"] != 900.0 || score["change"] != 20.0 || refused.body["code"] != "INVALID_CREDIT_SCORE" {
		t.Errorf("the latest is %s, refused is %s", latest.text, refused.text)
	}
	cardsAndDebts(t, joan)
	health := call(t, "GET", "/credit/health", joan.token, nil)
	health.is(t, http.StatusOK, "", "")
	// (80*50 + 100*30) / 80: Good, and a card without a balance. There is no income.
	if summary, _ := health.body["summary"].(map[string]any); summary["healthScore"] != 88.0 || summary["healthStatus"] != "Good" {
		t.Errorf("the health is %s", health.text)
	}
}

// cardsAndDebts creates a card and a debt and replaces them. Another user can do neither.
func cardsAndDebts(t *testing.T, owner signedIn) {
	t.Helper()
	eve := newSignedInUser(t, "credit.eve")
	for _, one := range []struct {
		kind, list, id, code string
		form, replacement    map[string]any
	}{
		{"card", "/credit/cards", "cardId", "CREDIT_CARD_NOT_FOUND", cardForm("Blue"), map[string]any{"cardName": "Red", "currentBalance": 0, "creditLimit": 500}},
		{"debt", "/credit/debts", "debtId", "DEBT_NOT_FOUND", debtForm("Car"), map[string]any{
			"debtName": "Van", "debtType": "Other", "totalAmount": 100, "remainingAmount": 50, "interestRate": 0, "monthlyPayment": 5,
		}},
	} {
		made := owner.saveCredit(t, one.kind, one.form)
		again := owner.saveCredit(t, one.kind, one.form) // a second tap
		if made[one.id] == nil || again[one.id] != made[one.id] || made["dueDate"] == nil {
			t.Errorf("made %v, and then %v", made, again)
		}
		one.replacement[one.id] = made[one.id]
		call(t, "POST", "/credit/"+one.kind, eve.token, one.replacement).isNested(t, http.StatusNotFound, one.code)
		if replaced := owner.saveCredit(t, one.kind, one.replacement); replaced["dueDate"] != nil || replaced["lastFourDigits"] != nil || replaced["lenderName"] != nil {
			t.Errorf("replaced by %v", replaced)
		}
		call(t, "POST", "/credit/"+one.kind, owner.token, map[string]any{}).is(t, http.StatusUnprocessableEntity, "", "")
		got := call(t, "GET", one.list, owner.token, nil)
		got.is(t, http.StatusOK, "", "")
		if listed, _ := got.body[one.kind+"s"].([]any); len(listed) != 1 {
			t.Errorf("the list is %s", got.text)
		}
		if theirs := call(t, "GET", one.list, eve.token, nil); theirs.status != http.StatusOK || len(theirs.body[one.kind+"s"].([]any)) != 0 {
			t.Errorf("another user sees %s", theirs.text)
		}
	}
}

// erasedCredit erases a user's data. The app must not send its scores again: it does where
// it finds no bureau.
func erasedCredit(t *testing.T) {
	rita := newSignedInUser(t, "credit.rita")
	call(t, "PUT", "/profile/credit-score", rita.token, scoreForm(creditScore("Equifax", "2026-01", 400))).is(t, http.StatusOK, "", "")
	rita.saveCredit(t, "card", cardForm("Blue"))
	rita.saveCredit(t, "debt", debtForm("Car"))
	erased := call(t, "DELETE", "/user/data", rita.token, map[string]any{"confirm": "DELETE_ALL_DATA"})
	erased.is(t, http.StatusOK, "", "")
	if erased.body["rowsDeleted"] != 2.0 { // the card and the debt; the scores were replaced
		t.Errorf("erased %s", erased.text)
	}
	finishErasure(t, rita.id)
	got := call(t, "GET", "/profile/credit-score", rita.token, nil)
	got.is(t, http.StatusOK, "", "")
	if want := `{"bureaus":[{"bureau":"TransUnion","scores":[]},{"bureau":"Experian","scores":[]},{"bureau":"Equifax","scores":[]}]}`; got.text != want {
		t.Errorf("the scores are %s", got.text)
	}
	if left := storedOf(t, tables.CreditRecords, rita.id); len(left) != 1 || left[0]["id"] != tables.CreditScoresID {
		t.Errorf("left are %v", left)
	}
}
