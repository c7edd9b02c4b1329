package lambdas_test

import "testing"

// measuredRequest is a request that is measured. In the texts, {N} is another number for
// each try, {DAY} another day of the month, and {USER}, {GOAL} and the like (heldValues)
// what the latest response held. {TODAY} is the day, {MERCHANT} the hash of a merchant.
type measuredRequest struct {
	key string
	// path holds the path values and, behind a question mark, the query.
	path, body string
	// prepare makes what the request needs, again before each try. Default: nothing.
	prepare func(*testing.T, *measuredCaller)
	// as is the user that calls. Default: {USER}, whom the first request signs in.
	as string
}

// heldValues are the values of responses that later requests name, with their paths.
var heldValues = map[string]string{
	"{REFRESH}": "refreshToken", "{USER}": "user.id", "{NEW}": "cognitoUserSub", "{GOAL}": "goal.goalId", "{BRIEF}": "brief.briefId", "{TX}": "transaction.id",
	"{BUDGET}": "budgets.0.id", "{EXPENSE}": "expense.id", "{NOTIFICATION}": "notifications.0.id", "{KEY}": "key", "{UPLOAD}": "uploadUrl",
	"{REVISION}": "preferences.emailRevision",
}

// again makes other measured requests first.
func again(keys ...string) func(*testing.T, *measuredCaller) {
	return func(t *testing.T, c *measuredCaller) {
		t.Helper()
		for _, key := range keys {
			for _, request := range measuredRequests() {
				if request.key == key {
					c.call(t, request)
				}
			}
		}
	}
}

const (
	spend    = `{"amount":-{N},"description":"Tea {N}","category":"Groceries","type":"debit","date":"2026-10-{DAY}T00:00:00Z","merchant":"Shop","currency":"GBP","accountId":"manual","bankName":"Manual Entry","accountType":"Manual Account"}`
	expense  = `{"amount":{N},"category":"groceries","description":"Tea","date":"2026-10-{DAY}T00:00:00Z"}`
	bill     = `{"id":"gym","name":"Gym","merchant":"Gym","amount":25,"frequency":"monthly","category":"Health","nextDueDate":"2026-07-05","status":"active","transactions":[{"id":"a","amount":-25,"date":"2026-05-05"},{"id":"b","amount":-25,"date":"2026-06-05"}]}`
	row      = `{"id":"1","date":"2026-09-{DAY}T00:00:00Z","description":"Shop {N}","merchant":"Shop","amount":-{N},"originalAmount":-{N},"category":"other","type":"debit"}`
	goal     = `"title":"Holiday {N}","description":"Sea","category":"vacation","targetAmount":1000,"targetDate":"2030-01-01T00:00:00.000Z"`
	pin      = `{"pin":"48151","deviceId":"ios__1","biometricEnabled":false}`
	push     = `{"token":"ExponentPushToken[phone{N}]","platform":"ios","deviceInfo":{"deviceName":"Phone","osVersion":"18.1","appVersion":"1.0.0"}}`
	newcomer = `{"username":"user{N}","name":"Eve Doe","given_name":"Eve","family_name":"Doe","email":"user{N}@example.com","password":"Correct-horse-1","phone_number":"","birthdate":"","address":"","gender":"","marketing_consent":false}`
)

// measuredRequests returns a request to each operation, all of one user, in an order that
// works. A request that reads more for some users is one of those.
func measuredRequests() []measuredRequest {
	return []measuredRequest{
		{key: "POST /auth/login", body: `{"username":"ada","password":"Correct-horse-1"}`},
		{key: "POST /auth/refresh", body: `{"refreshToken":"{REFRESH}"}`},
		{key: "GET /health"},
		{key: "$default"},
		{key: "POST /auth/check-user-status", body: `{"username":"free{N}"}`},
		{key: "POST /auth/register", body: newcomer},
		{key: "POST /auth/resend-verification", body: `{"username":"user{N}"}`, prepare: again("POST /auth/register")},
		{key: "POST /auth/send-verification-email", body: `{"username":"user{N}"}`, prepare: again("POST /auth/register")},
		{key: "POST /auth/confirm-signup", body: `{"username":"user{N}","code":"123456"}`, prepare: again("POST /auth/register")},
		{key: "POST /auth/forgot-password", body: `{"username":"user{N}"}`, prepare: again("POST /auth/register", "POST /auth/confirm-signup")},
		{key: "POST /auth/confirm-forgot-password", body: `{"username":"user{N}","confirmationCode":"654321","newPassword":"Better-horse-2"}`, prepare: again("POST /auth/register", "POST /auth/confirm-signup", "POST /auth/forgot-password")},
		{key: "POST /auth/forgot-username", body: `{"email":"user{N}@example.com"}`, prepare: again("POST /auth/register", "POST /auth/confirm-signup")},
		{key: "DELETE /auth/delete-account", as: "{NEW}", prepare: again("POST /auth/register", "POST /auth/confirm-signup")},
		{key: "GET /profile"},
		{key: "PUT /profile", body: `{"firstName":"Ada"}`},
		{key: "GET /profile/progress"},
		{key: "PUT /profile/progress", body: `{"totalXP":5,"level":1,"lastActions":{"daily-login":"2026-10-{DAY}T00:00:00.000Z"},"dailyXP":5,"weeklyXP":5,"monthlyXP":5,"lastResetDate":"2026-10-01"}`},
		{key: "POST /devices/register", body: `{"deviceId":"ios__1","deviceName":"Phone","platform":"ios","appVersion":"1.0","rememberMe":true}`},
		{key: "GET /devices/list"},
		{key: "PUT /devices/update-last-used", body: `{"deviceId":"ios__1"}`},
		{key: "PUT /devices/{deviceId}/trust", path: "deviceId=ios__1"},
		{key: "DELETE /devices/revoke/{deviceId}", path: "deviceId=ios__1", prepare: again("POST /devices/register")},
		{key: "POST /security/setup-pin", body: pin},
		{key: "PATCH /security/change-pin", body: `{"deviceId":"ios__1","oldPin":"48151","newPin":"16235"}`, prepare: again("POST /security/setup-pin")},
		{key: "POST /security/validate-pin", body: pin, prepare: again("POST /security/setup-pin")},
		{key: "GET /security/status/{deviceId}", path: "deviceId=ios__1"},
		{key: "GET /security/settings/{deviceId}", path: "deviceId=ios__1"},
		{key: "GET /security/preferences"},
		{key: "PUT /security/preferences", body: `{"sessionTimeout":{N}0000}`},
		{key: "GET /security/user-pins"},
		{key: "PATCH /security/biometric", body: `{"deviceId":"ios__1","biometricEnabled":true}`},
		{key: "DELETE /security/pin/{deviceId}", path: "deviceId=ios__1", prepare: again("POST /security/setup-pin")},
		{key: "POST /goals", body: `{` + goal + `,"currentAmount":0}`},
		{key: "GET /goals", prepare: fallBehind},
		{key: "PUT /goals/{id}", path: "id={GOAL}", body: `{` + goal + `,"currentAmount":{N}}`},
		{key: "PUT /goals/{userId}/{goalId}", path: "userId={USER}&goalId={GOAL}", body: `{` + goal + `,"currentAmount":{N}}`},
		{key: "POST /goals/{id}", path: "id={USER}", body: `{` + goal + `,"type":"vacation","priority":"high","currentAmount":0}`},
		{key: "POST /goals/{userId}/{goalId}/contributions", path: "userId={USER}&goalId={GOAL}", body: `{"amount":5,"source":"manual","timestamp":"2029-01-{DAY}T00:00:00.000Z"}`},
		{key: "DELETE /goals/{id}", path: "id={GOAL}", prepare: again("POST /goals")},
		{key: "DELETE /goals/{userId}/{goalId}", path: "userId={USER}&goalId={GOAL}", prepare: again("POST /goals")},
		{key: "GET /achievements"},
		{key: "PUT /profile/credit-score", body: `{"scores":[{"bureau":"Experian","score":900,"date":"2026-01-01T00:00:00.000Z","monthYear":"2026-01"}]}`},
		{key: "GET /profile/credit-score"},
		{key: "GET /credit-score"},
		{key: "POST /credit/card", body: `{"cardName":"Blue {N}","currentBalance":5,"creditLimit":1000}`},
		{key: "GET /credit/cards"},
		{key: "POST /credit/debt", body: `{"debtName":"Car {N}","debtType":"Car Loan","totalAmount":9000,"remainingAmount":6000,"interestRate":4.5,"monthlyPayment":300}`},
		{key: "GET /credit/debts"},
		{key: "GET /credit/health"},
		{key: "POST /transactions", body: spend},
		{key: "GET /transactions"},
		{key: "GET /transactions/{transactionId}", path: "transactionId={TX}"},
		{key: "PUT /transactions/{transactionId}", path: "transactionId={TX}", body: `{"category":"Dining","amount":-{N}}`},
		{key: "DELETE /transactions/{transactionId}", path: "transactionId={TX}", prepare: again("POST /transactions")},
		{key: "GET /transactions/summary"},
		{key: "POST /transactions/refresh-balance", body: `{}`},
		{key: "GET /transactions/similar", path: "?merchant=Shop&newCategory=Dining", prepare: again("POST /transactions")},
		{key: "POST /transactions/bulk-categorize", body: `{"transactionIds":["{TX}"],"category":"Home{N}"}`, prepare: again("POST /transactions")},
		{key: "POST /transactions/bulk-exclude", body: `{"transactionIds":["{TX}"],"excludeFromSpend":true}`, prepare: again("POST /transactions")},
		{key: "POST /transactions/import-csv", body: `{"transactions":[` + row + `],"bank":{"id":"monzo","name":"Monzo"}}`},
		{key: "POST /transactions/import-statement", body: `{"transactions":[` + row + `],"statement":{"issuer":"Monzo","periodStart":"2026-09-01","periodEnd":"2026-09-{DAY}","filename":"{N}.pdf"}}`},
		{key: "GET /transactions/statements"},
		{key: "GET /transactions/import-usage"},
		{key: "POST /transactions/statement-upload-url", body: `{}`},
		{key: "POST /transactions/parse-statement", body: `{"s3Key":"{KEY}","filename":"July.pdf"}`, prepare: readStatement},
		{key: "POST /expenses", body: expense},
		{key: "GET /expenses"},
		{key: "GET /expenses/{expenseId}", path: "expenseId={EXPENSE}"},
		{key: "PUT /expenses/{expenseId}", path: "expenseId={EXPENSE}", body: expense},
		{key: "DELETE /expenses/{expenseId}", path: "expenseId={EXPENSE}", prepare: again("POST /expenses")},
		{key: "GET /expenses/categories"},
		{key: "PUT /profile/budget-preferences", body: `{"monthlySpendingLimit":{N}000,"categoryBudgets":{"Groceries":{N}00}}`},
		{key: "GET /profile/budget-preferences"},
		{key: "GET /budgets"},
		{key: "GET /budgets/alerts"},
		{key: "DELETE /budgets/{budgetId}", path: "budgetId={BUDGET}", prepare: again("PUT /profile/budget-preferences", "GET /budgets")},
		{key: "POST /bills/detected", body: `{"bills":[` + bill + `]}`},
		{key: "GET /bills/detected"},
		{key: "PUT /bills/preferences", body: `{"action":"paid","billId":"gym","isPaid":true}`},
		{key: "GET /bills/preferences"},
		{key: "PUT /bills/preferences/{billId}", path: "billId=gym", body: `{"category":"Housing","customName":"Gym {N}"}`},
		{key: "POST /bills/preferences", body: `{"billId":"gym","isIgnored":true,"category":"Health"}`},
		{key: "DELETE /bills/preferences/exclude/{merchantPattern}", path: "merchantPattern=gym", prepare: again("POST /bills/detected", "POST /bills/preferences")},
		{key: "DELETE /bills/preferences/{billId}", path: "billId=gym", prepare: again("PUT /bills/preferences/{billId}")},
		{key: "DELETE /bills/detected/cache"},
		{key: "POST /subscription/sync", body: `{"userId":"{USER}"}`},
		{key: "POST /webhooks/revenuecat", body: `{"event":{"id":"event{N}","type":"RENEWAL","app_user_id":"{USER}","original_app_user_id":"{USER}","aliases":["{USER}"],"event_timestamp_ms":1800000000000}}`},
		{key: "POST /notifications/tokens", body: push},
		{key: "GET /notifications/tokens"},
		{key: "DELETE /notifications/tokens", body: `{"token":"ExponentPushToken[phone{N}]"}`, prepare: again("POST /notifications/tokens")},
		{key: "GET /notifications/preferences"},
		{key: "PUT /notifications/preferences", body: `{"pushEnabled":true,"transactionAlerts":true,"budgetAlerts":true,"securityAlerts":true,"emailDigest":"daily","emailRevision":{REVISION}}`},
		{key: "GET /notifications/unsubscribe/{token}", path: "token={TOKEN}", prepare: linkToUnsubscribe},
		{key: "POST /notifications/unsubscribe/{token}", path: "token={TOKEN}", body: "List-Unsubscribe=One-Click", prepare: linkToUnsubscribe},
		{key: "POST /notifications/send", body: `{"type":"account","title":"Reminder","message":"Look at your goals {N}"}`},
		{key: "GET /notifications/history", prepare: announce},
		{key: "PUT /notifications/{notificationId}/read", path: "notificationId={NOTIFICATION}", body: `{"notificationId":"{NOTIFICATION}"}`, prepare: func(t *testing.T, c *measuredCaller) {
			announce(t, c)
			again("GET /notifications/history")(t, c)
		}},
		{key: "DELETE /notifications", prepare: announce},
		{key: "GET /alerts/pending", prepare: raiseAlert},
		{key: "POST /alerts/{alertId}/acknowledge", path: "alertId=goal-goal{N}", prepare: raiseAlert},
		{key: "POST /alerts/{alertId}/dismiss", path: "alertId=goal-goal{N}", prepare: raiseAlert},
		{key: "GET /alerts/preferences"},
		{key: "PUT /alerts/preferences", body: `{"maxAlertsPerDay":50,"quietHoursStart":"","quietHoursEnd":""}`},
		{key: "GET /briefs/daily"},
		{key: "POST /briefs/{briefId}/view", path: "briefId={BRIEF}"},
		{key: "GET /ai/monthly-report/{reportMonth}", path: "reportMonth=latest"},
		{key: "POST /ai/insight", body: `{"message":"Hello?","financialContext":{}}`},
		{key: "POST /ai/chart-insight", body: `{"chartType":"spending","data":{}}`, prepare: subscribe},
		{key: "POST /ai/credit-insight", body: `{}`},
		{key: "POST /ai/categorize", body: `{"description":"ACME COFFEE {N}","amount":-1}`},
		{key: "POST /ai/chat-message", body: `{"role":"user","content":"Hello"}`},
		{key: "GET /ai/chat-history"},
		{key: "DELETE /ai/chat-history", prepare: again("POST /ai/chat-message")},
		{key: "GET /insights/savings-opportunities"},
		{key: "GET /analytics/advanced", prepare: spendUnusually},
		{key: "POST /auth/apple-login", body: `{"identityToken":"{IDENTITY}","authorizationCode":"{CODE}"}`, prepare: askApple},
		{key: "POST /auth/google-login", body: `{"idToken":"{GOOGLE}","user":{"id":"1","email":"ada@example.com"}}`, prepare: askGoogle},
		{key: "DELETE /user/data", as: "{NEW}", body: `{"confirm":"DELETE_ALL_DATA"}`, prepare: func(t *testing.T, c *measuredCaller) {
			again("POST /auth/register", "POST /auth/confirm-signup")(t, c)
			c.call(t, measuredRequest{key: "POST /goals", as: "{NEW}", body: `{` + goal + `,"currentAmount":0}`})
		}},
	}
}
