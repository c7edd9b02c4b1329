package connections

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"sync"
	"time"
)

const (
	// connectTimeout bounds the TCP connection, and handshakeTime the whole dial.
	connectTimeout   = 3 * time.Second
	handshakeTimeout = 8 * time.Second

	// maxUnusedAge is how long a connection waits for its first request. Services
	// close connections without requests, and Lambda may freeze an environment right
	// after its initialisation.
	maxUnusedAge = 10 * time.Second
)

// process is the shared dialer of the process.
var process Dialer

// Open opens a connection to each of the https base URLs, in parallel. It returns
// when all are open or have failed, or when the context ends. It reports no failure,
// because the request that needs the connection dials again.
func Open(ctx context.Context, baseURLs ...string) { process.Open(ctx, baseURLs...) }

// DialTLS returns a connection that Open opened, or a new one. It is the
// DialTLSContext of an http.Transport.
func DialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	return process.DialTLS(ctx, network, address)
}

// Dialer opens TLS connections before their use. The zero value is ready. It is safe
// for concurrent use.
type Dialer struct {
	// Roots are the trusted root certificates. Default: the roots of the system.
	Roots *x509.CertPool

	mu    sync.Mutex
	ahead map[string]chan unused
}

// unused is a connection without a request yet. Its time is wall-clock time, because
// the monotonic clock stops while the environment is frozen.
type unused struct {
	conn     net.Conn
	openedAt time.Time
}

// Open opens connections as the function Open does.
func (d *Dialer) Open(ctx context.Context, baseURLs ...string) {
	var all sync.WaitGroup
	for _, baseURL := range baseURLs {
		address, ok := addressOf(baseURL)
		if !ok {
			continue
		}
		opening, first := d.announce(address)
		if !first {
			continue
		}
		all.Go(func() {
			defer close(opening)
			if conn, err := d.dial(ctx, "tcp", address); err == nil {
				opening <- unused{conn, time.Now().Round(0)}
			}
		})
	}
	all.Wait()
}

// addressOf returns host and port of an https base URL, and false for any other URL.
func addressOf(baseURL string) (string, bool) {
	parsed, err := url.Parse(baseURL)
	if err != nil || parsed.Scheme != "https" || parsed.Hostname() == "" {
		return "", false
	}
	port := parsed.Port()
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(parsed.Hostname(), port), true
}

// announce returns the channel for the connection to an address, and whether the
// caller is the first for the address.
func (d *Dialer) announce(address string) (opening chan unused, first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, announced := d.ahead[address]; announced {
		return nil, false
	}
	if d.ahead == nil {
		d.ahead = map[string]chan unused{}
	}
	opening = make(chan unused, 1)
	d.ahead[address] = opening
	return opening, true
}

// DialTLS dials as the function DialTLS does. It waits for a connection that is being
// opened.
func (d *Dialer) DialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	opening := d.ahead[address]
	delete(d.ahead, address)
	d.mu.Unlock()
	if opening != nil {
		select {
		case ready, opened := <-opening:
			if opened && time.Now().Round(0).Sub(ready.openedAt) < maxUnusedAge {
				return ready.conn, nil
			}
			if opened {
				_ = ready.conn.Close() // the connection is not used in any case
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return d.dial(ctx, network, address)
}

func (d *Dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, RootCAs: d.Roots}
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: connectTimeout}, Config: config}
	return dialer.DialContext(ctx, network, address)
}
