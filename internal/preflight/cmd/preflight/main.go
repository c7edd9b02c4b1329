// Command preflight checks the AWS account of the credentials in use before a stage is deployed to it:
//
//	make preflight STAGE=prod
//
// It only reads. It exits with status 1 when something stops the step that -before names. With
// -lookup it reads as the lookup role of CDK's bootstrap, which is all that a workflow's role may
// become for reading.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/internal/preflight"
)

func main() {
	stage := flag.String("stage", "", "the stage to deploy")
	before := flag.String("before", "users", "the step that comes next: mail, stacks or users")
	lookup := flag.Bool("lookup", false, "read as the lookup role of CDK's bootstrap")
	flag.Parse()
	ready, err := run(context.Background(), *stage, *before, *lookup)
	if err != nil {
		fmt.Fprintln(os.Stderr, "preflight:", err)
	}
	if err != nil || !ready {
		os.Exit(1)
	}
}

func run(ctx context.Context, stage, before string, lookup bool) (ready bool, err error) {
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
	if lookup {
		if home.Credentials, err = lookupRole(ctx, cfg, home); err != nil {
			return false, err
		}
	}
	edge := home.Copy()
	edge.Region = preflight.EdgeRegion
	results := preflight.Run(ctx, cfg, preflight.Account{Home: home, Edge: edge})
	fmt.Print(preflight.Text(results, step))
	return !preflight.Blocking(results, step), nil
}

// lookupRole returns the credentials of the lookup role. It refuses credentials of another account first, because
// STS would only answer that the role of the stage's account may not be assumed.
func lookupRole(ctx context.Context, cfg config.Config, home aws.Config) (aws.CredentialsProvider, error) {
	client := sts.NewFromConfig(home)
	caller, err := client.GetCallerIdentity(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("ask whose credentials these are: %w", err)
	}
	if err := cfg.CheckAccount(aws.ToString(caller.Account)); err != nil {
		return nil, err
	}
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, cfg.LookupRole())), nil
}
