package local

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/expenzez/infrastructure/delivery/release"
)

// toolkitStack is the name of the stack that cdk bootstrap creates.
const toolkitStack = "CDKToolkit"

// apiOutput is the stack output that holds the id of the HTTP API.
const apiOutput = "ApiId"

// Deploy deploys the changes of the app to the engine, as cdk deploy does on AWS.
// Afterwards URL serves the API of the stack that has an output ApiId, if a stack
// has one.
func (s *Stage) Deploy(ctx context.Context) error {
	return s.withStageLock(ctx, func() error {
		if err := s.startEngine(ctx); err != nil { // the engine may have ended since Start
			return err
		}
		cli, err := s.ensureCLI(ctx)
		if err != nil {
			return err
		}
		if err := s.bootstrap(ctx, cli); err != nil {
			return err
		}
		if err := s.cdkDeploy(ctx, cli); err != nil {
			return err
		}
		if err := s.release(ctx); err != nil {
			return err
		}
		if err := s.putSecrets(ctx); err != nil {
			return err
		}
		api, err := s.APIID(ctx)
		if err != nil || api == "" {
			return err
		}
		return s.startEdge(ctx, api)
	})
}

// bootstrap runs cdk bootstrap for the regions that have no toolkit stack yet.
func (s *Stage) bootstrap(ctx context.Context, cli string) error {
	var environments []string
	for _, region := range []string{Region, EdgeRegion} {
		_, err := s.describeStack(ctx, region, toolkitStack)
		if errors.Is(err, errNoStack) {
			environments = append(environments, "aws://"+Account+"/"+region)
		} else if err != nil {
			return err
		}
	}
	if len(environments) == 0 {
		return nil
	}
	s.report("Preparing the engine's regions for CDK (once per engine)")
	// The state folder has no app, so the CLI skips an unneeded synthesis.
	return s.cdk(ctx, cli, s.options.StateDir, append([]string{"bootstrap"}, environments...)...)
}

// CDK runs another command of the CDK CLI, such as import, against the engine in the
// app's folder. The engine must run.
func (s *Stage) CDK(ctx context.Context, args ...string) error {
	return s.withStageLock(ctx, func() error {
		cli, err := s.ensureCLI(ctx)
		if err != nil {
			return err
		}
		return s.cdk(ctx, cli, s.options.App, append(args, "--output", s.assembly())...)
	})
}

// assembly returns the folder that the CDK CLI synthesizes to.
func (s *Stage) assembly() string { return filepath.Join(s.options.StateDir, "cdk.out") }

func (s *Stage) cdkDeploy(ctx context.Context, cli string) error {
	s.report("Deploying %s", s.options.App)
	started := time.Now()
	// "**" selects every stack by its path; --all leaves out the stacks of a cdk.Stage.
	args := []string{"deploy", "**", "--require-approval", "never", "--progress", "events",
		"--output", s.assembly()}
	err := s.cdk(ctx, cli, s.options.App, append(args, s.options.CDKArgs...)...)
	if err == nil || ctx.Err() != nil {
		return err
	}
	failed := s.failedResource(ctx, started)
	return fmt.Errorf("%w%s\nThe engine's log: %s", err, failed, s.EngineLog())
}

// release makes the versions live that the stacks have published, at once. Functions whose
// alias CloudFormation moves are as they should be already.
func (s *Stage) release(ctx context.Context) error {
	functions := release.NewFunctions(s.AWSConfig(Region), "")
	functions.RolledBack = true // the deployment has just ended well, so a stack that was rolled back is of an earlier one
	moved, err := release.AtOnce(ctx, functions)
	if err != nil {
		return fmt.Errorf("release the functions: %w", err)
	}
	s.report("Released %d functions", moved)
	return nil
}

// APIID returns the value of the first stack output named ApiId, or an empty string
// when no stack has one.
func (s *Stage) APIID(ctx context.Context) (string, error) {
	stacks, err := s.stacks(ctx, Region)
	if err != nil {
		return "", err
	}
	for _, stack := range stacks {
		for _, output := range stack.Outputs {
			if aws.ToString(output.OutputKey) == apiOutput {
				return aws.ToString(output.OutputValue), nil
			}
		}
	}
	return "", nil
}

var errNoStack = errors.New("there is no such stack")

func (s *Stage) describeStack(ctx context.Context, region, name string) (types.Stack, error) {
	stacks, err := s.stacks(ctx, region)
	if err != nil {
		return types.Stack{}, err
	}
	for _, stack := range stacks {
		if aws.ToString(stack.StackName) == name {
			return stack, nil
		}
	}
	return types.Stack{}, fmt.Errorf("stack %s in %s: %w", name, region, errNoStack)
}

func (s *Stage) stacks(ctx context.Context, region string) ([]types.Stack, error) {
	var all []types.Stack
	pages := cloudformation.NewDescribeStacksPaginator(s.cloudFormation(region), &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the stacks in %s: %w", region, err)
		}
		all = append(all, page.Stacks...)
	}
	return all, nil
}
