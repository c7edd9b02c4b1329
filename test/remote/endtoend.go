package remote

import (
	"net/http"
	"testing"
	"time"
)

// EndToEnd signs two users up, uses each domain as the first, attacks as the second and
// as a stranger, and deletes both accounts. The contract checks every response.
func EndToEnd(t *testing.T, s *Target) {
	owner, other := s.NewUser(t), s.NewUser(t)
	t.Run("domains", owner.usesEachDomain)
	t.Run("the other user's ids", func(t *testing.T) { owner.isHiddenFrom(t, other) })
	t.Run("forged tokens", other.forgesTokens)
	t.Run("attacks that the edge refuses", other.sendsAttacks)
	t.Run("guesses", owner.isGuessed)
	t.Run("too many requests", other.sendsTooMany)
	for _, user := range []*User{owner, other} {
		t.Run("deletion", user.deletesAccount)
	}
}

// usesEachDomain sends the main requests of the app. An external service that a new stage
// has no key for, such as the assistant's, is left out.
func (u *User) usesEachDomain(t *testing.T) {
	now := time.Now().UTC()
	month, day := now.Format("2006-01"), now.Format(time.DateOnly)+"T00:00:00.000Z"
	for _, request := range []struct {
		method, path string
		body         any
	}{
		{"PUT", "/profile", map[string]any{"city": "London"}},
		{"GET", "/profile", nil},
		{"PUT", "/profile/progress", map[string]any{
			"totalXP": 10, "level": 1, "lastActions": map[string]any{"daily-login": now.Format(time.RFC3339)},
			"dailyXP": 10, "weeklyXP": 10, "monthlyXP": 10, "lastResetDate": now.Format(time.DateOnly),
		}},
		{"GET", "/profile/progress", nil},
		{"PUT", "/profile/budget-preferences", map[string]any{"monthlySpendingLimit": 100}},
		{"GET", "/profile/budget-preferences", nil},
		{"POST", "/devices/register", map[string]any{
			"deviceId": "ios__" + u.Username, "deviceName": "Phone", "platform": "ios", "appVersion": "1.8.1", "rememberMe": true,
			"deviceFingerprint": "Zg==", "userEmail": u.Email,
		}},
		{"GET", "/devices/list", nil},
		{"POST", "/security/setup-pin", map[string]any{"pin": "48151", "deviceId": "ios__" + u.Username, "biometricEnabled": false}},
		{"POST", "/security/validate-pin", map[string]any{"pin": "48151", "deviceId": "ios__" + u.Username}},
		{"GET", "/security/preferences", nil},
		{"POST", "/transactions", transaction(day)},
		{"GET", "/transactions?limit=50", nil},
		{"GET", "/transactions/summary", nil},
		{"GET", "/expenses", nil},
		{"GET", "/budgets", nil},
		{"GET", "/budgets/alerts", nil},
		{"POST", "/goals", goal(now)},
		{"GET", "/goals", nil},
		{"POST", "/bills/detected", map[string]any{"bills": []any{bill(day)}}},
		{"GET", "/bills/detected", nil},
		{"PUT", "/profile/credit-score", map[string]any{"scores": []any{map[string]any{"bureau": "Equifax", "score": 420, "date": day, "monthYear": month}}}},
		{"GET", "/credit-score", nil},
		{"POST", "/credit/card", card()},
		{"GET", "/credit/cards", nil},
		{"GET", "/credit/health", nil},
		{"GET", "/achievements", nil},
		{"GET", "/notifications/preferences", nil},
		{"GET", "/notifications/history", nil},
		{"GET", "/alerts/pending", nil},
		{"GET", "/ai/chat-history", nil},
	} {
		u.does(t, request.method, request.path, request.body)
	}
	profile, _ := u.does(t, "GET", "/profile", nil).Body["profile"].(map[string]any)
	if profile["city"] != "London" || profile["email"] != u.Email {
		t.Errorf("the profile is %v", profile)
	}
}

func transaction(day string) map[string]any {
	return map[string]any{
		"amount": -3.5, "originalAmount": 3.5, "description": "Coffee", "category": "Food & Dining", "type": "debit", "date": day,
		"merchant": "Corner shop", "currency": "GBP", "accountId": "manual", "bankName": "Manual Entry", "accountType": "Manual Account",
	}
}

func goal(now time.Time) map[string]any {
	return map[string]any{
		"title": "Piano", "description": "For the summer", "targetAmount": 1000, "currentAmount": 0,
		"targetDate": now.AddDate(1, 0, 0).Format(time.DateOnly) + "T00:00:00.000Z", "category": "major purchase",
	}
}

func bill(day string) map[string]any {
	return map[string]any{
		"id": "bill_gym_monthly", "name": "Gym", "merchant": "Gym", "amount": 25, "frequency": "monthly", "category": "Health", "status": "active",
		"confidence": 0.9, "nextDueDate": day, "lastPaymentDate": day, "bankName": "Bank", "dayOfMonth": 5,
		"transactions": []any{map[string]any{"id": "a", "amount": -25, "date": day, "description": "Gym"}},
	}
}

func card() map[string]any {
	return map[string]any{
		"cardName": "Card", "lastFourDigits": "4821", "currentBalance": 450.5, "creditLimit": 1000, "interestRate": 19.9, "dueDate": 28, "minimumPayment": 25,
	}
}

// deletesAccount deletes the account, whose token and password then open nothing.
func (u *User) deletesAccount(t *testing.T) {
	u.does(t, "DELETE", "/auth/delete-account", nil)
	was := u.Token
	u.Token = ""
	if got := u.target.Call(t, "GET", "/profile", was, nil); got.Status != http.StatusUnauthorized {
		t.Errorf("the token of a deleted account answered %d %s", got.Status, got.Text)
	}
	again := u.target.Call(t, "POST", "/auth/login", "", map[string]any{"username": u.Username, "password": u.Password})
	again.Is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
}
