package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/delivery/pipeline"
)

func TestPlan_ExamplesInConfig_GivesEmptyOutputs(t *testing.T) {
	for _, args := range [][]string{{"-branch", "develop"}, {"-stage", "dev"}} {
		var out strings.Builder
		if err := run(t.Context(), append([]string{"plan", "-repository", "expenzez/infrastructure"}, args...), os.Getenv, &out); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(out.String(), "stage=\n") {
			t.Errorf("%v: the outputs are %s", args, out.String())
		}
	}
}

func TestRecordAndSlack_RunOfWorkflow_IsRecordedAndTold(t *testing.T) {
	github := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/repos/shop/backend/actions/runs/7/approvals" || r.Header.Get("Authorization") != "Bearer hush" {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = w.Write([]byte(`[{"state": "approved", "user": {"login": "grace"}, "environments": [{"name": "prod"}]}, {"state": "rejected", "user": {"login": "alan"}}]`))
	}))
	defer github.Close()
	file := filepath.Join(t.TempDir(), "record.json")
	values := map[string]string{
		"GITHUB_REF_NAME": "main", "GITHUB_SHA": "0123456789", "GITHUB_ACTOR": "ada", "GITHUB_SERVER_URL": "https://github.com",
		"GITHUB_REPOSITORY": "shop/backend", "GITHUB_RUN_ID": "7", "GITHUB_API_URL": github.URL, "GH_TOKEN": "hush", "NEEDS": `{"deploy": {"result": "failure"}}`,
	}
	env := func(name string) string { return values[name] }
	record := []string{"record", "-stage", "prod", "-diff", "../../pipeline/testdata/diff.txt", "-out", file}
	if err := run(t.Context(), record, env, nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r pipeline.Record
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if r.Outcome != "failure" || len(r.Changes) != 2 || len(r.Approvals) != 2 || r.Run != "https://github.com/shop/backend/actions/runs/7" || strings.Contains(string(text), "hush") {
		t.Errorf("the record is %s", text)
	}
	var out strings.Builder
	if err := run(t.Context(), []string{"slack", "-record", file}, env, &out); err != nil || !strings.Contains(out.String(), "approved by grace") {
		t.Errorf("without a webhook: %v, %s", err, out.String())
	}
	out.Reset()
	if err := run(t.Context(), []string{"approvers", "-stage", "prod"}, env, &out); err != nil || out.String() != "approvers=grace\n" {
		t.Errorf("the outputs are %q: %v", out.String(), err)
	}
	values["GITHUB_ACTOR"] = "grace"
	if err := run(t.Context(), []string{"approvers", "-stage", "prod"}, env, &out); err == nil || !strings.Contains(err.Error(), "docs/forking.md") {
		t.Errorf("the only reviewer is who pushed: %v", err)
	}
	if err := run(t.Context(), []string{"approvers", "-stage", "dev"}, env, &out); err != nil {
		t.Errorf("dev needs no review: %v", err)
	}
	values["SLACK_WEBHOOK"] = "https://evil.example/hush"
	if err := run(t.Context(), []string{"slack", "-record", file}, env, &out); err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "https://hooks.slack.com/") {
		t.Errorf("a webhook of a stranger: %v", err)
	}
	values["GH_TOKEN"] = ""
	if err := run(t.Context(), record, env, nil); err == nil {
		t.Error("a record is written without who approved")
	}
}

func TestChecks_FailedJob_IsTold(t *testing.T) {
	values := map[string]string{
		"GITHUB_WORKFLOW": "nightly", "GITHUB_REF_NAME": "main", "GITHUB_SHA": "0123456789", "GITHUB_SERVER_URL": "https://github.com",
		"GITHUB_REPOSITORY": "shop/backend", "GITHUB_RUN_ID": "7",
	}
	env := func(name string) string { return values[name] }
	for needs, want := range map[string]string{
		`{"scan": {"result": "success"}, "use": {"result": "skipped"}}`: "",
		`{"scan": {"result": "failure"}, "use": {"result": "success"}}`: "failed: scan (failure)",
	} {
		values["NEEDS"] = needs
		var out strings.Builder
		if err := run(t.Context(), []string{"checks"}, env, &out); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); (want == "") != (got == "") || !strings.Contains(got, want) || strings.Contains(got, "use (") {
			t.Errorf("%s: Slack is told %q, want %q", needs, got, want)
		}
		if want != "" && !strings.Contains(out.String(), "*nightly* failed") {
			t.Errorf("the message does not name the workflow: %s", out.String())
		}
	}
}
