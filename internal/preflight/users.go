package preflight

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// alertAddresses finds topics of alerts that a configured address does not get, or has not confirmed.
func alertAddresses(ctx context.Context, p *probe) (problems []Problem, _ error) {
	for _, region := range p.regionNames() {
		client := sns.NewFromConfig(p.regions()[region])
		pages := sns.NewListTopicsPaginator(client, &sns.ListTopicsInput{})
		alerts := 0
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return problems, err
			}
			for _, topic := range page.Topics {
				arn := aws.ToString(topic.TopicArn)
				name := arn[strings.LastIndexByte(arn, ':')+1:]
				if !strings.HasPrefix(name, p.cfg.PhysicalName("")) || !strings.HasSuffix(name, "alerts") {
					continue
				}
				alerts++
				found, err := p.unconfirmed(ctx, client, arn, name)
				if err != nil {
					return problems, err
				}
				problems = append(problems, found...)
			}
		}
		if alerts == 0 {
			problems = append(problems, Problem{region + " has no topic of alerts", "deploy the stage, which makes it"})
		}
	}
	return problems, nil
}

// pendingConfirmation is what SNS shows in place of the ARN of a subscription that was not confirmed.
// https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
const pendingConfirmation = "PendingConfirmation"

// unconfirmed returns the configured addresses that have not confirmed a topic.

func (p *probe) unconfirmed(ctx context.Context, client *sns.Client, arn, name string) (problems []Problem, _ error) {
	confirmed := map[string]bool{}
	pages := sns.NewListSubscriptionsByTopicPaginator(client, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(arn)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, subscription := range page.Subscriptions {
			if aws.ToString(subscription.SubscriptionArn) != pendingConfirmation {
				confirmed[aws.ToString(subscription.Endpoint)] = true
			}
		}
	}
	for _, address := range p.cfg.Alerts.Emails {
		if !confirmed[address] {
			problems = append(problems, Problem{fmt.Sprintf("%s has not confirmed that it takes the alerts of %s", address, name),
				"follow the link in the e-mail from AWS Notifications; it is valid for three days, then subscribe the address again"})
		}
	}
	return problems, nil
}

// secretValues finds secrets of external services without a value, without one of their keys, or with a
// placeholder. It names keys and never a value.
func secretValues(ctx context.Context, p *probe) (problems []Problem, _ error) {
	client := secretsmanager.NewFromConfig(p.account.Home)
	for _, secret := range secrets.All() {
		if secret.GeneratedLength > 0 || secret == secrets.Cognito {
			continue // the stack gives the value
		}
		name := p.secretName(secret.Name)
		do := fmt.Sprintf("aws secretsmanager put-secret-value --secret-id %s --secret-string file://VALUES, a JSON object with %s", name, strings.Join(secret.Keys, ", "))
		stored, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(name)})
		var missing *smtypes.ResourceNotFoundException
		if errors.As(err, &missing) {
			problems = append(problems, Problem{"the secret " + name + " has no value", do})
			continue
		}
		if err != nil {
			return problems, fmt.Errorf("read %s: %w", name, err)
		}
		if bad := unusableKeys(aws.ToString(stored.SecretString), secret.Keys); len(bad) > 0 {
			problems = append(problems, Problem{fmt.Sprintf("the secret %s has no usable value of %s", name, strings.Join(bad, ", ")), do})
		}
	}
	return problems, nil
}

// placeholderValue matches values that stand for a real one.
var placeholderValue = regexp.MustCompile(`(?i)^\s*$|^<.*>$|^(your|my)[-_ ]|change[-_ ]?me|placeholder|replace[-_ ]?me|^(todo|tbd|dummy|test|secret|none|null|x+|\.+|\*+)$`)

// unusableKeys returns the keys whose values are missing, no text, or placeholders.
func unusableKeys(text string, keys []string) (bad []string) {
	var values map[string]any
	if json.Unmarshal([]byte(text), &values) != nil {
		return keys
	}
	for _, key := range keys {
		if value, isText := values[key].(string); !isText || placeholderValue.MatchString(value) {
			bad = append(bad, key)
		}
	}
	return bad
}
