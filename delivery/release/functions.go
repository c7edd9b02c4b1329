package release

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// alias is the name of the alias that callers invoke (constructs.LiveAlias).
const alias = "live"

// maxSpareVersions is how many versions of a function are kept besides those of recent
// releases, the newest.
const maxSpareVersions = 3

// Functions are the functions of the stacks whose names have a prefix.
type Functions struct {
	// StackPrefix begins the names of the stacks. Default: empty, all stacks of the region.
	StackPrefix string
	// RolledBack accepts stacks whose last deployment was rolled back: their functions are
	// released as they are.
	RolledBack bool

	stacks *cloudformation.Client
	lambda *lambda.Client
}

// apiOutput is the output of the stack with the HTTP API that holds the API's id.
const apiOutput = "ApiId"

// API returns the id of the HTTP API of the stacks, and an empty string if there is none.
func (f *Functions) API(ctx context.Context) (string, error) {
	var api string
	err := f.eachStack(ctx, func(stack cfntypes.Stack) error {
		for _, output := range stack.Outputs {
			if aws.ToString(output.OutputKey) == apiOutput {
				api = aws.ToString(output.OutputValue)
			}
		}
		return nil
	})
	return api, err
}

// eachStack calls visit for each of the stacks.
func (f *Functions) eachStack(ctx context.Context, visit func(cfntypes.Stack) error) error {
	pages := cloudformation.NewDescribeStacksPaginator(f.stacks, &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the stacks: %w", err)
		}
		for _, stack := range page.Stacks {
			if !strings.HasPrefix(aws.ToString(stack.StackName), f.StackPrefix) {
				continue
			}
			if err := visit(stack); err != nil {
				return err
			}
		}
	}
	return nil
}

// NewFunctions returns the functions of the stacks of the configuration's region.
func NewFunctions(cfg aws.Config, stackPrefix string) *Functions {
	return &Functions{StackPrefix: stackPrefix, stacks: cloudformation.NewFromConfig(cfg), lambda: lambda.NewFromConfig(cfg)}
}

// Published returns the versions that the stacks have published, by function. Functions
// without an alias "live" are left out.
func (f *Functions) Published(ctx context.Context) (map[string]string, error) {
	published, aliased := map[string]string{}, map[string]string{}
	if err := f.eachStack(ctx, func(stack cfntypes.Stack) error {
		if err := f.checkStatus(stack); err != nil {
			return err
		}
		return f.read(ctx, aws.ToString(stack.StackName), published, aliased)
	}); err != nil {
		return nil, err
	}
	for function := range published {
		if aliased[function] == "" {
			delete(published, function)
		}
	}
	return published, nil
}

// checkStatus refuses a stack that is not as its template says: a release would mix
// versions of two deployments.
func (f *Functions) checkStatus(stack cfntypes.Stack) error {
	switch stack.StackStatus {
	case cfntypes.StackStatusCreateComplete, cfntypes.StackStatusUpdateComplete, cfntypes.StackStatusUpdateCompleteCleanupInProgress,
		cfntypes.StackStatusImportComplete:
		return nil
	case cfntypes.StackStatusUpdateRollbackComplete:
		if f.RolledBack {
			return nil
		}
		return fmt.Errorf("the last deployment of stack %s was rolled back; deploy it again, or accept its functions with -rolled-back", aws.ToString(stack.StackName))
	default:
		return fmt.Errorf("stack %s is %s; deploy it first", aws.ToString(stack.StackName), stack.StackStatus)
	}
}

// Deployed returns the functions of the stacks. The stacks may be in any state, because a
// rollback does not wait for a deployment.
func (f *Functions) Deployed(ctx context.Context) (map[string]bool, error) {
	deployed := map[string]bool{}
	return deployed, f.eachStack(ctx, func(stack cfntypes.Stack) error {
		return f.eachResource(ctx, aws.ToString(stack.StackName), func(resource cfntypes.StackResourceSummary) {
			if aws.ToString(resource.ResourceType) == "AWS::Lambda::Function" && resource.ResourceStatus != cfntypes.ResourceStatusDeleteInProgress {
				deployed[aws.ToString(resource.PhysicalResourceId)] = true
			}
		})
	})
}

// read adds the versions and the aliases of a stack, by function.
func (f *Functions) read(ctx context.Context, stack string, published, aliased map[string]string) error {
	return f.eachResource(ctx, stack, func(resource cfntypes.StackResourceSummary) {
		function, qualifier := splitARN(aws.ToString(resource.PhysicalResourceId))
		switch {
		case aws.ToString(resource.ResourceType) == "AWS::Lambda::Version":
			published[function] = qualifier
		case aws.ToString(resource.ResourceType) == "AWS::Lambda::Alias" && qualifier == alias:
			aliased[function] = qualifier
		}
	})
}

// eachResource calls visit for each resource that the stack still has.
func (f *Functions) eachResource(ctx context.Context, stack string, visit func(cfntypes.StackResourceSummary)) error {
	pages := cloudformation.NewListStackResourcesPaginator(f.stacks, &cloudformation.ListStackResourcesInput{StackName: &stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the resources of %s: %w", stack, err)
		}
		for _, resource := range page.StackResourceSummaries {
			if resource.ResourceStatus != cfntypes.ResourceStatusDeleteComplete && resource.ResourceStatus != cfntypes.ResourceStatusDeleteSkipped {
				visit(resource)
			}
		}
	}
	return nil
}

// splitARN returns the name and the qualifier of the ARN of a version or alias:
// arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER.
func splitARN(arn string) (function, qualifier string) {
	parts := strings.Split(arn, ":")
	if len(parts) != 8 {
		return "", ""
	}
	return parts[6], parts[7]
}

// Alias returns where the function's alias leads, and its revision.
func (f *Functions) Alias(ctx context.Context, function string) (Pointer, string, error) {
	got, err := f.lambda.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: &function, Name: aws.String(alias)})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return Pointer{}, "", fmt.Errorf("%w: %w", ErrNoAlias, err)
	}
	if err != nil {
		return Pointer{}, "", err
	}
	at := Pointer{Version: aws.ToString(got.FunctionVersion)}
	if got.RoutingConfig != nil {
		for version, weight := range got.RoutingConfig.AdditionalVersionWeights { // Lambda allows one
			at.Canary, at.Weight = version, weight
		}
	}
	return at, aws.ToString(got.RevisionId), nil
}

// Point moves the function's alias, if it still has the revision. The empty map removes a
// weight; without it Lambda would leave the weight as it is.
func (f *Functions) Point(ctx context.Context, function string, to Pointer, revision string) error {
	weights := map[string]float64{}
	if to.Canary != "" {
		weights[to.Canary] = to.Weight
	}
	_, err := f.lambda.UpdateAlias(ctx, &lambda.UpdateAliasInput{
		FunctionName: &function, Name: aws.String(alias), FunctionVersion: &to.Version, RevisionId: &revision,
		RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: weights},
	})
	var changed *types.PreconditionFailedException
	if errors.As(err, &changed) {
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
	return err
}

// Prune deletes the function's versions except the given ones, the newest, and the one
// that the alias invokes, which Lambda does not delete.
func (f *Functions) Prune(ctx context.Context, function string, keep []string) error {
	var versions []int
	pages := lambda.NewListVersionsByFunctionPaginator(f.lambda, &lambda.ListVersionsByFunctionInput{FunctionName: &function})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, version := range page.Versions {
			if number, err := strconv.Atoi(aws.ToString(version.Version)); err == nil { // $LATEST is no number
				versions = append(versions, number)
			}
		}
	}
	slices.Sort(versions)
	for _, version := range versions[:max(0, len(versions)-maxSpareVersions)] {
		number := strconv.Itoa(version)
		if slices.Contains(keep, number) {
			continue
		}
		if _, err := f.lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &function, Qualifier: &number}); err != nil {
			return err
		}
	}
	return nil
}
