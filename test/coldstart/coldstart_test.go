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

// The tests assert no times, because the machine's speed varies.

const root = "../.."

// newServices starts stand-ins of the AWS services for a test.
func newServices(t *testing.T) *services {
	t.Helper()
	aws, err := startServices(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(aws.close)
	return aws
}

func TestMeasure_EachProgram_ReturnsMeasures(t *testing.T) {
	programs, err := prepare(root, t.TempDir(), "auth-login", newServices(t))
	if err != nil {
		t.Fatal(err)
	}
	runs, err := measure(programs, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`{}`, `{}`, `"statusCode":401`} {
		if len(runs[i]) != 2 {
			t.Fatalf("%s: %d runs, not 2", programs[i].path, len(runs[i]))
		}
		for _, r := range runs[i] {
			if r.firstPoll <= 0 || r.initCPU <= 0 || r.peak < 1<<20 {
				t.Errorf("%s: got %+v", programs[i].path, r)
			}
			for _, request := range r.requests {
				if !strings.Contains(request.response, want) || request.wall <= 0 || request.cpu <= 0 {
					t.Errorf("%s: got %+v, want an answer with %s", programs[i].path, request, want)
				}
			}
		}
	}

	domain := programs[2]
	domain.environment = append(domain.environment, "_HANDLER=auth-nothing")
	if _, err := domain.start(event); err == nil || !strings.Contains(err.Error(), "auth-nothing") {
		t.Errorf("a function that cannot start: got %v, want what it logged", err)
	}
}

// googleEvent is a sign-in with a Google token, which needs Google's keys.
const googleEvent = `{"version":"2.0","routeKey":"POST /auth/google-login","rawPath":"/auth/google-login",` +
	`"headers":{"content-type":"application/json"},"body":"{\"idToken\":\"eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.e30.AAAA\",\"user\":{}}",` +
	`"requestContext":{"requestId":"cold-start","http":{"method":"POST","path":"/auth/google-login","sourceIp":"192.0.2.1"}}}`

// Each service has an endpoint of its own. The SDK alone opens a connection to each
// during the first request.
func TestRequest_OpensNoConnectionAfterInit(t *testing.T) {
	aws := newServices(t)
	programs, err := prepare(root, t.TempDir(), "auth-login", aws)
	if err != nil {
		t.Fatal(err)
	}
	google, err := environment("auth-google-login", aws)
	if err != nil {
		t.Fatal(err)
	}
	clients, domain := programs[1], programs[2]
	for name, try := range map[string]struct {
		program program
		event   string
		opens   int
	}{
		"the SDK alone":     {clients, event, len(serviceIDs)},
		"sign-in":           {domain, event, 0},
		"sign-in by Google": {program{path: domain.path, environment: google, connections: aws.connections}, googleEvent, 0},
	} {
		r, err := try.program.start(try.event)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.requests[0].connections; got != try.opens {
			t.Errorf("%s: the first request opened %d connections, not %d; its answer is %s", name, got, try.opens, r.requests[0].response)
		}
		if got := r.requests[1].connections; got != 0 && try.opens == 0 {
			t.Errorf("%s: the second request opened %d connections", name, got)
		}
	}
	if aws.requestCount("/oauth2/v3/certs") == 0 {
		t.Error("the sign-in by Google did not come as far as Google")
	}
}

func TestMeasure_InitError_IsError(t *testing.T) {
	for name, tc := range map[string]struct{ script, want string }{
		"it ends":     {"echo broken; exit 3", "exit status 3"},
		"it says why": {"echo broken; exit 3", "broken"},
	} {
		path := filepath.Join(t.TempDir(), "bootstrap")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+tc.script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := (program{path: path, environment: []string{"PATH=" + os.Getenv("PATH")}}).start(event); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", name, err, tc.want)
		}
	}
	if _, err := (program{path: "./nothing"}).start(event); err == nil {
		t.Error("a program that does not exist was measured")
	}
}

func TestMeasure_InvocationError_IsError(t *testing.T) {
	for _, path := range []string{"init/error", "invocation/once/error"} {
		api := newRuntimeAPI(event)
		defer api.close()
		response, err := http.Post(api.server.URL+"/2018-06-01/runtime/"+path, "application/json", strings.NewReader("no table"))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if _, err := (program{}).observe(api, os.Getpid(), time.Now(), make(chan error)); err == nil || !strings.Contains(err.Error(), path+": no table") {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

func TestMeasure_UnknownFunction_IsError(t *testing.T) {
	if _, err := environment("auth-nothing", newServices(t)); err == nil || !strings.Contains(err.Error(), `"auth-nothing"`) {
		t.Errorf("got %v", err)
	}
}

func TestReport_HasMinimumMedianMaximumAndRatio(t *testing.T) {
	ms := func(values ...time.Duration) (runs []run) {
		for _, v := range values {
			runs = append(runs, run{
				firstPoll: v * time.Millisecond, peak: int64(v) * 1e6,
				requests: [requests]request{{wall: 3 * v * time.Millisecond, cpu: 2 * v * time.Millisecond}, {wall: v * time.Millisecond, cpu: v * time.Millisecond}},
			})
		}
		return runs
	}
	var out bytes.Buffer
	if err := print(&out, "auth-login", [][]run{ms(5, 1, 4), ms(3, 6, 9), ms(30, 6, 9)}); err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(out.String())
	for _, want := range []string{"first poll, ms 1.0 4.0 5.0", "first poll, ms 6.0 9.0 30.0", "first poll over that of empty 2.25", "first request, ms 18.0 27.0 90.0",
		"second request, ms of processor 6.0 9.0 30.0", "first less second request, ms of processor 6.0 9.0 30.0", "peak memory over that of clients 1.50"} {
		if !strings.Contains(strings.Join(got, " "), want) {
			t.Errorf("%q is not in the report:\n%s", want, out.String())
		}
	}
}
