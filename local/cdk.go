package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// maxOutputLines is how many lines of the CLI's output an error repeats when
// Progress discards them.
const maxOutputLines = 25

// cdk runs the CDK CLI against the engine in a process group of its own, so that an
// interrupt also ends the app that the CLI runs.
func (s *Stage) cdk(ctx context.Context, cli, dir string, args ...string) error {
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, cli, args...)
	cmd.Dir = dir
	cmd.Env = cliEnv(os.Environ(), s.EngineURL())
	cmd.Stdout = io.MultiWriter(s.options.Progress, &output)
	cmd.Stderr = cmd.Stdout
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("cdk %s: %w", args[0], ctx.Err())
	}
	if err != nil && s.options.Progress == io.Discard {
		lines := strings.Split(strings.TrimSpace(output.String()), "\n")
		return fmt.Errorf("cdk %s: %w; the end of its output:\n%s",
			args[0], err, strings.Join(lines[max(0, len(lines)-maxOutputLines):], "\n"))
	}
	if err != nil {
		return fmt.Errorf("cdk %s: %w", args[0], err)
	}
	return nil
}

// failedResource returns a sentence about the first resource that failed since a
// time, with the reason. It is empty when the deployment ended before any resource.
func (s *Stage) failedResource(ctx context.Context, since time.Time) string {
	var first *types.StackEvent
	var problems error
	for _, region := range []string{Region, EdgeRegion} {
		stacks, err := s.stacks(ctx, region)
		problems = errors.Join(problems, err)
		for _, stack := range stacks {
			events, err := s.failures(ctx, region, aws.ToString(stack.StackId), since)
			problems = errors.Join(problems, err)
			for _, event := range events {
				if first == nil || !event.Timestamp.After(*first.Timestamp) {
					first = &event
				}
			}
		}
	}
	switch {
	case first != nil:
		return fmt.Sprintf("\nThe first resource that failed: %s (%s) in stack %s: %s", aws.ToString(first.LogicalResourceId),
			aws.ToString(first.ResourceType), aws.ToString(first.StackName), aws.ToString(first.ResourceStatusReason))
	case problems != nil:
		return fmt.Sprintf("\nWhy is not known, as the engine does not tell: %v", problems)
	default:
		return ""
	}
}

// failures returns the stack's failure events since a time, the newest first. A
// failure that follows from another failure comes after it.
func (s *Stage) failures(ctx context.Context, region, stack string, since time.Time) ([]types.StackEvent, error) {
	var failed []types.StackEvent
	pages := cloudformation.NewDescribeStackEventsPaginator(s.cloudFormation(region), &cloudformation.DescribeStackEventsInput{
		StackName: aws.String(stack),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, event := range page.StackEvents {
			recent := event.Timestamp != nil && event.Timestamp.After(since.Add(-time.Second))
			if recent && strings.HasSuffix(string(event.ResourceStatus), "_FAILED") {
				failed = append(failed, event)
			}
		}
	}
	return failed, nil
}
