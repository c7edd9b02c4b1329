package e2e_test

import (
	"net/http"
	"testing"
	"time"
)

// spendInMonths creates a debit on the tenth of each of the last whole months, the newest
// first.
func (s signedIn) spendInMonths(t *testing.T, category string, amounts ...float64) {
	t.Helper()
	now := time.Now().In(london(t))
	for i, amount := range amounts {
		form := transactionForm("Spent", -amount)
		form["category"], form["date"] = category, time.Date(now.Year(), now.Month()-time.Month(i+1), 10, 12, 0, 0, 0, time.UTC).Format(time.RFC3339)
		call(t, "POST", "/transactions", s.token, form).is(t, http.StatusOK, "", "")
	}
}

// spendingInsights reads savings opportunities and analytics, without and with enough months, and
// with each plan.
func spendingInsights(t *testing.T) {
	ada, free := newSignedInUser(t, "spending.ada"), newSignedInUser(t, "spending.free")
	subscribe(t, ada.id)
	none := call(t, "GET", "/insights/savings-opportunities", free.token, nil)
	none.is(t, http.StatusOK, "", "")
	if opportunities, is := none.body["opportunities"].([]any); !is || len(opportunities) != 0 {
		t.Errorf("without transactions: %s", none.text)
	}
	refused := call(t, "GET", "/analytics/advanced", free.token, nil)
	refused.is(t, http.StatusUnprocessableEntity, "", "")
	if refused.body["code"] != "PREMIUM_REQUIRED" {
		t.Errorf("the free plan gets %s", refused.text)
	}
	empty := call(t, "GET", "/analytics/advanced", ada.token, nil)
	empty.is(t, http.StatusOK, "", "")
	if _, has := empty.body["data"]; has || empty.body["success"] != true {
		t.Errorf("without transactions: %s", empty.text)
	}

	ada.spendInMonths(t, "Food & Dining", 130, 100, 100)
	ada.spendToday(t, "Piano", "Food & Dining", 400)
	saved := call(t, "GET", "/insights/savings-opportunities", ada.token, nil)
	saved.is(t, http.StatusOK, "", "")
	if top, _ := saved.body["topRecommendation"].(map[string]any); top["potentialMonthlySavings"] != 10.0 || saved.body["totalPotentialYearlySavings"] != 120.0 {
		t.Errorf("the opportunities are %s", saved.text)
	}
	analysed := call(t, "GET", "/analytics/advanced", ada.token, nil)
	analysed.is(t, http.StatusOK, "", "")
	data, _ := analysed.body["data"].(map[string]any)
	anomalies, _ := data["anomalies"].([]any)
	if len(anomalies) != 1 || data["spendingVelocity"] != 20.0 || data["savingsOpportunity"] != 10.0 {
		t.Fatalf("the analytics are %s", analysed.text)
	}
	if anomaly, _ := anomalies[0].(map[string]any); anomaly["amount"] != 400.0 || anomaly["expectedAmount"] != 110.0 || anomaly["merchant"] != "Corner shop" {
		t.Errorf("the analytics are %s", analysed.text)
	}
}
