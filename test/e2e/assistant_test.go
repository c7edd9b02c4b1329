package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/lambdas/ai/aitest"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/test/fakes/openai"
)

// tellModel sets what the model answers from now on.
func tellModel(t *testing.T, reply openai.Reply) {
	t.Helper()
	body, err := json.Marshal(reply)
	if err != nil {
		t.Fatal(err)
	}
	control(t, "PUT", "/-/openai/answer", body)
}

// control sends a request to the control endpoints of the stand-ins.
func control(t *testing.T, method, path string, body []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, stage.FakesURL()+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := httpClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s answered %d", path, response.StatusCode)
	}
}

// spendsToday creates a transaction of today.
func (s signedIn) spendsToday(t *testing.T, description string, amount float64) {
	t.Helper()
	form := transactionForm(description, -amount)
	form["date"] = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	call(t, "POST", "/transactions", s.token, form).is(t, http.StatusOK, "", "")
}

// question is a question as the app sends it, with rows in its context.
func question(message string, rows int) map[string]any {
	recent := []any{}
	for i := range rows {
		recent = append(recent, map[string]any{
			"id": fmt.Sprint("row-", i), "amount": -9.99, "category": "food", "description": "PAYMENT TO MARGARET HAMILTON 12345678",
			"date": "2026-07-01T00:00:00.000Z", "type": "debit", "merchant": "Margaret Hamilton", "bankName": strings.Repeat("x", 200),
		})
	}
	return map[string]any{"message": message, "financialContext": map[string]any{
		"recentTransactions": recent, "totalSpending": 424242, "avgTransactionAmount": nil, "accounts": []any{map[string]any{"name": "Hedy's account", "type": "current"}},
	}}
}

// chat asks the assistant as the app does. A true answer arrives, a lie does not, and an
// outage of the model is a 503.
func chat(t *testing.T) {
	for _, operation := range []struct{ method, path string }{
		{"GET", "/ai/chat-history"}, {"DELETE", "/ai/chat-history"}, {"POST", "/ai/chat-message"}, {"POST", "/ai/insight"},
		{"POST", "/ai/chart-insight"}, {"POST", "/ai/categorize"}, {"POST", "/ai/credit-insight"},
	} {
		call(t, operation.method, operation.path, "", map[string]any{}).is(t, http.StatusUnauthorized, "", "")
	}
	hedy := newSignedInUser(t, "chat.hedy")
	hedy.spendsToday(t, "Tea for Margaret Hamilton", 321.5)
	hedy.createGoal(t, "Lisbon with Margaret", 1000, 250)

	call(t, "POST", "/ai/chat-message", hedy.token, map[string]any{"role": "user", "content": "What did I spend?"}).isDone(t)
	tellModel(t, openai.Reply{Text: "You have saved £250 for goal A. You spent £9,999 on shoes."})
	got := call(t, "POST", "/ai/insight", hedy.token, question("I am Chat Hedy, hedy@example.com. What did I pay Margaret Hamilton from 12345678?", 1000))
	if got.is(t, http.StatusOK, "", ""); got.body["answer"] != "You have saved £250 for goal “Lisbon with Margaret”." {
		t.Errorf("answered %s", got.text)
	}
	call(t, "POST", "/ai/chat-message", hedy.token, map[string]any{"role": "assistant", "content": got.body["answer"]}).isDone(t)
	history := call(t, "GET", "/ai/chat-history", hedy.token, nil)
	history.is(t, http.StatusOK, "", "")
	if messages, _ := history.body["history"].([]any); len(messages) != 2 || messages[0].(map[string]any)["content"] != "What did I spend?" {
		t.Errorf("answered %s", history.text)
	}

	call(t, "POST", "/ai/insight", hedy.token, map[string]any{"message": "", "financialContext": map[string]any{}}).is(t, http.StatusUnprocessableEntity, "", "")
	call(t, "POST", "/ai/chat-message", hedy.token, map[string]any{"role": "system", "content": "x"}).is(t, http.StatusUnprocessableEntity, "", "")
	control(t, "PUT", "/-/faults/openai?fault=garbage", nil)
	call(t, "POST", "/ai/insight", hedy.token, question("And now?", 0)).isNested(t, http.StatusServiceUnavailable, "UNAVAILABLE")
	control(t, "PUT", "/-/faults/openai?fault=", nil)

	eve := newSignedInUser(t, "chat.eve")
	call(t, "POST", "/ai/chat-message", eve.token, map[string]any{"role": "user", "content": "Mine"}).isDone(t)
	cleared := call(t, "DELETE", "/ai/chat-history", hedy.token, nil)
	if cleared.isDone(t); cleared.body["deletedCount"] != 2.0 {
		t.Errorf("answered %s", cleared.text)
	}
	if left := call(t, "GET", "/ai/chat-history", eve.token, nil); !strings.Contains(left.text, "Mine") {
		t.Errorf("another user's history is %s", left.text)
	}
	dailyLimit(t, hedy)
}

// insights has charts commented and transactions categorised. Charts are for the premium plan.
func insights(t *testing.T) {
	ada, free := newSignedInUser(t, "insights.ada"), newSignedInUser(t, "insights.free")
	subscribe(t, ada.id)
	ada.spendsToday(t, "Tea for Margaret Hamilton", 321.5)
	tellModel(t, openai.Reply{Text: "You spent £321.50 on food this month. You spent £9,999 on shoes."})
	spending := map[string]any{"chartType": "spending", "data": map[string]any{"currentSpending": 424242, "previousSpending": 1}}
	refused := call(t, "POST", "/ai/chart-insight", free.token, spending)
	if refused.is(t, http.StatusUnprocessableEntity, "", ""); refused.body["code"] != "PREMIUM_REQUIRED" {
		t.Errorf("the free plan gets %s", refused.text)
	}
	got := call(t, "POST", "/ai/chart-insight", ada.token, spending)
	got.is(t, http.StatusOK, "", "")
	if got.body["insight"] != "You spent £321.50 on food this month." || got.body["priority"] != "low" {
		t.Errorf("answered %s", got.text)
	}
	call(t, "POST", "/ai/chart-insight", ada.token, map[string]any{"chartType": "pie", "data": map[string]any{}}).is(t, http.StatusUnprocessableEntity, "", "")

	call(t, "PUT", "/profile/credit-score", ada.token, scoreForm(creditScore("Experian", "2026-10", 720))).is(t, http.StatusOK, "", "")
	tellModel(t, openai.Reply{Text: "Your credit score with Experian is 720. It was 500 before."})
	credit := call(t, "POST", "/ai/credit-insight", ada.token, map[string]any{})
	if credit.is(t, http.StatusOK, "", ""); credit.body["insight"] != "Your credit score with Experian is 720." {
		t.Errorf("answered %s", credit.text)
	}

	tellModel(t, openai.Reply{Text: `{"suggestions":[{"merchant":0,"category":"food"}]}`})
	for range 2 { // the second is kept
		coffee := call(t, "POST", "/ai/categorize", ada.token, map[string]any{"description": "SQ *ACME COFFEE 12345678", "amount": -3.2})
		if coffee.is(t, http.StatusOK, "", ""); coffee.body["category"] != "food" {
			t.Errorf("answered %s", coffee.text)
		}
	}
	person := call(t, "POST", "/ai/categorize", ada.token, map[string]any{"description": "MARGARET HAMILTON", "amount": -3.2})
	if person.is(t, http.StatusOK, "", ""); person.body["category"] != "other" {
		t.Errorf("answered %s", person.text)
	}
	call(t, "POST", "/ai/categorize", ada.token, map[string]any{"amount": 1}).is(t, http.StatusUnprocessableEntity, "", "")
	if used := storedOf(t, tables.AIUsageTracking, ada.id); len(used) != 1 || fmt.Sprint(used[0]["calls"]) != "map[categories:1 chart-insight:1 credit-insight:1]" {
		t.Errorf("the usage is %v", used)
	}
	erasedChat(t, ada)
}

// erasedChat erases a user's data: messages and suggestions go, and what was used stays.
func erasedChat(t *testing.T, user signedIn) {
	t.Helper()
	call(t, "POST", "/ai/chat-message", user.token, map[string]any{"role": "user", "content": "Forget me"}).isDone(t)
	if kept := storedOf(t, tables.AIChatHistory, user.id); len(kept) != 2 {
		t.Errorf("kept are %v", kept)
	}
	call(t, "DELETE", "/user/data", user.token, map[string]any{"confirm": "DELETE_ALL_DATA"}).is(t, http.StatusOK, "", "")
	finishErasure(t, user.id)
	if left, used := storedOf(t, tables.AIChatHistory, user.id), storedOf(t, tables.AIUsageTracking, user.id); len(left) != 0 || len(used) != 1 {
		t.Errorf("left are %v and %v", left, used)
	}
}

// dailyLimit asks until the day's questions are used up. The question that failed is not
// among them.
func dailyLimit(t *testing.T, user signedIn) {
	t.Helper()
	tellModel(t, openai.Reply{Text: "You could cook at home more often."})
	for range 9 {
		call(t, "POST", "/ai/insight", user.token, question("Hello?", 0)).is(t, http.StatusOK, "", "")
	}
	refused := call(t, "POST", "/ai/insight", user.token, question("Hello?", 0))
	refused.is(t, http.StatusTooManyRequests, "", "")
	if refused.says(t, "daily"); refused.header.Get("Retry-After") == "" {
		t.Errorf("the headers are %v", refused.header)
	}
	usage := storedOf(t, tables.AIUsageTracking, user.id)
	if len(usage) != 1 || fmt.Sprint(usage[0]["daily"]) != "map[chat:10]" || usage[0]["period"] != time.Now().UTC().Format("2006-01") {
		t.Errorf("the usage is %v", usage)
	}
}

// whatLeftForTheModel reads everything that OpenAI received in this run, under faults and with rejected keys, too. It
// must be what the assistant sends, with figures, and nothing of a person.
func whatLeftForTheModel(t *testing.T) {
	got, err := httpClient.Get(stage.FakesURL() + "/-/openai/requests")
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	var sent []openai.Request
	if err := json.NewDecoder(got.Body).Decode(&sent); err != nil || len(sent) < 10 {
		t.Fatalf("%d requests, %v", len(sent), err)
	}
	for _, request := range sent {
		if err := aitest.Check(request.Path, request.Body); err != nil {
			t.Errorf("what left is not what the assistant sends: %v\n%.2000s", err, request.Body)
		}
	}
	text, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	for _, personal := range []string{
		"example.com", "example.org", "margaret", "hamilton", "12345678", "hedy", "lisbon", "somerville", "+44", "07700", "424242", "st james", "chat.",
	} {
		if strings.Contains(strings.ToLower(string(text)), personal) {
			t.Errorf("%q left for the model", personal)
		}
	}
	if len(users.found) < 200 || users.registered < 50 || users.tokens < 50 {
		t.Errorf("only %d identities are known, of %d registrations and %d tokens", len(users.found), users.registered, users.tokens)
	}
	for _, identity := range users.namedIn(string(text)) {
		t.Errorf("%q of a user left for the model", identity)
	}
	if !strings.Contains(string(text), "£250") {
		t.Errorf("no figure left for the model: %.2000s", text)
	}
}

// rotatedModelKey follows the runbook for OpenAI's key. Warm functions use the new key
// once the old one is rejected.
func rotatedModelKey(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "runbooks", "assistant.md"))
	if err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile(`aws secretsmanager put-secret-value --secret-id (\S+) --secret-string '([^']+)'`).FindSubmatch(page)
	if command == nil {
		t.Fatal("the runbook has no command")
	}
	vault := secretsmanager.NewFromConfig(stage.AWSConfig(local.Region))
	filled := strings.NewReplacer("STAGE", "local", ":\"KEY", ":\"sk-rotated")
	id := aws.String(filled.Replace(string(command[1])))
	before, err := vault.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: id})
	if err != nil {
		t.Fatal(err)
	}
	var old map[string]string
	if err := json.Unmarshal([]byte(*before.SecretString), &old); err != nil {
		t.Fatal(err)
	}
	acceptKeys(t, old["OPENAI_API_KEY"], "sk-rotated") // the new key is made at OpenAI
	if _, err := vault.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: id, SecretString: aws.String(filled.Replace(string(command[2])))}); err != nil {
		t.Fatal(err)
	}
	grace := newSignedInUser(t, "rotated.grace")
	tellModel(t, openai.Reply{Text: "You could cook at home more often."})
	for _, when := range []string{"before the old key is revoked", "afterwards"} {
		got := call(t, "POST", "/ai/insight", grace.token, question("Hello?", 0))
		if got.is(t, http.StatusOK, "", ""); got.body["source"] != "model" {
			t.Errorf("%s: answered %s", when, got.text)
		}
		acceptKeys(t, "sk-rotated")
	}
}

// acceptKeys makes these OpenAI's only keys of the app.
func acceptKeys(t *testing.T, keys ...string) {
	t.Helper()
	body, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	control(t, "PUT", "/-/openai/keys", body)
}

// assistantLimits sends more requests than a user may. Three routes refuse their bodies,
// and the user has no credit to comment on, so no request asks the model.
func assistantLimits(t *testing.T) {
	rachel := newSignedInUser(t, "rachel.limits")
	from(t, "127.1.11.1", func() {
		for path, body := range map[string]any{
			"/ai/chart-insight": `"text"`, "/ai/categorize": `"text"`, "/ai/chat-message": `"text"`, "/ai/credit-insight": map[string]any{},
		} {
			status := 0
			for sent := 0; sent < 70 && status != http.StatusTooManyRequests; sent++ {
				status = call(t, "POST", path, rachel.token, body).status
			}
			if status != http.StatusTooManyRequests {
				t.Errorf("%s answered %d in the end", path, status)
			}
		}
	})
}
