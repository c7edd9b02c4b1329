package e2e_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/metrics"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// personal is the personal data that the users of this run entered.
var personal = []string{"example.com", "+442079460000", "12/10/1985", "St James", "Correct-horse", "privaterelay"}

// webToken matches a JWT. Random ids have its first letters by chance.
var webToken = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.`)

// personalIn returns the personal data in a text, or nothing.
func personalIn(text string) string {
	for _, datum := range personal {
		if strings.Contains(strings.ToLower(text), strings.ToLower(datum)) {
			return datum
		}
	}
	return webToken.FindString(text)
}

// whatIsLogged searches every log of the run for personal data.
func whatIsLogged(t *testing.T) {
	lines, err := stage.Logs(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			name := "/" + physicalName(t, f.Name)
			if !slices.ContainsFunc(lines, func(line local.LogLine) bool { return strings.HasSuffix(line.Group, name) }) {
				t.Errorf("the log of %s was not read, or it logged nothing", f.Name)
			}
		}
	}
	for _, line := range lines {
		if datum := personalIn(line.Message); datum != "" {
			t.Errorf("a log holds %q: %s", datum, line.Message)
		}
	}
	attacksAreLogged(t, lines)
}

// attacksAreLogged checks what an operator sees of this run's attacks: a log line about
// each refusal, which every stage keeps, and a metric of each event.
func attacksAreLogged(t *testing.T, lines []local.LogLine) {
	t.Helper()
	refused, counted := map[string]bool{}, map[string]bool{}
	for _, line := range lines {
		var entry struct {
			Level, Message, Route, Code, RequestID string
			Status                                 int
			AWS                                    struct {
				CloudWatchMetrics []struct{ Metrics []struct{ Name string } }
			} `json:"_aws"`
		}
		if json.Unmarshal([]byte(line.Message), &entry) != nil {
			continue // a line of the engine
		}
		for _, directive := range entry.AWS.CloudWatchMetrics {
			for _, metric := range directive.Metrics {
				counted[metric.Name] = true
			}
		}
		if entry.Message == "request refused" && entry.Level == "WARN" && entry.Code != "" && entry.RequestID != "" {
			refused[fmt.Sprint(entry.Route, " ", entry.Status)] = true
		}
	}
	for _, want := range []string{"POST /auth/login 401", "POST /auth/login 429", "POST /auth/refresh 401", "POST /auth/refresh 429", "POST /auth/register 409", "POST /auth/apple-login 400"} {
		if !refused[want] {
			t.Errorf("no line tells of %s", want)
		}
	}
	for _, want := range []metrics.Name{
		metrics.SignInFailed, metrics.SignInLocked, metrics.CodeWrong, metrics.Registered, metrics.PINWrong, metrics.PINLocked,
		metrics.EndedSessionUsed, metrics.AccountLinked, metrics.Limited,
	} {
		if !counted[string(want)] {
			t.Errorf("no metric counts %s", want)
		}
	}
}

// whatIsStored searches the tables for personal data in plaintext, as an attacker with
// all tables would.
func whatIsStored(t *testing.T) {
	// The response to the creation is kept for two minutes in IdempotencyRecords.
	newSignedInUser(t, "hedy").createGoal(t, "A week at St James", 10, 0)
	for name, stored := range everythingStored(t) {
		if stored == "[]" && slices.Contains(written(), name) {
			t.Errorf("%s is empty", name)
		}
		for _, personal := range []string{"hedy@example.com", "example.com", "+442079460000", "12/10/1985", "St James", "privaterelay"} {
			if strings.Contains(strings.ToLower(stored), strings.ToLower(personal)) {
				t.Errorf("%s holds %q in clear", name, personal)
			}
		}
	}
}

// written returns the tables that a function may write and whose items stay. Items of
// deletions, erasures, recoveries and imports go when the work is done.
func written() []string {
	queues := []*tables.Table{tables.AccountDeletions, tables.DataErasures, tables.AccountRecoveries, tables.PendingImports}
	var names []string
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, grant := range f.Permissions.Tables {
				if !slices.Contains(queues, grant.Table) && (slices.Contains(grant.Operations, tables.PutItem) || slices.Contains(grant.Operations, tables.UpdateItem)) {
					names = append(names, grant.Table.Name)
				}
			}
		}
	}
	return names
}
