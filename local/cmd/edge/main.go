package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/local/edge"
	"github.com/expenzez/infrastructure/local/internal/background"
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
	process := background.Flags(flags, local.DefaultEdgeAddr)
	if err := flags.Parse(args); err != nil {
		return err
	}
	// The headers may contain a secret, and other users can read arguments.
	if text, ok := os.LookupEnv(local.EdgeHeaders); ok {
		if err := json.Unmarshal([]byte(text), &c.Headers); err != nil {
			return fmt.Errorf("read %s: %w", local.EdgeHeaders, err)
		}
	}
	handler, err := edge.New(c)
	if err != nil {
		return err
	}
	listener, err := process.Listener()
	if err != nil {
		return err
	}
	ctx, stop := process.Context()
	defer stop()
	fmt.Printf("listening on http://%s, in front of API %s at %s\n", listener.Addr(), c.API, c.Engine)
	return background.Serve(ctx, listener, handler)
}
