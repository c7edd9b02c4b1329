package drift

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// CloudFormation is what Find calls of *cloudformation.Client.
type CloudFormation interface {
	cloudformation.DescribeStacksAPIClient
	cloudformation.DescribeStackResourceDriftsAPIClient
	DetectStackDrift(context.Context, *cloudformation.DetectStackDriftInput, ...func(*cloudformation.Options)) (*cloudformation.DetectStackDriftOutput, error)
	DescribeStackDriftDetectionStatus(context.Context, *cloudformation.DescribeStackDriftDetectionStatusInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStackDriftDetectionStatusOutput, error)
}

// Difference is a resource that differs from its template.
type Difference struct {
	Stack, LogicalID, Type string
	// Deleted says that the resource is gone.
	Deleted bool
	// Properties are the paths of the properties that differ, such as /MemorySize. Their values
	// are left out, because logs of workflows may be public.
	Properties []string
}

// String returns the difference as a line.
func (d Difference) String() string {
	what := "is deleted"
	if !d.Deleted {
		what = "differs in " + strings.Join(d.Properties, ", ")
	}
	return fmt.Sprintf("%s: %s (%s) %s", d.Stack, d.LogicalID, d.Type, what)
}

// Find compares the stacks of a region whose names begin with prefix, one after the other. It
// asks CloudFormation every interval whether a comparison has ended. It returns an error if no
// stack has the prefix, or if CloudFormation could not read all resources of one.
func Find(ctx context.Context, stacks CloudFormation, prefix string, interval time.Duration) ([]Difference, error) {
	names, err := namesOf(ctx, stacks, prefix)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no stack is named %s…: deploy the stage, or check account and region", prefix)
	}
	var found []Difference
	for _, name := range names {
		if err := detect(ctx, stacks, name, interval); err != nil {
			return nil, fmt.Errorf("compare %s with its template: %w", name, err)
		}
		differences, err := read(ctx, stacks, name)
		if err != nil {
			return nil, fmt.Errorf("read what differs in %s: %w", name, err)
		}
		found = append(found, differences...)
	}
	return found, nil
}

func namesOf(ctx context.Context, stacks CloudFormation, prefix string) (names []string, err error) {
	pages := cloudformation.NewDescribeStacksPaginator(stacks, &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the stacks: %w", err)
		}
		for _, stack := range page.Stacks {
			if name := aws.ToString(stack.StackName); strings.HasPrefix(name, prefix) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names, nil
}

// detect compares a stack with its template, and returns when CloudFormation has ended.
func detect(ctx context.Context, stacks CloudFormation, name string, interval time.Duration) error {
	started, err := stacks.DetectStackDrift(ctx, &cloudformation.DetectStackDriftInput{StackName: &name})
	if err != nil {
		return err
	}
	for {
		status, err := stacks.DescribeStackDriftDetectionStatus(ctx, &cloudformation.DescribeStackDriftDetectionStatusInput{
			StackDriftDetectionId: started.StackDriftDetectionId,
		})
		if err != nil {
			return err
		}
		switch status.DetectionStatus {
		case types.StackDriftDetectionStatusDetectionComplete:
			return nil
		case types.StackDriftDetectionStatusDetectionFailed:
			return fmt.Errorf("%s", aws.ToString(status.DetectionStatusReason))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(interval):
		}
	}
}

func read(ctx context.Context, stacks CloudFormation, name string) (found []Difference, err error) {
	pages := cloudformation.NewDescribeStackResourceDriftsPaginator(stacks, &cloudformation.DescribeStackResourceDriftsInput{
		StackName:                       &name,
		StackResourceDriftStatusFilters: []types.StackResourceDriftStatus{types.StackResourceDriftStatusModified, types.StackResourceDriftStatusDeleted},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, resource := range page.StackResourceDrifts {
			if d := differenceOf(name, resource); !d.ofRelease() {
				found = append(found, d)
			}
		}
	}
	return found, nil
}

func differenceOf(stack string, resource types.StackResourceDrift) Difference {
	d := Difference{
		Stack: stack, LogicalID: aws.ToString(resource.LogicalResourceId), Type: aws.ToString(resource.ResourceType),
		Deleted: resource.StackResourceDriftStatus == types.StackResourceDriftStatusDeleted,
	}
	for _, property := range resource.PropertyDifferences {
		d.Properties = append(d.Properties, aws.ToString(property.PropertyPath))
	}
	return d
}

// ofRelease reports whether a release makes the difference: it moves aliases, whose templates
// invoke $LATEST (docs/decisions/0024-releases-as-a-unit.md).
func (d Difference) ofRelease() bool {
	if d.Type != "AWS::Lambda::Alias" || d.Deleted {
		return false
	}
	return !slices.ContainsFunc(d.Properties, func(path string) bool {
		return path != "/FunctionVersion" && path != "/RoutingConfig" && !strings.HasPrefix(path, "/RoutingConfig/")
	})
}
