// Package e2e_test deploys the app with the CDK CLI to an engine of its own on free
// ports, and uses it over HTTP as the mobile app does.
package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/test/contract"
)

var (
	stage  *local.Stage
	client *contract.Contract
)

// french is the address of clients in another country.
const french = "127.1.12.1"

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx := context.Background()
	state, err := os.MkdirTemp("", "expenzez-e2e-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(state)
	if client, err = contract.Load(filepath.Join("..", "..", "api", "openapi.yaml")); err != nil {
		return fail(err)
	}
	if stage, err = local.Start(ctx, local.Options{
		StateDir: state, EdgeAddr: "127.0.0.1:0", Fakes: "127.0.0.1:0", Progress: os.Stderr,
		PartitionWriteUnits: 1000, // as on AWS
		Countries:           map[string]string{"0.0.0.0/0": "GB", french + "/32": "FR"},
	}); err != nil {
		return fail(err)
	}
	defer stage.Stop()
	if err := stage.Deploy(ctx); err != nil {
		return fail(err)
	}
	return m.Run()
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "end-to-end tests:", err)
	return 1
}
