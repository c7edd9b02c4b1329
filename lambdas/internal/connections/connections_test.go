package connections

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// newServer returns a server of TLS, how many connections it has accepted, and a dialer
// that trusts it.
func newServer(t *testing.T) (*httptest.Server, *atomic.Int64, *Dialer) {
	t.Helper()
	var accepted atomic.Int64
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			accepted.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server, &accepted, &Dialer{Roots: roots}
}

func addressOfServer(server *httptest.Server) string { return server.Listener.Addr().String() }

func mustDial(t *testing.T, d *Dialer, address string) net.Conn {
	t.Helper()
	conn, err := d.DialTLS(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestDialTLS_ConnectionOpenedAhead_IsUsedOnce(t *testing.T) {
	server, accepted, d := newServer(t)
	d.Open(t.Context(), server.URL, server.URL+"/v1") // one address
	if accepted.Load() != 1 {
		t.Fatalf("%d connections were opened", accepted.Load())
	}
	client := &http.Client{Transport: &http.Transport{DialTLSContext: d.DialTLS}}
	for range 2 {
		response, err := client.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		client.CloseIdleConnections()
	}
	if accepted.Load() != 2 {
		t.Errorf("%d connections were opened for two requests, the second without one opened ahead", accepted.Load())
	}
}

func TestDialTLS_ConnectionBeingOpened_IsWaitedFor(t *testing.T) {
	server, accepted, d := newServer(t)
	address := addressOfServer(server)
	opening, _ := d.announce(address)
	go func() {
		conn, err := d.dial(context.Background(), "tcp", address)
		if err == nil {
			opening <- unused{conn, time.Now().Round(0)}
		}
		close(opening)
	}()
	mustDial(t, d, address)
	if accepted.Load() != 1 {
		t.Errorf("%d connections were opened", accepted.Load())
	}
}

func TestDialTLS_ConnectionUnusedForLong_IsNotUsed(t *testing.T) {
	server, accepted, d := newServer(t)
	address := addressOfServer(server)
	d.Open(t.Context(), server.URL)
	old := <-d.ahead[address]
	old.openedAt = old.openedAt.Add(-maxUnusedAge)
	d.ahead[address] = make(chan unused, 1)
	d.ahead[address] <- old
	if conn := mustDial(t, d, address); conn == old.conn || accepted.Load() != 2 {
		t.Errorf("%d connections were opened", accepted.Load())
	}
	if _, err := old.conn.Read(make([]byte, 1)); err == nil {
		t.Error("the old connection is still open")
	}
}

// A server that accepts and says nothing holds a handshake up for ever.
func TestOpen_ServerThatDoesNotAnswer_EndsWithTheContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if conn, err := listener.Accept(); err == nil {
			defer conn.Close()
			cancel()
			<-t.Context().Done()
		}
	}()
	var d Dialer
	d.Open(ctx, "https://"+listener.Addr().String())
}

func TestOpen_EndpointThatCannotBeReached_LeavesTheDialToTheRequest(t *testing.T) {
	server, _, d := newServer(t)
	stranger := &Dialer{} // does not trust the server
	stranger.Open(t.Context(), server.URL, "https://127.0.0.1:1", "http://127.0.0.1:1", "", "::", "https://")
	if _, err := stranger.DialTLS(t.Context(), "tcp", addressOfServer(server)); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v", err)
	}
	stranger.Roots = d.Roots
	stranger.Open(t.Context(), server.URL)
	mustDial(t, stranger, addressOfServer(server))
}

func TestDialTLS_ContextEndsWhileOpening_ReturnsItsError(t *testing.T) {
	var d Dialer
	d.announce("127.0.0.1:1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.DialTLS(ctx, "tcp", "127.0.0.1:1"); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestAddressOf_BaseURL(t *testing.T) {
	for baseURL, want := range map[string]string{
		"https://kms.eu-west-2.amazonaws.com": "kms.eu-west-2.amazonaws.com:443", "https://127.0.0.1:8443/v1": "127.0.0.1:8443", "https://[::1]": "[::1]:443",
		"http://127.0.0.1:4566": "", "https://": "", "": "", "%": "",
	} {
		if got, ok := addressOf(baseURL); got != want || ok != (want != "") {
			t.Errorf("%q: got %q", baseURL, got)
		}
	}
}
