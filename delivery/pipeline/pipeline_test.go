package pipeline_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/delivery/pipeline"
)

// stages returns the stages with real values in place of their examples.
func stages(t *testing.T) (real []config.Config) {
	t.Helper()
	for i, name := range config.Stages() {
		cfg, err := config.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Account = []string{"123456789011", "123456789012", "123456789013", "000000000000"}[i]
		cfg.API.Edge.Zone.ID = "Z0123456789"
		cfg.SignIn = config.SignIn{}
		cfg.Subscriptions = config.Subscriptions{}
		cfg.Delivery.Repository = "shop/backend"
		real = append(real, cfg)
	}
	return real
}

func wantPlan(stage, account, domain string, tests bool) pipeline.Plan {
	role := "arn:aws:iam::" + account + ":role/"
	return pipeline.Plan{
		Stage: stage, URL: "https://" + domain, Region: "eu-west-2", Tests: tests,
		DeployRole: role + "expenzez-" + stage + "-deploy",
		ReadRole:   role + "expenzez-" + stage + "-read", LookupRole: role + "cdk-hnb659fds-lookup-role-" + account + "-eu-west-2",
	}
}

func TestForBranch_EachBranch_HasItsStage(t *testing.T) {
	for branch, want := range map[string]pipeline.Plan{
		"develop":   wantPlan("dev", "123456789011", "api-dev.expenzez.com", true),
		"staging":   wantPlan("staging", "123456789012", "api-staging.expenzez.com", true),
		"main":      wantPlan("prod", "123456789013", "api.expenzez.com", false), // no test signs up in prod
		"fix-login": {Reason: `no stage is deployed from branch "fix-login"`},
		"":          {Reason: `no stage is deployed from branch ""`},
	} {
		if got := pipeline.ForBranch(branch, "shop/backend", stages(t)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: the plan is %+v, not %+v", branch, got, want)
		}
	}
}

func TestForBranch_ForkOrExamples_DoesNothing(t *testing.T) {
	fork := pipeline.ForBranch("main", "stranger/backend", stages(t))
	if fork.Stage != "" || fork.Reason != `stage prod belongs to repository "shop/backend", not to "stranger/backend"` {
		t.Errorf("the plan of a fork is %+v", fork)
	}
	examples := stages(t)
	examples[0].Account = strings.Repeat("1", 12)
	plan := pipeline.ForBranch("develop", "shop/backend", examples)
	if plan.Stage != "" || plan.Reason != "config/dev.go has examples in place of Account" {
		t.Errorf("the plan of a stage with an example is %+v", plan)
	}
	if got := plan.Outputs(); got != "stage=\nurl=\nregion=\ndeploy-role=\nread-role=\nlookup-role=\ntests=false\n" {
		t.Errorf("the outputs are %s", got)
	}
}

func summary(t *testing.T) []pipeline.StackSummary {
	t.Helper()
	diff, err := os.ReadFile("testdata/diff.txt")
	if err != nil {
		t.Fatal(err)
	}
	return pipeline.Summarise(string(diff))
}

func TestSummarise_RecordedDiff_CountsResources(t *testing.T) {
	want := []pipeline.StackSummary{
		{Stack: "expenzez-dev-core", Added: 1, Changed: 1, Removed: 1, Removals: []string{
			"AWS::DynamoDB::Table Goals/Table (orphan)", "AWS::DynamoDB::Table Devices/Table (replace)",
		}},
		{Stack: "expenzez-dev-auth", Changed: 1, Removed: 1, Removals: []string{"AWS::Lambda::Version auth-login/Version (destroy)"}},
	}
	if got := summary(t); !reflect.DeepEqual(got, want) {
		t.Errorf("the summary is %+v", got)
	}
	if none := pipeline.Summarise("Stack expenzez-dev-mail\nThere were no differences\n"); len(none) != 0 {
		t.Errorf("the summary of no differences is %+v", none)
	}
}

func record(t *testing.T, needs string) pipeline.Record {
	t.Helper()
	r := pipeline.Record{
		Stage: "prod", Branch: "main", Commit: "0123456789abcdef", Actor: "ada", Run: "https://github.com/shop/backend/actions/runs/7", Changes: summary(t),
	}
	if err := r.AddJobs([]byte(needs)); err != nil {
		t.Fatal(err)
	}
	if err := r.AddApprovals([]byte(`[{"state": "approved", "comment": "ship <it> & *go*", "user": {"login": "grace"}, "environments": [{"name": "prod"}]}]`)); err != nil {
		t.Fatal(err)
	}
	return r
}

const deployed = `{"plan": {"result": "success", "outputs": {"stage": "prod"}}, "deploy": {"result": "success"}, "tests": {"result": "skipped"}}`

func text(t *testing.T, r pipeline.Record) string {
	t.Helper()
	message, err := r.Message()
	if err != nil {
		t.Fatal(err)
	}
	var sent struct{ Text string }
	if err := json.Unmarshal(message, &sent); err != nil {
		t.Fatal(err)
	}
	return sent.Text
}

func TestMessage_Success_NamesChangesAndReviewer(t *testing.T) {
	const want = `:white_check_mark: *prod* was deployed: <https://github.com/shop/backend/actions/runs/7|0123456 of main> by ada
• approved by grace: ship &lt;it&gt; &amp; ∗go∗
• expenzez-dev-core: 1 added, 1 changed, 1 removed
    :warning: AWS::DynamoDB::Table Goals/Table (orphan)
    :warning: AWS::DynamoDB::Table Devices/Table (replace)
• expenzez-dev-auth: 0 added, 1 changed, 1 removed
    :warning: AWS::Lambda::Version auth-login/Version (destroy)
`
	if got := text(t, record(t, deployed)); got != want {
		t.Errorf("the message is\n%s\nnot\n%s", got, want)
	}
}

func TestMessage_AnyFailedJob_IsAFailureThatNamesIt(t *testing.T) {
	for result, outcome := range map[string]string{"success": "success", "skipped": "success", "failure": "failure", "cancelled": "failure"} {
		r := record(t, strings.Replace(deployed, `"tests": {"result": "skipped"}`, `"smoke": {"result": "`+result+`"}`, 1))
		got := text(t, r)
		if named := strings.Contains(got, "• failed: smoke ("+result+")"); r.Outcome != outcome || named != (outcome == "failure") ||
			strings.HasPrefix(got, ":x:") != (outcome == "failure") {
			t.Errorf("%s: the outcome is %s: %s", result, r.Outcome, got)
		}
	}
	var r pipeline.Record
	for _, needs := range []string{"", "{}", "[]"} {
		if err := r.AddJobs([]byte(needs)); err == nil {
			t.Errorf("no results in %q make a record", needs)
		}
	}
}

func TestMessage_Rollback_SaysSo(t *testing.T) {
	for result, want := range map[string]string{
		"success": ":white_check_mark: *prod* was rolled back: <https://github.com/shop/backend/actions/runs/7|0123456 of main> by ada\n",
		"failure": ":x: *prod* was not rolled back as it should be: <https://github.com/shop/backend/actions/runs/7|0123456 of main> by ada\n",
	} {
		r := record(t, `{"plan": {"result": "success"}, "rollback": {"result": "`+result+`"}}`)
		r.Changes = nil
		if got := text(t, r); !strings.HasPrefix(got, want) || strings.Contains(got, "no stack changes") {
			t.Errorf("%s: the message is\n%s", result, got)
		}
	}
}

func TestMessage_ManyChanges_IsClipped(t *testing.T) {
	r := record(t, deployed)
	for range 500 {
		r.Changes = append(r.Changes, r.Changes[0])
	}
	if got := []rune(text(t, r)); len(got) != 4000 || got[3999] != '…' {
		t.Errorf("the text has %d characters", len(got))
	}
}

func TestPost_Webhook_GetsMessageAndIsInNoError(t *testing.T) {
	const secret = "/services/T0/B0/hush"
	var got string
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(body)
		got = r.URL.Path + " " + string(body)
		w.WriteHeader(status)
	}))
	if err := pipeline.Post(t.Context(), server.URL+secret+"\n", []byte(`{"text":"x"}`)); err != nil || got != secret+` {"text":"x"}` {
		t.Errorf("posted %q: %v", got, err)
	}
	status = http.StatusForbidden
	refused := pipeline.Post(t.Context(), server.URL+secret, nil)
	server.Close()
	for name, err := range map[string]error{
		"refused":     refused,
		"unreachable": pipeline.Post(t.Context(), server.URL+secret, nil),
		"no URL":      pipeline.Post(t.Context(), "http://a b"+secret, nil),
		"not Slack's": pipeline.ParseWebhook("https://evil.example" + secret),
		"unencrypted": pipeline.ParseWebhook("http://hooks.slack.com" + secret),
	} {
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	if err := pipeline.ParseWebhook("https://hooks.slack.com" + secret); err != nil {
		t.Error(err)
	}
}

func TestCheckReviewed_Approvals_OnlyThoseOfOtherReviewersCount(t *testing.T) {
	for name, tc := range map[string]struct {
		approvals string
		reviewed  bool
	}{
		"none":                      {`[]`, false},
		"another reviewer":          {`[{"state": "approved", "user": {"login": "grace"}, "environments": [{"name": "prod"}]}]`, true},
		"who pushed":                {`[{"state": "approved", "user": {"login": "ada"}, "environments": [{"name": "prod"}]}]`, false},
		"a rejection":               {`[{"state": "rejected", "user": {"login": "grace"}, "environments": [{"name": "prod"}]}]`, false},
		"of another environment":    {`[{"state": "approved", "user": {"login": "grace"}, "environments": [{"name": "prod-read"}]}]`, false},
		"who pushed and a reviewer": {`[{"state": "approved", "user": {"login": "ada"}, "environments": [{"name": "prod"}]}, {"state": "approved", "user": {"login": "grace"}, "environments": [{"name": "staging"}, {"name": "prod"}]}]`, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := pipeline.Record{Stage: "prod", Actor: "ada"}
			if err := r.AddApprovals([]byte(tc.approvals)); err != nil {
				t.Fatal(err)
			}
			if err := r.CheckReviewed(); (err == nil) != tc.reviewed {
				t.Errorf("%s: %v", tc.approvals, err)
			}
		})
	}
}
