package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/local/edge"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "edge:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("edge", flag.ContinueOnError)
	var c edge.Config
	flags.StringVar(&c.Engine, "engine", "", "base `URL` of the engine")
	flags.StringVar(&c.API, "api", "", "`id` of the HTTP API")
	addr := flags.String("listen", "127.0.0.1:8080", "`address` to listen on; the next free port if taken")
	fd := flags.Int("listen-fd", 0, "inherited socket to listen on instead")
	withParent := flags.Bool("with-parent", false, "end when standard input closes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	// A secret among them is nobody's business: arguments can be read by all.
	if text, ok := os.LookupEnv(local.EdgeHeaders); ok {
		if err := json.Unmarshal([]byte(text), &c.Headers); err != nil {
			return fmt.Errorf("read %s: %w", local.EdgeHeaders, err)
		}
	}
	handler, err := edge.New(c)
	if err != nil {
		return err
	}
	listener, err := listen(*fd, *addr)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *withParent {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			stop()
		}()
	}
	fmt.Printf("listening on http://%s, in front of API %s at %s\n", listener.Addr(), c.API, c.Engine)
	return serve(ctx, listener, handler)
}

func listen(fd int, addr string) (net.Listener, error) {
	if fd == 0 {
		return edge.Listen(addr)
	}
	return net.FileListener(os.NewFile(uintptr(fd), "listener"))
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
