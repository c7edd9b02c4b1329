// Command drift prints which resources of a stage differ from their templates:
//
//	make drift STAGE=dev
//
// It reads with the AWS credentials of the shell, in the stage's region and in that of the edge.
// It exits with status 1 if a resource differs or a comparison fails. What a release changes
// is no difference.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/delivery/drift"
)

// interval is how long the command waits before it asks again whether a comparison has ended.
const interval = 5 * time.Second

func main() {
	stage := flag.String("stage", "", "the stage")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *stage, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "drift:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, stage string, out io.Writer) error {
	cfg, err := config.Load(stage)
	if err != nil {
		return err
	}
	different := false
	for _, region := range []string{cfg.Region, constructs.EdgeRegion} {
		credentials, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(region))
		if err != nil {
			return err
		}
		found, err := drift.Find(ctx, cloudformation.NewFromConfig(credentials), cfg.PhysicalName(""), interval)
		if err != nil {
			return fmt.Errorf("%s: %w", region, err)
		}
		for _, difference := range found {
			different = true
			fmt.Fprintln(out, difference)
		}
	}
	if different {
		return errors.New("resources differ from their templates: docs/runbooks/governance.md#drift")
	}
	return nil
}
