package lambdas_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/internal/cost"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/unsubscribe"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/statementtest"
)

// measuredEvent is an event that is measured, one message or change. The texts have the
// placeholders of a measuredRequest.
type measuredEvent struct {
	// function is the function's name, event the Key of the event.
	function, event string
	// body is the message, the changed item, or the whole event of another kind.
	body    string
	prepare func(*testing.T, *measuredCaller)
}

// key is the name under which the event is recorded.
func (e measuredEvent) key() string { return e.function + ": " + e.event }

const (
	reached = `{"userId":"{USER}","goalId":"{GOAL}","targetAmount":5,"currentAmount":5,"reachedAt":18000000000{N}}`
	crossed = `{"userId":"{USER}","alertId":"{ALERT}","budgetId":"overall","month":"2026-10","threshold":80,"limit":100,"spend":90,"crossedAt":18000000000{N}}`
	changed = `{"userId":"{USER}","transactionId":"{TX}","kind":"created","after":{"day":"{TODAY}","amount":-600,"category":"Groceries","excluded":false,"merchantHash":"{MERCHANT}"},"at":1800000000000}`
	notice  = `{"userId":"{USER}","cause":"goal-{N}","at":18000000000{N},"causedAt":18000000000{N},"type":"achievement","event":"goal_reached","goalId":"{GOAL}"}`
	report  = `{"id":"0123456789abcdef0123456789abc{N}","at":"2026-10-01T00:00:00Z","function":"f","route":"GET /x","status":500,"code":"INTERNAL","kind":["x"],"errors":[{"type":"x","text":"x"}]}`
	version = "0123456789abcdef0123456789abcd{N}"
	trigger = `"version":"1","userName":"ada","callerContext":{},"request":{"userAttributes":{},"session":[]},"response":{}}`
)

// measuredEvents returns each event of the functions, in an order that works after the
// requests. Schedules have nothing to do, as most of their runs.
func measuredEvents() []measuredEvent {
	spent, onGoal := again("POST /transactions"), again("POST /goals")
	return []measuredEvent{
		{"error-reporter", "queue error-reports", report, nil},
		{"customauth-challenge", "DefineAuthChallenge", `{"triggerSource":"DefineAuthChallenge_Authentication",` + trigger, nil},
		{"customauth-challenge", "CreateAuthChallenge", `{"triggerSource":"CreateAuthChallenge_Authentication",` + trigger, nil},
		{"customauth-challenge", "VerifyAuthChallengeResponse", `{"triggerSource":"VerifyAuthChallengeResponse_Authentication","version":"1","userName":"ada","callerContext":{},"request":{"privateChallengeParameters":{"nonce":"n"},"challengeAnswer":"x"},"response":{}}`, nil},
		{"customauth-rotation", "rotation", `{"Step":"finishSecret","SecretId":"{JWT}","ClientRequestToken":"` + version + `"}`, beginRotation},
		{"pretokengeneration-scope", "TokenGeneration", `{"triggerSource":"TokenGeneration_Authentication",` + trigger, nil},
		{"auth-delete-account", "schedule", "", nil},
		{"auth-cleanup-unconfirmed", "schedule", "", confirmAll},
		{"auth-recovery", "schedule", "", nil},
		{"auth-recovery", "command unlink-identity", `{"command":"unlink-identity","user":"{APPLEUSER}","provider":"Apple"}`, again("POST /auth/apple-login")},
		{"profile-user-data", "schedule", "", nil},
		{"goals-changes", "changes of Goals", `{"userId":{"S":"{USER}"},"goalId":{"S":"{GOAL}"},"targetAmount":{"N":"5"},"currentAmount":{"N":"5"},"reachedAt":{"N":"1800000000000"}}`, onGoal},
		{"achievements-goals", "topic goal-reached", reached, onGoal},
		{"achievements-transactions", "topic transaction-changed", changed, spent},
		{"notifications-feed", "topic goal-reached", reached, onGoal},
		{"notifications-feed", "topic budget-crossed", crossed, crossBudget},
		{"notifications-feed", "topic notice", notice, nil},
		{"notifications-push", "topic notice", notice, again("POST /notifications/tokens")},
		{"notifications-push", "schedule", "", nil},
		{"notifications-digest", "topic notice", notice, wantDigest},
		{"notifications-digest", "schedule", "", nil},
		{"notifications-email", "queue digest-requests", `{"userId":"{USER}","id":"digest-{N}"}`, collectDigest},
		{"alerts-detect", "topic goal-reached", reached, onGoal},
		{"alerts-detect", "topic budget-crossed", crossed, crossBudget},
		{"alerts-detect", "topic transaction-changed", changed, spent},
		{"alerts-bills", "queue alerts-bill-visits", `{"userId":"{USER}","day":"{TODAY}"}`, nil},
		{"alerts-schedule", "schedule", "", nil},
		{"transactions-repair", "command repair-figures", `{"command":"repair-figures","userId":"{USER}","correct":false}`, nil},
		{"transactions-changes", "changes of Transactions", `{"userId":{"S":"{USER}"},"transactionId":{"S":"{TX}"},"day":{"S":"2026-10-01"},"amount":{"N":"-5"},"category":{"S":"Groceries"},"version":{"S":"{N}"}}`, spent},
		{"transactions-import-parts", "topic import-part", `{"userId":"{USER}","importId":"import{N}","attempt":"a","number":0,"from":"2026-10-01","to":"2026-10-31","at":1800000000000}`, nil},
		{"briefs-make", "queue brief-requests", `{"userId":"{USER}","day":"{TODAY}"}`, nil},
		{"briefs-schedule", "schedule", "", nil},
		{"budgets-alerts", "topic transaction-changed", changed, again("PUT /profile/budget-preferences")},
		{"statement-reader", "uploads to statements", `{"detail":{"object":{"key":"{KEY}","size":1000}}}`, uploadStatement},
		{"bills-detect", "topic transaction-changed", changed, spent},
	}
}

// tryEvent prepares and delivers an event, and returns what it caused.
func (c *measuredCaller) tryEvent(t *testing.T, event measuredEvent) cost.Operation {
	t.Helper()
	c.begin(t, event.prepare)
	c.deliver(t, event)
	return c.caused()
}

// deliver hands the event to its function, in the form in which Lambda would.
func (c *measuredCaller) deliver(t *testing.T, event measuredEvent) {
	t.Helper()
	served := c.handlerOf(t, func(f *function.Function) bool { return f.Name == event.function })
	answer, err := served.Invoke(t.Context(), payloadOf(event, c.fill(event.body)))
	if failed := bytes.Contains(answer, []byte("itemIdentifier")); err != nil || failed {
		t.Fatalf("%s was answered %s, %v\n%s", event.key(), answer, err, &c.log)
	}
}

// payloadOf returns the invocation of an event with this message, item or command.
func payloadOf(event measuredEvent, body string) []byte {
	kind, name, _ := strings.Cut(event.event, " ")
	switch kind {
	case function.ScheduleKey:
		return []byte(`{"schedule":"schedule"}`)
	case "changes":
		return fmt.Appendf(nil, `{"Records":[{"eventSource":"aws:dynamodb","eventSourceARN":"arn:aws:dynamodb:eu-west-2:1:table/x-%s/stream/1","eventName":"INSERT","dynamodb":{"SequenceNumber":"1","NewImage":%s}}]}`,
			strings.TrimPrefix(name, "of "), body)
	case "queue":
		return messageTo(name, body)
	case "topic":
		return messageTo(event.function+"-"+name, body)
	case "uploads":
		return messageTo(event.function+"-"+strings.TrimPrefix(name, "to "), body)
	}
	return []byte(body)
}

func messageTo(queue, body string) []byte {
	text, err := json.Marshal(map[string]any{"Records": []any{map[string]any{
		"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-2:1:x-" + queue, "messageId": "m", "body": body, "attributes": map[string]string{"ApproximateReceiveCount": "1"},
	}}})
	if err != nil {
		panic(err) // texts always encode
	}
	return text
}

// announce puts a notification into the feed.
func announce(t *testing.T, c *measuredCaller) {
	t.Helper()
	c.deliver(t, measuredEvent{function: "notifications-feed", event: "topic notice", body: notice})
}

// wantDigest has the user get digests.
func wantDigest(t *testing.T, c *measuredCaller) {
	t.Helper()
	again("GET /notifications/preferences", "PUT /notifications/preferences")(t, c)
}

// linkToUnsubscribe has the user get digests, and makes the token of a link to leave them.
func linkToUnsubscribe(t *testing.T, c *measuredCaller) {
	t.Helper()
	wantDigest(t, c)
	links := unsubscribe.New(kms.NewFromConfig(c.unmetered), c.variables[function.LookupKey.Variable()])
	link, err := links.URL(t.Context(), "api.example.com", unsubscribe.Digest, c.known["{USER}"])
	if err != nil {
		t.Fatal(err)
	}
	c.known["{TOKEN}"] = path.Base(link)
}

// collectDigest makes the digest digest-{N} of one notice.
func collectDigest(t *testing.T, c *measuredCaller) {
	t.Helper()
	wantDigest(t, c)
	due := 1800000000000 + int64(c.tries)
	c.put(t, tables.Deliveries, map[string]any{"userId": c.fill("{USER}"), "id": c.fill("digest-{N}"), "queue": tables.DigestsQueue, "dueAt": due})
	id := tables.NoticedPrefix + store.TimeOrderedID(time.UnixMilli(due), "")
	c.put(t, tables.Deliveries, map[string]any{"userId": c.fill("{USER}"), "id": id, "notice": c.fill(notice), "dueAt": due})
}

// raiseAlert makes an alert with the id goal-goal{N}.
func raiseAlert(t *testing.T, c *measuredCaller) {
	t.Helper()
	c.put(t, tables.ProactiveAlerts, map[string]any{"userId": c.fill("{USER}"), "id": c.fill("goal-goal{N}"), "status": string(tables.AlertPending), "goalId": "g", "createdAt": 1800000000000})
}

// crossBudget makes the budget's alert {ALERT}.
func crossBudget(t *testing.T, c *measuredCaller) {
	t.Helper()
	c.known["{ALERT}"] = c.fill("alert{N}")
	c.put(t, tables.Budgets, map[string]any{"userId": c.fill("{USER}"), "id": c.fill("{ALERT}")})
}

// put writes an item of texts and numbers.
func (c *measuredCaller) put(t *testing.T, table *tables.Table, values map[string]any) {
	t.Helper()
	item := map[string]types.AttributeValue{}
	for name, value := range values {
		if text, is := value.(string); is {
			item[name] = &types.AttributeValueMemberS{Value: text}
		} else {
			item[name] = &types.AttributeValueMemberN{Value: fmt.Sprint(value)}
		}
	}
	if _, err := dynamodb.NewFromConfig(c.unmetered).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.Name, Item: item}); err != nil {
		t.Fatal(err)
	}
}

// uploadStatement uploads a bank statement under {KEY}.
func uploadStatement(t *testing.T, c *measuredCaller) {
	t.Helper()
	again("POST /transactions/statement-upload-url")(t, c)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, c.known["{UPLOAD}"], bytes.NewReader(statementtest.NewOfRows("monzo", 2, 12).PDF()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/pdf")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Body.Close(); answer.StatusCode != http.StatusOK {
		t.Fatalf("the upload was answered %d", answer.StatusCode)
	}
}

// readStatement uploads a statement and has it read.
func readStatement(t *testing.T, c *measuredCaller) {
	t.Helper()
	uploadStatement(t, c)
	c.deliver(t, measuredEvent{function: "statement-reader", event: "uploads to statements", body: `{"detail":{"object":{"key":"{KEY}","size":1000}}}`})
}

// askApple has Apple issue an identity token and a code for an account of its own.
func askApple(_ *testing.T, c *measuredCaller) {
	c.known["{IDENTITY}"] = c.apple.IdentityToken("001", nil)
	c.known["{CODE}"] = c.apple.Code("001")
}

// askGoogle has Google issue an ID token for an account of its own.
func askGoogle(_ *testing.T, c *measuredCaller) {
	c.known["{GOOGLE}"] = c.google.IDToken("1", map[string]any{"email": "ada@gmail.com"})
}

// subscribe makes the user premium.
func subscribe(t *testing.T, c *measuredCaller) {
	t.Helper()
	c.put(t, tables.Entitlements, map[string]any{"userId": c.fill("{USER}"), "plan": string(tables.Premium), "checkedAt": time.Now().UnixMilli()})
}

// fallBehind makes a goal that is behind its date: half of its time has passed, and nothing
// is saved. The list reads the months then.
func fallBehind(t *testing.T, c *measuredCaller) {
	t.Helper()
	now := time.Now()
	c.put(t, tables.Goals, map[string]any{
		"userId": c.fill("{USER}"), "goalId": "behind", "type": "custom", "priority": "medium", "targetAmount": 1000, "currentAmount": 0,
		"createdAt": now.AddDate(-1, 0, 0).UnixMilli(), "targetDate": now.AddDate(1, 0, 0).UnixMilli(),
	})
}

// spendUnusually has a premium user spend more in this month than in the three before. The
// analytics read this month's transactions then.
func spendUnusually(t *testing.T, c *measuredCaller) {
	t.Helper()
	subscribe(t, c)
	for before := range 4 {
		amount := 10
		if before == 0 {
			amount = 1000
		}
		month := dates.AddMonths(calendar.MonthOf(time.Now()), -before)
		c.call(t, measuredRequest{key: "POST /transactions", body: fmt.Sprintf(
			`{"amount":-%d,"description":"Flight {N}","category":"Travel","type":"debit","date":"%s-01T12:00:00Z","merchant":"Air","currency":"GBP","accountId":"manual","bankName":"Manual Entry","accountType":"Manual Account"}`, amount, month)})
	}
}

// beginRotation makes the version of the secret that a rotation is to finish.
func beginRotation(t *testing.T, c *measuredCaller) {
	t.Helper()
	if _, err := secretsmanager.NewFromConfig(c.unmetered).PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: aws.String(c.known["{JWT}"]), ClientRequestToken: aws.String(c.fill(version)), SecretString: aws.String(`{"JWT_SECRET":"` + strings.Repeat("n", 64) + `"}`), VersionStages: []string{"AWSPENDING"},
	}); err != nil {
		t.Fatal(err)
	}
}

// confirmAll confirms every user, so that a clean-up has nothing to look at.
func confirmAll(t *testing.T, c *measuredCaller) {
	t.Helper()
	client, pool := cognito.NewFromConfig(c.unmetered), aws.String(c.variables[function.UserPoolVariable])
	for pages := cognito.NewListUsersPaginator(client, &cognito.ListUsersInput{UserPoolId: pool}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, user := range page.Users {
			if user.UserStatus != cognitotypes.UserStatusTypeUnconfirmed {
				continue
			}
			if _, err := client.AdminConfirmSignUp(t.Context(), &cognito.AdminConfirmSignUpInput{UserPoolId: pool, Username: user.Username}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
