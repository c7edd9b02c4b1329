// Package examples_test deploys and builds the example modules, which use the library
// like another team's app.
package examples_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/local"
)

// deployExample deploys the app of a folder of examples to an engine of its own.
func deployExample(t *testing.T, example string) *local.Stage {
	t.Helper()
	return deployExampleTo(t, t.TempDir(), example)
}

// deployExampleTo deploys the app to the engine whose state is in a folder, with
// further arguments to cdk deploy.
func deployExampleTo(t *testing.T, state, example string, cdkArgs ...string) *local.Stage {
	t.Helper()
	// The functions are built for this machine, because the engine runs them as
	// processes.
	t.Setenv("EXAMPLE_ARCHITECTURE", map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH])
	stage, err := local.Start(t.Context(), local.Options{
		StateDir: state, EdgeAddr: "127.0.0.1:0", App: absolute(t, example), CDKArgs: append([]string{}, cdkArgs...), Progress: os.Stderr,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stage.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := stage.Deploy(t.Context()); err != nil {
		t.Fatal(err)
	}
	return stage
}

func expectNothingDenied(t *testing.T, stage *local.Stage) {
	t.Helper()
	decisions, err := stage.AuthorizationLog()
	if err != nil {
		t.Fatal(err)
	}
	if denied := slices.IndexFunc(decisions, func(d local.Decision) bool { return !d.Allowed() }); denied >= 0 {
		t.Errorf("denied: %+v", decisions[denied])
	}
}

func TestLoans_DeployedApp_LendsBook(t *testing.T) {
	stage := deployExample(t, "loans")
	for _, step := range []struct {
		method, body string
		status       int
		message      string
	}{
		{"GET", "", 404, "the book is in"},
		{"PUT", `{}`, 400, "say who"},
		{"PUT", `{"reader":"1' OR '1'='1"}`, 400, "REQUEST_REFUSED"}, // by the edge's web ACL
		{"PUT", `{"reader":"ada"}`, 200, "lent to ada"},
		{"GET", "", 200, "lent to ada"},
	} {
		if status, body := call(t, step.method, stage.URL()+"/loans/emma", step.body); status != step.status || !strings.Contains(body, step.message) {
			t.Errorf("%s %s answered %d %s", step.method, step.body, status, body)
		}
	}
	if status, body := call(t, "GET", originURL(t, stage)+"/loans/emma", ""); status != 404 || strings.Contains(body, "ada") {
		t.Errorf("past the edge the API answered %d %s", status, body)
	}
	expectNothingDenied(t, stage)
}

// originURL returns the API's own address at the engine, which bypasses the edge.
func originURL(t *testing.T, stage *local.Stage) string {
	t.Helper()
	id, err := stage.APIID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return stage.EngineURL() + "/_aws/execute-api/" + id + "/$default"
}

func call(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// One module cannot require both the alpha and the library, so the two apps share only
// the API's id.
func TestProtectAlpha_APIOfOtherVersion_IsProtected(t *testing.T) {
	alpha := synth(t, "alpha-api", nil)
	if !strings.Contains(read(t, filepath.Join(alpha, "alpha-api.template.json")), `"AWS::ApiGatewayV2::Api"`) {
		t.Error("the alpha app has no HTTP API")
	}
	protected := synth(t, "protect-alpha", map[string]any{"api": "a1b2c3d4e5"})
	if home := read(t, filepath.Join(protected, "alpha-api-origin.template.json")); !strings.Contains(home, "a1b2c3d4e5.execute-api.eu-west-2.amazonaws.com") {
		t.Errorf("the origin's secret does not name the API: %s", home)
	}
	edge := read(t, filepath.Join(protected, "alpha-api-edge.template.json"))
	for _, want := range []string{`"AWS::WAFv2::WebACL"`, `"AWS::CloudFront::Distribution"`, "{{resolve:secretsmanager:alpha-api/origin:"} {
		if !strings.Contains(edge, want) {
			t.Errorf("the edge's stack has no %s", want)
		}
	}
}

// synth runs an example as the CDK CLI does and returns its cloud assembly.
func synth(t *testing.T, example string, context map[string]any) string {
	t.Helper()
	out := t.TempDir()
	text, err := json.Marshal(context)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "go", "run", ".")
	run.Dir = absolute(t, example)
	run.Env = append(os.Environ(), "CDK_OUTDIR="+out, "CDK_CONTEXT_JSON="+string(text), "CDK_DEFAULT_ACCOUNT="+local.Account)
	if written, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", example, err, written)
	}
	return out
}

func absolute(t *testing.T, example string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "examples", example))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
