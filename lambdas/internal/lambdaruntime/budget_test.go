package lambdaruntime_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

// spender returns a fixture whose route spends a budget of 4 an address and 100 a stage,
// as "setting" says.
func spender(t *testing.T, setting string) (*fixture, error) {
	t.Helper()
	f := &fixture{table: table{status: http.StatusOK, body: `{}`}}
	declared := function.Define(function.Spec[*echo]{
		Name: "spender", Purpose: "Spends.",
		New: func(resources *function.Resources) (*echo, error) {
			return &echo{seen: &f.seen, db: dynamodb.NewFromConfig(resources.AWS)}, nil
		},
		Routes: []function.RouteOf[*echo]{function.Public("POST /auth/spend", (*echo).Public, function.Spends(function.Registrations))},
	})
	resources := function.NewResources(f.config(t), func(name string) (string, bool) {
		if name == "SETTING_BUDGET_REGISTRATIONS" {
			return setting, setting != ""
		}
		return name, !strings.HasSuffix(name, "_SECRET_ARN")
	})
	handler, err := lambdaruntime.NewHandler(declared, resources, lambdaruntime.NewTelemetry(&f.log, "spender", "INFO", nil))
	f.handler = handler
	return f, err
}

func TestStageBudget_ValidRequest_TakesASecondWrite(t *testing.T) {
	for body, want := range map[string]int{`{"text":"x"}`: 2, `{}`: 1} {
		f, err := spender(t, "4 100")
		if err != nil {
			t.Fatal(err)
		}
		f.call(t, "POST /auth/spend", body, nil)
		if f.table.writes != want {
			t.Errorf("%s took %d writes, not %d", body, f.table.writes, want)
		}
	}
}

func TestStageBudget_NoStageLimit_TakesNoSecondWrite(t *testing.T) {
	f, err := spender(t, "4 0")
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := f.call(t, "POST /auth/spend", `{"text":"x"}`, nil); status != http.StatusOK || f.table.writes != 1 {
		t.Errorf("answered %d after %d writes", status, f.table.writes)
	}
}

func TestStageBudget_UsedUp_RefusesAndSaysHowMuchIsUsed(t *testing.T) {
	f, err := spender(t, "4 100")
	if err != nil {
		t.Fatal(err)
	}
	f.table.stage = refused(`{"budget-registrations":{"N":"9000000000000000"}}`)
	status, response := f.call(t, "POST /auth/spend", `{"text":"x"}`, nil)
	if status != http.StatusTooManyRequests || response["error"] != "RATE_LIMITED" || f.seen.Text != "" {
		t.Errorf("answered %d %v", status, response)
	}
	for _, said := range []string{`"budget":"registrations"`, `"budgetUsed":100`, "stage budget used up"} {
		if !strings.Contains(f.log.String(), said) {
			t.Errorf("the log lacks %s: %s", said, f.log.String())
		}
	}
}

func TestStageBudget_TableFails_Refuses(t *testing.T) {
	f, err := spender(t, "4 100")
	if err != nil {
		t.Fatal(err)
	}
	f.table.stage = `{"__type":"com.amazonaws.dynamodb.v20120810#ValidationException"}`
	if status, _ := f.call(t, "POST /auth/spend", `{"text":"x"}`, nil); status != http.StatusServiceUnavailable || f.seen.Text != "" {
		t.Errorf("answered %d", status)
	}
}

func TestBudget_WithoutNumbers_FailsTheStart(t *testing.T) {
	for _, setting := range []string{"", "4", "four 100", "0 100", "4 -1", "4 100 1"} {
		if _, err := spender(t, setting); err == nil || !strings.Contains(strings.ToLower(err.Error()), "budget") {
			t.Errorf("%q: got %v", setting, err)
		}
	}
}

func TestBudget_SignedInRoute_IsInvalid(t *testing.T) {
	for name, route := range map[string]function.RouteOf[*echo]{
		"signed-in":        function.SignedIn("GET /mine", (*echo).Mine, function.Spends(function.Emails)),
		"served unguarded": function.Public("GET /large", (*echo).Large, function.Spends(function.Emails), function.FailOpen()),
	} {
		f := function.Define(function.Spec[*echo]{
			Name: "spender", Purpose: "Spends.", New: func(*function.Resources) (*echo, error) { return &echo{}, nil },
			Routes: []function.RouteOf[*echo]{route},
		})
		if err := f.Validate(); err == nil || !strings.Contains(err.Error(), "budget") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
