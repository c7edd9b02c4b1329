package background

import (
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Process has the flags that a background process was started with.
type Process struct {
	addr       string
	fd         int
	withParent bool
}

// Flags adds the flags of a background process to a program's own flags. addr is the
// default of -listen.
func Flags(flags *flag.FlagSet, addr string) *Process {
	p := &Process{}
	flags.StringVar(&p.addr, "listen", addr, "`address` to listen on; the next free port if taken")
	flags.IntVar(&p.fd, "listen-fd", 0, "inherited socket to listen on instead")
	flags.BoolVar(&p.withParent, "with-parent", false, "end when standard input closes")
	return p
}

// Listener returns the inherited socket, or a new socket when none is inherited.
func (p *Process) Listener() (net.Listener, error) {
	if p.fd == 0 {
		return Listen(p.addr)
	}
	return net.FileListener(os.NewFile(uintptr(p.fd), "listener"))
}

// Context returns a context that ends on SIGINT or SIGTERM and, with -with-parent, when
// the parent process has ended.
func (p *Process) Context() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if p.withParent {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			stop()
		}()
	}
	return ctx, stop
}

// Serve serves HTTP until the context ends, and then returns nil.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
