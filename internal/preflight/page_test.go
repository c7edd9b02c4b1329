package preflight_test

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/internal/preflight"
)

var update = flag.Bool("update", false, "write what preflight prints to docs/first-deploy.md")

const page = "../../docs/first-deploy.md"

func TestPage_HasWhatPreflightPrints(t *testing.T) {
	bare, ready := newEnvironment(t), newEnvironment(t)
	bare.planted.answers[accountSettings] = `{"AccountLimit": {"ConcurrentExecutions": 10}}`
	bare.planted.answers[sendingAccount] = `{"ProductionAccessEnabled": false, "SendingEnabled": true}`
	ready.prepare(t)
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	current := string(text)
	for name, e := range map[string]*environment{"bare": bare, "ready": ready} {
		printed := preflight.Text(preflight.Run(t.Context(), e.cfg, e.account), preflight.Users)
		if current, err = withBlock(current, name, printed); err != nil {
			t.Fatal(err)
		}
	}
	if *update {
		if err := os.WriteFile(page, []byte(current), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if current != string(text) {
		t.Errorf("docs/first-deploy.md differs from what preflight prints: run go test ./internal/preflight -run TestPage -update")
	}
}

// withBlock returns a page with another text in the block after the comment with the name.
func withBlock(page, name, text string) (string, error) {
	before, rest, found := strings.Cut(page, "<!-- "+name+" account -->\n```\n")
	_, after, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		return "", errors.New("docs/first-deploy.md has no block of the " + name + " account")
	}
	return before + "<!-- " + name + " account -->\n```\n" + text + "```\n" + after, nil
}

func TestRun_OtherAccount_EndsThere(t *testing.T) {
	e := newEnvironment(t)
	e.cfg.Account = "481516234200"
	results := preflight.Run(t.Context(), e.cfg, e.account)
	last := results[len(results)-1]
	if last.Check != "account" || len(last.Problems) != 1 || !strings.Contains(last.Problems[0].What, "account 000000000000, the stage to 481516234200") {
		t.Errorf("the last result is %+v", last)
	}
	if !preflight.Blocking(results, preflight.Mail) {
		t.Error("the deployment goes on")
	}
}

func TestRun_WithoutCredentials_EndsThere(t *testing.T) {
	e := newEnvironment(t)
	e.account.Home.BaseEndpoint = aws.String("http://127.0.0.1:1")
	e.account.Home.RetryMaxAttempts = 1
	results := preflight.Run(t.Context(), e.cfg, e.account)
	last := results[len(results)-1]
	if last.Check != "account" || len(last.Problems) != 1 || !strings.Contains(last.Problems[0].Do, "sign in to account 000000000000") {
		t.Errorf("the last result is %+v", last)
	}
}

// The engine has no X-Ray, like an account whose credentials may not call it.
func TestRun_CallRefused_IsProblemOfThatCheck(t *testing.T) {
	e := newEnvironment(t)
	delete(e.planted.answers, traceDestination)
	e.account.Home.RetryMaxAttempts = 1
	results := preflight.Run(t.Context(), e.cfg, e.account)
	if text := problemsOf(results, "transaction search"); !strings.Contains(text, "the check failed: ") || !strings.Contains(text, "allow the call") {
		t.Errorf("got %q", text)
	}
}

func TestBlocking_ProblemOfLaterStep_StopsOnlyThat(t *testing.T) {
	problem := []preflight.Problem{{What: "wrong", Do: "repair"}}
	results := []preflight.Result{{Check: "a", Before: preflight.Mail}, {Check: "b", Before: preflight.Stacks, Page: "docs/b.md", Problems: problem}}
	for step, want := range map[preflight.Step]string{preflight.Mail: "later  b", preflight.Stacks: "STOP   b", preflight.Users: "STOP   b"} {
		if text := preflight.Text(results, step); !strings.Contains(text, want) || !strings.Contains(text, "ok     a") || preflight.Blocking(results, step) != strings.HasPrefix(want, "STOP") {
			t.Errorf("before %s:\n%s", step, text)
		}
	}
	if _, err := preflight.ParseStep("core"); err == nil || !strings.Contains(err.Error(), "mail, stacks, users") {
		t.Errorf("got %v", err)
	}
}
