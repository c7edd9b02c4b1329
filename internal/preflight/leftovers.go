package preflight

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// leftovers finds what a failed first deployment left: resources with the stage's names and no core stack
// that owns them. The next deployment fails at each of these names.
func leftovers(ctx context.Context, p *probe) (problems []Problem, err error) {
	deployed, err := p.deployed(ctx, "core")
	if err != nil || deployed {
		return nil, err
	}
	for _, find := range []func(context.Context, *probe) ([]Problem, error){leftTables, leftPools, leftLogGroups, leftSecrets} {
		found, err := find(ctx, p)
		problems = append(problems, found...)
		if err != nil {
			return problems, err
		}
	}
	return problems, nil
}

func leftTables(ctx context.Context, p *probe) (problems []Problem, _ error) {
	pages := dynamodb.NewListTablesPaginator(dynamodb.NewFromConfig(p.account.Home), &dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return problems, err
		}
		for _, name := range page.TableNames {
			if strings.HasPrefix(name, p.cfg.PhysicalName("")) {
				problems = append(problems, Problem{"the table " + name + " is there, its stack is not",
					"if it has no items and no stack ever ran, delete it as the page says; otherwise restore the stage"})
			}
		}
	}
	return problems, nil
}

// maxPools is the most that ListUserPools returns at once.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserPools.html
const maxPools = 60

func leftPools(ctx context.Context, p *probe) (problems []Problem, _ error) {
	pages := cognito.NewListUserPoolsPaginator(cognito.NewFromConfig(p.account.Home), &cognito.ListUserPoolsInput{MaxResults: aws.Int32(maxPools)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return problems, err
		}
		for _, pool := range page.UserPools {
			if strings.HasPrefix(aws.ToString(pool.Name), p.cfg.PhysicalName("")) {
				problems = append(problems, Problem{fmt.Sprintf("the user pool %s (%s) is there, its stack is not", aws.ToString(pool.Name), aws.ToString(pool.Id)),
					"if it has no users, delete it as the page says; a second pool of the same name misleads operators"})
			}
		}
	}
	return problems, nil
}

func leftLogGroups(ctx context.Context, p *probe) (problems []Problem, _ error) {
	prefix := "/aws/lambda/" + p.cfg.PhysicalName("")
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(cloudwatchlogs.NewFromConfig(p.account.Home),
		&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(prefix)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return problems, err
		}
		for _, group := range page.LogGroups {
			name := aws.ToString(group.LogGroupName)
			problems = append(problems, Problem{"the log group " + name + " is there, its stack is not",
				"delete it: aws logs delete-log-group --log-group-name " + name})
		}
	}
	return problems, nil
}

func leftSecrets(ctx context.Context, p *probe) (problems []Problem, _ error) {
	pages := secretsmanager.NewListSecretsPaginator(secretsmanager.NewFromConfig(p.account.Home), &secretsmanager.ListSecretsInput{IncludePlannedDeletion: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return problems, err
		}
		for _, secret := range page.SecretList {
			name := aws.ToString(secret.Name)
			switch {
			case !strings.HasPrefix(name, p.secretName("")):
			case secret.DeletedDate != nil:
				problems = append(problems, Problem{"the secret " + name + " is scheduled for deletion, which keeps its name",
					"delete it for good: aws secretsmanager restore-secret --secret-id " + name + ", then delete-secret with --force-delete-without-recovery"})
			default:
				problems = append(problems, Problem{"the secret " + name + " is there, its stack is not",
					"keep a copy of its value if it is the only one, then delete the secret with --force-delete-without-recovery"})
			}
		}
	}
	return problems, nil
}

// secretName returns the physical name of a secret (stacks/core.go).
func (p *probe) secretName(name string) string { return "expenzez/" + p.cfg.Stage + "/" + name }
