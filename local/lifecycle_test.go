package local_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/local"
)

func TestStart_ReusesOrReplacesTheEngine(t *testing.T) {
	var said bytes.Buffer
	o := local.Options{StateDir: t.TempDir(), Progress: &said}
	first := start(t, o)
	if again := start(t, o); again.EngineURL() != first.EngineURL() || pidOf(t, o, "engine") == 0 {
		t.Fatalf("the engine at %s was not reused: %s", first.EngineURL(), again.EngineURL())
	}
	url, pid := first.EngineURL(), pidOf(t, o, "engine")
	if _, err := first.Logs(t.Context(), ""); err != nil { // any call, for a line in the authorization log
		t.Fatal(err)
	}

	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the stage is seen to have ended", func() bool {
		_, err := local.Attach(o)
		return errors.Is(err, local.ErrNotRunning)
	})
	requireDecisions(t, first, 1)
	if first.EngineURL() != "" {
		t.Errorf("a dead engine has the address %s", first.EngineURL())
	}
	replaced := start(t, o)
	if replaced.EngineURL() != url || pidOf(t, o, "engine") == pid {
		t.Errorf("the new engine is at %s with pid %d; the old one was at %s with %d", replaced.EngineURL(), pidOf(t, o, "engine"), url, pid)
	}
	requireDecisions(t, replaced, 0)
	if !strings.Contains(said.String(), "its data with it") {
		t.Errorf("the message that the data is gone is missing: %q", said.String())
	}
}

func requireDecisions(t *testing.T, stage *local.Stage, want int) {
	t.Helper()
	if decisions, err := stage.AuthorizationLog(); err != nil || len(decisions) != want {
		t.Errorf("the authorization log has %d decisions, want %d (%v)", len(decisions), want, err)
	}
}

func TestStop_SecondCall_ReportsNothingRunning(t *testing.T) {
	o := local.Options{StateDir: t.TempDir()}
	start(t, o)
	for i, want := range []bool{true, false} {
		was, err := local.Stop(t.Context(), o)
		if err != nil || was != want {
			t.Errorf("stop %d answered %v, %v", i+1, was, err)
		}
	}
}

func TestStop_PIDOfForeignProcess_IsNotSignalled(t *testing.T) {
	o := local.Options{StateDir: t.TempDir()}
	stranger := exec.Command("sleep", "60")
	stranger.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- stranger.Wait() }()
	defer stranger.Process.Kill() // it may have ended
	record := fmt.Sprintf(`{"pid":%d,"address":"127.0.0.1:1"}`, stranger.Process.Pid)
	if err := os.WriteFile(filepath.Join(o.StateDir, "engine.json"), []byte(record), 0o600); err != nil {
		t.Fatal(err)
	}
	if was, err := local.Stop(t.Context(), o); err != nil || was {
		t.Errorf("stop answered %v, %v", was, err)
	}
	select {
	case err := <-ended:
		t.Errorf("the process that happens to have the recorded pid was ended: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
}

func TestDeploy_Again_KeepsRunningProcesses(t *testing.T) {
	stage := probeStage(t)
	o := local.Options{StateDir: filepath.Join(folder, "stage")}
	engine, edge, url := pidOf(t, o, "engine"), pidOf(t, o, "edge"), stage.URL()
	if err := stage.Deploy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if pidOf(t, o, "engine") != engine || pidOf(t, o, "edge") != edge || stage.URL() != url {
		t.Errorf("something was restarted")
	}

	if err := syscall.Kill(edge, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the edge is seen to have ended", func() bool { return stage.URL() == "" })
	if err := stage.Deploy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if stage.URL() != url || pidOf(t, o, "engine") != engine {
		t.Errorf("the edge came back at %s, was at %s", stage.URL(), url)
	}
	if status, body := post(t, stage, "/probe/call", `{"echo":true}`); status != http.StatusOK {
		t.Errorf("answered %d %s", status, body)
	}
}

func TestDeploy_FailedResource_IsNamed(t *testing.T) {
	probeStage(t)
	app := filepath.Join(t.TempDir(), "app")
	template := `{"Resources":{"Sound":{"Type":"AWS::SNS::Topic"},"Broken":{"Type":"AWS::CloudWatch::Alarm","Properties":{"EvaluationPeriods":1}}}}`
	manifest, err := os.ReadFile("testdata/probe/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	manifest = bytes.ReplaceAll(manifest, []byte("Probe"), []byte("Failing"))
	if err := writeApp(app, []byte(template), manifest); err != nil {
		t.Fatal(err)
	}
	stage := start(t, local.Options{StateDir: filepath.Join(folder, "stage"), App: app, CDKArgs: []string{}})
	err = stage.Deploy(t.Context())
	if err == nil {
		t.Fatal("the deployment did not fail")
	}
	for _, part := range []string{"Broken (AWS::CloudWatch::Alarm) in stack Failing", "MetricName and Namespace are required", stage.EngineLog()} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q: %v", part, err)
		}
	}
}

func TestDeploy_UnknownType_IsRefused(t *testing.T) {
	probeStage(t)
	app := filepath.Join(t.TempDir(), "app")
	manifest, err := os.ReadFile("testdata/probe/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	manifest = bytes.ReplaceAll(manifest, []byte("Probe"), []byte("Misspelt"))
	if err := writeApp(app, []byte(`{"Resources":{"Table":{"Type":"AWS::DynamoDB::Tabel"}}}`), manifest); err != nil {
		t.Fatal(err)
	}
	stage := start(t, local.Options{StateDir: filepath.Join(folder, "stage"), App: app, CDKArgs: []string{}})
	if err := stage.Deploy(t.Context()); err == nil || !strings.Contains(err.Error(), "AWS::DynamoDB::Tabel") {
		t.Errorf("deployed a misspelt type: %v", err)
	}
}

// start starts a stage, and stops it after the test unless it is the shared one.
func start(t *testing.T, o local.Options) *local.Stage {
	t.Helper()
	stage, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if o.StateDir != filepath.Join(folder, "stage") {
		t.Cleanup(func() {
			if err := stage.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
	return stage
}

func pidOf(t *testing.T, o local.Options, name string) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(o.StateDir, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var r struct{ PID int }
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r.PID
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}
