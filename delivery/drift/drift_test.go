package drift_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/expenzez/infrastructure/delivery/drift"
)

// account answers as CloudFormation does. The first answer about a comparison is that it goes on.
type account struct {
	drifts map[string][]types.StackResourceDrift // by stack
	failed string                                // the stack whose comparison fails
	asked  map[string]int
}

func (a *account) DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	var out cloudformation.DescribeStacksOutput
	for name := range a.drifts {
		out.Stacks = append(out.Stacks, types.Stack{StackName: &name})
	}
	return &out, nil
}

func (a *account) DetectStackDrift(_ context.Context, in *cloudformation.DetectStackDriftInput, _ ...func(*cloudformation.Options)) (*cloudformation.DetectStackDriftOutput, error) {
	return &cloudformation.DetectStackDriftOutput{StackDriftDetectionId: in.StackName}, nil
}

func (a *account) DescribeStackDriftDetectionStatus(_ context.Context, in *cloudformation.DescribeStackDriftDetectionStatusInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStackDriftDetectionStatusOutput, error) {
	id := *in.StackDriftDetectionId
	a.asked[id]++
	out := &cloudformation.DescribeStackDriftDetectionStatusOutput{DetectionStatus: types.StackDriftDetectionStatusDetectionInProgress}
	if a.asked[id] > 1 {
		out.DetectionStatus = types.StackDriftDetectionStatusDetectionComplete
		if id == a.failed {
			out.DetectionStatus, out.DetectionStatusReason = types.StackDriftDetectionStatusDetectionFailed, aws.String("kms:DescribeKey was denied")
		}
	}
	return out, nil
}

// DescribeStackResourceDrifts returns a page for each resource.
func (a *account) DescribeStackResourceDrifts(_ context.Context, in *cloudformation.DescribeStackResourceDriftsInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStackResourceDriftsOutput, error) {
	if a.asked[*in.StackName] < 2 {
		return nil, errors.New("read before the comparison has ended")
	}
	rest := a.drifts[*in.StackName]
	if in.NextToken != nil {
		rest = rest[len(*in.NextToken):]
	}
	if len(rest) == 0 {
		return &cloudformation.DescribeStackResourceDriftsOutput{}, nil
	}
	out := &cloudformation.DescribeStackResourceDriftsOutput{StackResourceDrifts: rest[:1]}
	if len(rest) > 1 {
		out.NextToken = aws.String(strings.Repeat("x", len(a.drifts[*in.StackName])-len(rest)+1))
	}
	return out, nil
}

func resource(id, kind string, status types.StackResourceDriftStatus, paths ...string) types.StackResourceDrift {
	r := types.StackResourceDrift{LogicalResourceId: &id, ResourceType: &kind, StackResourceDriftStatus: status}
	for _, path := range paths {
		r.PropertyDifferences = append(r.PropertyDifferences, types.PropertyDifference{
			PropertyPath: &path, ExpectedValue: aws.String("old-value"), ActualValue: aws.String("hush"),
		})
	}
	return r
}

func released() *account {
	const modified = types.StackResourceDriftStatusModified
	return &account{asked: map[string]int{}, drifts: map[string][]types.StackResourceDrift{
		"shop-dev-core": {
			resource("LoginLive", "AWS::Lambda::Alias", modified, "/FunctionVersion"),
			resource("OrderLive", "AWS::Lambda::Alias", modified, "/FunctionVersion", "/RoutingConfig/AdditionalVersionWeights/0"),
		},
		"shop-dev-api":   {resource("ListLive", "AWS::Lambda::Alias", modified, "/RoutingConfig")},
		"shop-prod-core": {resource("Users", "AWS::DynamoDB::Table", types.StackResourceDriftStatusDeleted)},
	}}
}

func find(t *testing.T, a *account) ([]string, error) {
	t.Helper()
	found, err := drift.Find(t.Context(), a, "shop-dev-", time.Microsecond)
	var lines []string
	for _, d := range found {
		lines = append(lines, d.String())
	}
	return lines, err
}

func TestFind_ReleasedStage_HasNoDifference(t *testing.T) {
	if lines, err := find(t, released()); err != nil || len(lines) > 0 {
		t.Errorf("%v, %q", err, lines)
	}
}

func TestFind_ChangesByHand_AreNamedWithoutValues(t *testing.T) {
	const modified = types.StackResourceDriftStatusModified
	a := released()
	a.drifts["shop-dev-core"] = append(a.drifts["shop-dev-core"],
		resource("OtherLive", "AWS::Lambda::Alias", modified, "/FunctionVersion", "/ProvisionedConcurrencyConfig"),
		resource("Login", "AWS::Lambda::Function", modified, "/FunctionVersion", "/Environment/Variables/KEY"),
		resource("GoneLive", "AWS::Lambda::Alias", types.StackResourceDriftStatusDeleted),
	)
	lines, err := find(t, a)
	want := []string{
		"shop-dev-core: OtherLive (AWS::Lambda::Alias) differs in /FunctionVersion, /ProvisionedConcurrencyConfig",
		"shop-dev-core: Login (AWS::Lambda::Function) differs in /FunctionVersion, /Environment/Variables/KEY",
		"shop-dev-core: GoneLive (AWS::Lambda::Alias) is deleted",
	}
	if err != nil || !slices.Equal(lines, want) {
		t.Errorf("%v, got\n%s", err, strings.Join(lines, "\n"))
	}
}

func TestFind_FailedComparison_IsAnError(t *testing.T) {
	a := released()
	a.failed = "shop-dev-api"
	if _, err := find(t, a); err == nil || !strings.Contains(err.Error(), "shop-dev-api") || !strings.Contains(err.Error(), "kms:DescribeKey") {
		t.Errorf("got %v", err)
	}
}

func TestFind_NoStacks_IsAnError(t *testing.T) {
	if _, err := find(t, &account{}); err == nil || !strings.Contains(err.Error(), "shop-dev-") {
		t.Errorf("got %v", err)
	}
}

func TestFind_EndedContext_StopsWaiting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := drift.Find(ctx, released(), "shop-dev-", time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
