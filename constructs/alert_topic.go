package constructs

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawsevents"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// AlertTopicProps are the props of NewAlertTopic.
type AlertTopicProps struct {
	// Name is the topic's physical name, 1 to 256 letters, digits, and - _.
	// Required.
	Name string
	// EncryptionKey is a customer-managed key that the alert services may publish
	// under, such as a DataKey with KeyServiceAlerts. Default: a new DataKey with
	// rotation, under the alias sns/<Name>.
	EncryptionKey awskms.IKey
	// Emails are the addresses that SNS sends alerts to. SNS asks each address to
	// confirm once. Default: none.
	Emails []string
	// SlackChannels are the channels that alerts are posted to. Default: none.
	SlackChannels []SlackChannel
	// Disposable deletes the topic's own key with the stack. Default: false, the
	// key is retained.
	Disposable bool
}

// AlertTopic is an encrypted SNS topic for alerts from CloudWatch alarms,
// EventBridge rules, AWS Budgets and Cost Anomaly Detection of the same account. It
// accepts messages over TLS only and forwards them to e-mail and Slack.
type AlertTopic struct {
	constructs.Construct
	// Topic is the SNS topic, for further subscriptions. Use Notify for alarms and
	// RuleTarget for rules.
	Topic awssns.Topic

	encryptionKey awskms.IKey
}

// NewAlertTopic makes an AlertTopic. It panics with a *PropsError on invalid
// props.
func NewAlertTopic(scope constructs.Construct, id string, props *AlertTopicProps) *AlertTopic {
	p := valueOrZero(props)
	p.validate().panicIfAny("AlertTopic", scope, id)

	t := &AlertTopic{}
	constructs.NewConstruct_Override(t, scope, jsii.String(id))
	t.encryptionKey = keyOrOwn(t, p.EncryptionKey, ownKey{
		services: []KeyService{KeyServiceAlerts}, aliasPrefix: "sns", kind: "topic", name: p.Name, disposable: p.Disposable,
	})
	t.Topic = awssns.NewTopic(t, jsii.String("Topic"), &awssns.TopicProps{
		TopicName:  jsii.String(p.Name),
		MasterKey:  t.encryptionKey,
		EnforceSSL: jsii.Bool(true),
	})
	allowAlertSources(t.Topic)
	guardAlertKey(t.Topic, t.encryptionKey)
	for _, address := range p.Emails {
		t.Topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(address), nil))
	}
	for _, channel := range p.SlackChannels {
		channel.subscribe(t, p.Name)
	}
	return t
}

// Notify sends alarms to the topic when they go off and when they return to OK. It
// panics with a *PropsError if an alarm is in another region, because CloudWatch
// notifies topics of its own region only.
func (t *AlertTopic) Notify(alarms ...awscloudwatch.AlarmBase) {
	action := awscloudwatchactions.NewSnsAction(t.Topic)
	for i, alarm := range alarms {
		requireNotNil("AlertTopic.Notify", fmt.Sprintf("alarms[%d]", i), alarm)
		var bad problems
		bad.require(!inDifferentRegions(alarm, t), fmt.Sprintf("alarms[%d]", i), "is in %s and the topic in %s, and CloudWatch notifies topics of its own region only; "+
			"make an AlertTopic there", regionOf(alarm), regionOf(t))
		bad.panicIfAny("AlertTopic.Notify", t, "")
		alarm.AddAlarmAction(action)
		alarm.AddOkAction(action)
	}
}

// RuleTarget returns the topic as the target of an EventBridge rule. CDK's own
// target would let EventBridge publish for any account.
func (t *AlertTopic) RuleTarget() awsevents.IRuleTarget { return &topicTarget{t.Topic} }

// topicTarget sends whole events to a topic. Amazon Q Developer shows no others in
// Slack.
type topicTarget struct{ topic awssns.Topic }

// Bind implements CDK's IRuleTarget.
func (t *topicTarget) Bind(interfacesawsevents.IRuleRef, *string) *awsevents.RuleTargetConfig {
	return &awsevents.RuleTargetConfig{Arn: t.topic.TopicArn()}
}

// AllowPublish grants publishing to this topic, and the use of its key for that
// through SNS.
func (t *AlertTopic) AllowPublish() Grant {
	arn := *t.Topic.TopicArn()
	return Grant{
		{Sid: sidOf(t, "Publish"), Actions: []string{"sns:Publish"}, Resources: []string{arn}},
		{Sid: sidOf(t, "Encrypt"), Actions: publishKeyActions, Resources: []string{*t.encryptionKey.KeyArn()},
			Conditions: map[string]map[string][]string{"StringEquals": {
				"kms:ViaService":                         viaService(awscdk.Stack_Of(t), "sns"),
				"kms:EncryptionContext:aws:sns:topicArn": {arn},
			}}},
	}
}

// https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
var topicNamePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

func (p *AlertTopicProps) validate() problems {
	var bad problems
	bad.require(topicNamePattern.MatchString(p.Name), "Name", "is %q; use 1 to 256 letters, digits, and - _", p.Name)
	seen := map[string]bool{}
	for i, address := range p.Emails {
		at := fmt.Sprintf("Emails[%d]", i)
		parsed, err := mail.ParseAddress(address)
		bad.require(err == nil && parsed.Address == address, at, "%q is not a plain e-mail address such as ops@example.com", address)
		bad.require(!seen[address], at, "%q is listed twice", address)
		seen[address] = true
	}
	for i, channel := range p.SlackChannels {
		at := fmt.Sprintf("SlackChannels[%d]", i)
		channel.check(at, &bad)
		bad.require(!slices.Contains(p.SlackChannels[:i], channel), at, "the channel %q of the workspace %q is listed twice", channel.ChannelID, channel.WorkspaceID)
	}
	return bad
}
