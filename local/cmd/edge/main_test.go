package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/local/edge"
)

func TestFlagsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"nothing":        {nil, "engine address"},
		"no API":         {[]string{"-engine", "http://127.0.0.1:1"}, "API id"},
		"a bad address":  {[]string{"-engine", "http://127.0.0.1:1", "-api", "a", "-listen", "8080"}, "8080"},
		"a strange flag": {[]string{"-port", "1"}, "port"},
	} {
		if err := run(c.args); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestServesUntilItIsStopped(t *testing.T) {
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.Path)
	}))
	defer engine.Close()
	handler, err := edge.New(edge.Config{Engine: engine.URL, API: "a"})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, handler) }()

	resp, err := http.Get("http://" + listener.Addr().String() + "/health")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "/_aws/execute-api/a/$default/health" {
		t.Errorf("answered %q, %v", body, err)
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("serves on after it was stopped")
	}
}
