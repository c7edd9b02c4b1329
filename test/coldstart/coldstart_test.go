package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The tests say nothing about time: how fast the machine is, is not theirs.

const root = "../.."

func TestEachProgramAnswersAnEventAndIsMeasured(t *testing.T) {
	programs, err := prepare(root, t.TempDir(), "auth-login")
	if err != nil {
		t.Fatal(err)
	}
	runs, err := measure(programs, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`{}`, `{}`, `"statusCode":404`} {
		if len(runs[i]) != 2 {
			t.Fatalf("%s: %d runs, not 2", programs[i].path, len(runs[i]))
		}
		for _, r := range runs[i] {
			if !strings.Contains(r.answer, want) || r.firstPoll <= 0 || r.peak < 1<<20 {
				t.Errorf("%s: got %+v, want an answer with %s", programs[i].path, r, want)
			}
		}
	}

	domain := programs[2]
	domain.environment = append(domain.environment, "_HANDLER=auth-nothing")
	if _, err := domain.start(event); err == nil || !strings.Contains(err.Error(), "auth-nothing") {
		t.Errorf("a function that cannot start: got %v, want what it logged", err)
	}
}

func TestAProgramThatReportsAnErrorIsNotMeasured(t *testing.T) {
	for name, tc := range map[string]struct{ script, want string }{
		"it ends":     {"echo broken; exit 3", "exit status 3"},
		"it says why": {"echo broken; exit 3", "broken"},
	} {
		path := filepath.Join(t.TempDir(), "bootstrap")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+tc.script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := (program{path, []string{"PATH=" + os.Getenv("PATH")}}).start(event); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
	}
	if _, err := (program{path: "./nothing"}).start(event); err == nil {
		t.Error("a program that does not exist was measured")
	}
}

func TestAnErrorThatTheRuntimeIsToldEndsTheRun(t *testing.T) {
	for _, path := range []string{"init/error", "invocation/once/error"} {
		api := newRuntimeAPI(event)
		defer api.close()
		response, err := http.Post(api.server.URL+"/2018-06-01/runtime/"+path, "application/json", strings.NewReader("no table"))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if _, err := observe(api, os.Getpid(), time.Now(), make(chan error)); err == nil || !strings.Contains(err.Error(), path+": no table") {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

func TestAnUnknownFunctionIsNotStarted(t *testing.T) {
	if _, err := environment("auth-nothing"); err == nil || !strings.Contains(err.Error(), `"auth-nothing"`) {
		t.Errorf("got %v", err)
	}
}

func TestTheReportHasMinimumMedianMaximumAndRatio(t *testing.T) {
	ms := func(values ...time.Duration) (runs []run) {
		for _, v := range values {
			runs = append(runs, run{firstPoll: v * time.Millisecond, peak: int64(v) * 1e6})
		}
		return runs
	}
	var out bytes.Buffer
	if err := print(&out, "auth-login", [][]run{ms(5, 1, 4), ms(3, 6, 9), ms(30, 6, 9)}); err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(out.String())
	for _, want := range []string{"first poll, ms 1.0 4.0 5.0", "first poll, ms 6.0 9.0 30.0", "first poll over that of empty 2.25", "peak memory over that of clients 1.50"} {
		if !strings.Contains(strings.Join(got, " "), want) {
			t.Errorf("%q is not in the report:\n%s", want, out.String())
		}
	}
}
