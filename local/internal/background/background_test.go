package background_test

import (
	"context"
	"flag"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/local/internal/background"
)

func TestListen_PortTaken_UsesNext(t *testing.T) {
	first, err := background.Listen("127.0.0.1:20300")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := background.Listen(first.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if a, b := port(first), port(second); b <= a {
		t.Errorf("listening on %d after %d was taken", b, a)
	}
}

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

func TestListen_InvalidAddress_IsNamed(t *testing.T) {
	for _, addr := range []string{"8080", "127.0.0.1:http", "203.0.113.1:8080"} {
		if listener, err := background.Listen(addr); err == nil {
			listener.Close()
			t.Errorf("listens on %s", addr)
		} else if !strings.Contains(err.Error(), addr) {
			t.Errorf("the error about %s does not name it: %v", addr, err)
		}
	}
}

func TestServe_ContextEnds_Stops(t *testing.T) {
	flags := flag.NewFlagSet("sample", flag.ContinueOnError)
	process := background.Flags(flags, "127.0.0.1:1")
	if err := flags.Parse([]string{"-listen", "127.0.0.1:0"}); err != nil {
		t.Fatal(err)
	}
	listener, err := process.Listener()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- background.Serve(ctx, listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, r.URL.Path)
		}))
	}()
	resp, err := http.Get("http://" + listener.Addr().String() + "/health")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "/health" {
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
