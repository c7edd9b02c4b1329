package main

import (
	"flag"
	"fmt"
	"net"
	"os"

	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/local/internal/background"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "fakes:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("fakes", flag.ContinueOnError)
	app := newApp()
	flags.StringVar(&app.appleClientID, "apple-client-id", app.appleClientID, "the app's client `id` at Apple")
	flags.StringVar(&app.googleClientID, "google-client-id", app.googleClientID, "the app's client `id` at Google")
	process := background.Flags(flags, local.DefaultFakesAddr)
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := process.Listener()
	if err != nil {
		return err
	}
	if !listener.Addr().(*net.TCPAddr).IP.IsLoopback() {
		_ = listener.Close()
		return fmt.Errorf("listen on %s: only a loopback address is served", listener.Addr())
	}
	ctx, stop := process.Context()
	defer stop()
	for service, path := range paths {
		fmt.Printf("%s: http://%s%s\n", service, listener.Addr(), path)
	}
	return background.Serve(ctx, listener, app.handler())
}
