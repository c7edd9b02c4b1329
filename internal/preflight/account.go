package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	xraytypes "github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/config"
)

// EdgeRegion is the region where CloudFront has its web ACL and certificate.
const EdgeRegion = "us-east-1"

// placeholders finds examples in the configuration.
func placeholders(_ context.Context, p *probe) (problems []Problem, _ error) {
	for _, found := range p.cfg.Placeholders() {
		problems = append(problems, Problem{
			fmt.Sprintf("%s is the example %q", found.Field, found.Value),
			fmt.Sprintf("put %s into config/%s.go", found.Put, p.cfg.Stage),
		})
	}
	return problems, nil
}

// account finds credentials of another account, and a region that differs from the stage's.
func account(ctx context.Context, p *probe) ([]Problem, error) {
	caller, err := sts.NewFromConfig(p.account.Home).GetCallerIdentity(ctx, nil)
	if err != nil {
		return []Problem{{"AWS takes no credentials of this shell: " + err.Error(),
			fmt.Sprintf("sign in to account %s (aws sso login), or name its profile in AWS_PROFILE", p.cfg.Account)}}, nil
	}
	if err := p.cfg.CheckAccount(aws.ToString(caller.Account)); err != nil {
		return []Problem{{fmt.Sprintf("the credentials in use belong to account %s, the stage to %s", aws.ToString(caller.Account), p.cfg.Account),
			fmt.Sprintf("use the credentials of account %s; if that is wrong, correct it in config/%s.go", p.cfg.Account, p.cfg.Stage)}}, nil
	}
	return nil, nil
}

// otherStages finds stacks of another stage in the account.
func otherStages(ctx context.Context, p *probe) (problems []Problem, err error) {
	stacks, err := p.stacks(ctx, p.account.Home)
	if err != nil {
		return nil, err
	}
	for _, stage := range config.Stages() {
		for _, stack := range stacks {
			if name := aws.ToString(stack.StackName); stage != p.cfg.Stage && strings.HasPrefix(name, "expenzez-"+stage+"-") {
				problems = append(problems, Problem{"the account has the stack " + name + " of stage " + stage,
					"deploy each stage to an account of its own: correct Account in config, or delete the stage that does not belong here"})
			}
		}
	}
	return problems, nil
}

// stacks returns the stacks of a region, except those that were deleted.
func (p *probe) stacks(ctx context.Context, region aws.Config) (stacks []types.Stack, err error) {
	pages := cloudformation.NewDescribeStacksPaginator(cloudformation.NewFromConfig(region), &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		stacks = append(stacks, page.Stacks...)
	}
	return stacks, nil
}

// regions returns the settings of each region that the stage has stacks in.
func (p *probe) regions() map[string]aws.Config {
	return map[string]aws.Config{p.cfg.Region: p.account.Home, EdgeRegion: p.account.Edge}
}

// regionNames returns the names of regions, the stage's own first.
func (p *probe) regionNames() []string {
	return []string{p.cfg.Region, EdgeRegion}
}

// bootstrapVersion is the oldest bootstrap stack that the CDK CLI in use can deploy with.
// https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html#bootstrap-template-history
const bootstrapVersion = 21

// bootstrap finds regions without CDK's bootstrap stack, or with an old one.
func bootstrap(ctx context.Context, p *probe) (problems []Problem, _ error) {
	for _, region := range p.regionNames() {
		do := fmt.Sprintf("run npx cdk bootstrap aws://%s/%s", p.cfg.Account, region)
		stacks, err := p.stacks(ctx, p.regions()[region])
		if err != nil {
			return problems, err
		}
		at := slices.IndexFunc(stacks, func(s types.Stack) bool { return aws.ToString(s.StackName) == "CDKToolkit" })
		if at < 0 {
			problems = append(problems, Problem{region + " has no bootstrap stack", do})
		} else if version := outputOf(stacks[at], "BootstrapVersion"); version < bootstrapVersion {
			problems = append(problems, Problem{fmt.Sprintf("the bootstrap stack of %s has version %d, older than %d", region, version, bootstrapVersion), do})
		}
	}
	return problems, nil
}

func outputOf(stack types.Stack, key string) int {
	for _, output := range stack.Outputs {
		if aws.ToString(output.OutputKey) == key {
			n, _ := strconv.Atoi(aws.ToString(output.OutputValue))
			return n
		}
	}
	return 0
}

// stackStates finds stacks of the stage that a deployment cannot update.
func stackStates(ctx context.Context, p *probe) (problems []Problem, _ error) {
	for _, region := range p.regionNames() {
		stacks, err := p.stacks(ctx, p.regions()[region])
		if err != nil {
			return problems, err
		}
		for _, stack := range stacks {
			name, status := aws.ToString(stack.StackName), string(stack.StackStatus)
			if !strings.HasPrefix(name, p.cfg.PhysicalName("")) {
				continue
			}
			what := fmt.Sprintf("the stack %s in %s is %s", name, region, status)
			switch {
			case strings.HasSuffix(status, "_IN_PROGRESS") && stack.StackStatus != types.StackStatusReviewInProgress:
				problems = append(problems, Problem{what, "wait until the other deployment ends"})
			case stack.StackStatus == types.StackStatusRollbackComplete:
				problems = append(problems, Problem{what, "its first deployment failed: follow the page, then delete the stack"})
			case strings.HasSuffix(status, "_FAILED"):
				problems = append(problems, Problem{what, "read its events, repair the cause, then continue the rollback or delete the stack"})
			}
		}
	}
	return problems, nil
}

// concurrency finds a quota of executions below the one that the stage's configuration counts on. New accounts may
// run 10.
func concurrency(ctx context.Context, p *probe) ([]Problem, error) {
	settings, err := lambda.NewFromConfig(p.account.Home).GetAccountSettings(ctx, nil)
	if err != nil {
		return nil, err
	}
	quota := int(settings.AccountLimit.ConcurrentExecutions)
	need := p.cfg.Functions.Concurrency.Quota
	if quota >= need {
		return nil, nil
	}
	return []Problem{{fmt.Sprintf("the account may run %d functions at once, the stage counts on %d", quota, need),
		fmt.Sprintf("ask for more, or put the account's quota into Functions.Concurrency: "+
			"aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value %d --region %s", need, p.cfg.Region)}}, nil
}

// transactionSearch finds spans that go to CloudWatch Logs before a stack turned that on: the stack would fail,
// because the setting exists.
func transactionSearch(ctx context.Context, p *probe) ([]Problem, error) {
	if !p.cfg.Traces.XRay() {
		return nil, nil
	}
	destination, err := xray.NewFromConfig(p.account.Home).GetTraceSegmentDestination(ctx, &xray.GetTraceSegmentDestinationInput{})
	if err != nil {
		return nil, err
	}
	deployed, err := p.deployed(ctx, "monitoring")
	if err != nil || deployed || destination.Destination != xraytypes.TraceSegmentDestinationCloudWatchLogs {
		return nil, err
	}
	return []Problem{{"Transaction Search is on, though no stack of the stage turned it on",
		"turn it off: aws xray update-trace-segment-destination --destination XRay --region " + p.cfg.Region}}, nil
}

// deployed reports whether the stage's stack with the name was deployed once.
func (p *probe) deployed(ctx context.Context, name string) (bool, error) {
	out, err := cloudformation.NewFromConfig(p.account.Home).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(p.cfg.PhysicalName(name))})
	var failure smithy.APIError
	if errors.As(err, &failure) && failure.ErrorCode() == "ValidationError" {
		return false, nil // there is no such stack
	}
	if err != nil || len(out.Stacks) == 0 {
		return false, err
	}
	switch out.Stacks[0].StackStatus {
	case types.StackStatusRollbackComplete, types.StackStatusRollbackFailed, types.StackStatusReviewInProgress,
		types.StackStatusCreateFailed, types.StackStatusDeleteFailed, types.StackStatusDeleteComplete:
		return false, nil
	}
	return true, nil
}
