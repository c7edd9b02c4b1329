// Command preflight checks the AWS account of the credentials in use before a stage is deployed to it:
//
//	make preflight STAGE=prod
//
// It only reads. It exits with status 1 when something stops the step that -before names.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/internal/preflight"
)

func main() {
	stage := flag.String("stage", "", "the stage to deploy")
	before := flag.String("before", "users", "the step that comes next: mail, stacks or users")
	flag.Parse()
	ready, err := run(context.Background(), *stage, *before)
	if err != nil {
		fmt.Fprintln(os.Stderr, "preflight:", err)
	}
	if err != nil || !ready {
		os.Exit(1)
	}
}

func run(ctx context.Context, stage, before string) (ready bool, err error) {
	step, err := preflight.ParseStep(before)
	if err != nil {
		return false, err
	}
	cfg, err := config.Load(stage)
	if err != nil {
		return false, err
	}
	home, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(cfg.Region))
	if err != nil {
		return false, fmt.Errorf("read the AWS credentials of this shell: %w", err)
	}
	edge := home.Copy()
	edge.Region = preflight.EdgeRegion
	results := preflight.Run(ctx, cfg, preflight.Account{Home: home, Edge: edge})
	fmt.Print(preflight.Text(results, step))
	return !preflight.Blocking(results, step), nil
}
