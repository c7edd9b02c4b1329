package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/local/edge"
	"github.com/expenzez/infrastructure/local/internal/background"
	"github.com/expenzez/infrastructure/local/webacl"
	"github.com/expenzez/infrastructure/local/webacl/crs"
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
	flags.StringVar(&c.Host, "host", "", "host `name` of the API's custom domain, sent in the Host header")
	template := flags.String("template", "", "CloudFormation template with the CloudFront distribution; `file` of JSON")
	distribution := flags.String("distribution", "", "logical `id` of the distribution in the template")
	countries := flags.String("countries", `{"0.0.0.0/0": "GB", "::/0": "GB"}`, "countries of clients' addresses, a JSON `object` of ranges and ISO 3166 codes")
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
	if *template != "" {
		var err error
		if c.Distribution, err = readDistribution(*template, *distribution, *countries); err != nil {
			return err
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

func readDistribution(file, id, countries string) (*edge.Distribution, error) {
	template, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var options webacl.Options
	if err := json.Unmarshal([]byte(countries), &options.Countries); err != nil {
		return nil, fmt.Errorf("read the countries: %w", err)
	}
	if options.Managed, err = crs.New(); err != nil {
		return nil, err
	}
	return edge.ReadDistribution(template, id, options)
}
