package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewAlertTopic() {
	stack := newStack()
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{
		Name:          "shop-prod-alerts",
		Emails:        []string{"ops@example.com"},
		SlackChannels: []constructs.SlackChannel{{WorkspaceID: "T0123ABCDEF", ChannelID: "C0123ABCDEF"}},
	})
	awsevents.NewRule(stack, jsii.String("Findings"), &awsevents.RuleProps{
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings("aws.guardduty")},
		Targets:      &[]awsevents.IRuleTarget{alerts.RuleTarget()},
	})
	for _, s := range alerts.AllowPublish() {
		fmt.Println(s.Sid, s.Actions)
	}
	// Output:
	// AlertsPublish [sns:Publish]
	// AlertsEncrypt [kms:Decrypt kms:GenerateDataKey]
}

func alertTopic(props constructs.AlertTopicProps) map[string]any {
	return build(func(stack awscdk.Stack) { constructs.NewAlertTopic(stack, "Alerts", &props) })
}

// The alarms would be lost, and nothing but their history would say so.
func TestAlertTopic_KeyDeniesAlarms_FailsSynth(t *testing.T) {
	for name, c := range map[string]struct {
		services []constructs.KeyService
		caught   bool
	}{
		"for secrets":            {[]constructs.KeyService{constructs.KeyServiceSecretsManager}, true},
		"for secrets and alerts": {[]constructs.KeyService{constructs.KeyServiceSecretsManager, constructs.KeyServiceAlerts}, false},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStack()
			key := constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{Alias: "shop", Services: c.services})
			constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "alerts", EncryptionKey: key.Key})
			constructs.NewAlertTopic(stack, "Other", &constructs.AlertTopicProps{Name: "other", // nothing is known of it
				EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String("Imported"), jsii.String("arn:aws:kms:eu-west-2:111122223333:key/1"))})
			constructs.NewAlertTopic(stack, "Third", &constructs.AlertTopicProps{Name: "third", // nor of one by its alias
				EncryptionKey: awskms.NewAlias(stack, jsii.String("Alias"), &awskms.AliasProps{AliasName: jsii.String("other"), TargetKey: key.Key})})
			if c.caught {
				synthFails(t, stack, "Test/Alerts/Topic", "Test/Key/Key/Resource", "KeyServiceAlerts")
			} else {
				synthSucceeds(t, stack)
			}
		})
	}
}

func TestNotify_AlarmInOtherRegion_IsRefused(t *testing.T) {
	stack := newStack()
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "alerts"})
	refused(t, func() {
		constructs.NewEmailReputation(abroad(stack), "Reputation", &constructs.EmailReputationProps{
			Name: "mail", Route: constructs.AlarmRoute{Target: alerts, RunbookURL: runbook},
		})
	}, "alarms[0]")
}

func TestAlertTopic_HasItsOwnKey(t *testing.T) {
	template := alertTopic(constructs.AlertTopicProps{Name: "alerts"})
	id, _ := at(only(t, template, "AWS::SNS::Topic"), "Properties", "KmsMasterKeyId", "Fn::GetAtt", 0).(string)
	key := at(template, "Resources", id)
	equal(t, "key's type", at(key, "Type"), `"AWS::KMS::Key"`)
	equal(t, "DeletionPolicy", at(key, "DeletionPolicy"), `"RetainExceptOnCreate"`)
	equal(t, "alias", at(only(t, template, "AWS::KMS::Alias"), "Properties", "AliasName"), `"alias/sns/alerts"`)
}

func TestAlertTopic_Disposable_DeletesItsKey(t *testing.T) {
	key := only(t, alertTopic(constructs.AlertTopicProps{Name: "alerts", Disposable: true}), "AWS::KMS::Key")
	equal(t, "DeletionPolicy", key["DeletionPolicy"], `"Delete"`)
}

func TestAlertTopic_GivenKey_IsUsed(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		key := constructs.NewDataKey(stack, "Shared", &constructs.DataKeyProps{
			Alias: "shared", Services: []constructs.KeyService{constructs.KeyServiceAlerts},
		})
		constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "alerts", EncryptionKey: key.Key})
	})
	id, _ := at(only(t, template, "AWS::SNS::Topic"), "Properties", "KmsMasterKeyId", "Fn::GetAtt", 0).(string)
	if len(all(template, "AWS::KMS::Key")) != 1 || !strings.HasPrefix(id, "Shared") {
		t.Errorf("the key is %q of %d, want the given one alone", id, len(all(template, "AWS::KMS::Key")))
	}
}

func TestDataKey_ServiceAlerts_AllowsAlertsOfAccount(t *testing.T) {
	key := only(t, alertTopic(constructs.AlertTopicProps{Name: "alerts"}), "AWS::KMS::Key")
	equal(t, "statement", any(statement(key, "AlertsOfTheAccount")), `{
		"Sid": "AlertsOfTheAccount", "Effect": "Allow", "Resource": "*", "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
		"Principal": {"Service": ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "costalerts.amazonaws.com"]},
		"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"},
			"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:eu-west-2:111122223333:*"}}}`)
}

// SNS supports aws:SourceAccount in a key policy for the others, not for
// EventBridge.
func TestDataKey_ServiceAlerts_AllowsEventBridge(t *testing.T) {
	key := only(t, alertTopic(constructs.AlertTopicProps{Name: "alerts"}), "AWS::KMS::Key")
	events := statement(key, "EventsToTopicsOfTheAccount")
	equal(t, "principal", events["Principal"], `{"Service": "events.amazonaws.com"}`)
	equal(t, "conditions", events["Condition"], `{"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:eu-west-2:111122223333:*"}}`)
}

func TestDataKey_ServiceAlerts_AllowsRolesThroughSNSOnly(t *testing.T) {
	key := only(t, alertTopic(constructs.AlertTopicProps{Name: "alerts"}), "AWS::KMS::Key")
	equal(t, "conditions", statement(key, "AlertsThroughSNS")["Condition"], `{"StringEquals": {
		"kms:CallerAccount": "111122223333", "kms:ViaService": "sns.eu-west-2.amazonaws.com"}}`)
}

func TestAlertTopic_Services_PublishForAccountOnly(t *testing.T) {
	publish := statement(only(t, alertTopic(constructs.AlertTopicProps{Name: "alerts"}), "AWS::SNS::TopicPolicy"), "AlertsOfTheAccount")
	equal(t, "principals", publish["Principal"], `{"Service": [
		"budgets.amazonaws.com", "cloudwatch.amazonaws.com", "costalerts.amazonaws.com", "events.amazonaws.com"]}`)
	equal(t, "conditions", publish["Condition"], `{"StringEquals": {"aws:SourceAccount": "111122223333"}}`)
	equal(t, "action", publish["Action"], `"sns:Publish"`)
}

func TestAlertTopic_RequestWithoutTLS_IsDenied(t *testing.T) {
	policy := only(t, alertTopic(constructs.AlertTopicProps{Name: "alerts"}), "AWS::SNS::TopicPolicy")
	for _, s := range at(policy, "Properties", "PolicyDocument", "Statement").([]any) {
		if at(s, "Effect") == "Deny" {
			equal(t, "principal", at(s, "Principal"), `"*"`)
			equal(t, "action", at(s, "Action"), `"sns:Publish"`)
			equal(t, "conditions", at(s, "Condition"), `{"Bool": {"aws:SecureTransport": "false"}}`)
			return
		}
	}
	t.Error("the policy denies nothing")
}

func TestRuleTarget_LeavesTopicPolicyUnchanged(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "alerts"})
		for _, source := range []string{"aws.guardduty", "aws.config"} {
			awsevents.NewRule(stack, jsii.String(source), &awsevents.RuleProps{
				EventPattern: &awsevents.EventPattern{Source: jsii.Strings(source)},
				Targets:      &[]awsevents.IRuleTarget{alerts.RuleTarget()},
			})
		}
	})
	statements := at(only(t, template, "AWS::SNS::TopicPolicy"), "Properties", "PolicyDocument", "Statement").([]any)
	if len(statements) != 2 {
		t.Errorf("the topic's policy has %d statements, want TLS and alerts", len(statements))
	}
	target, _ := at(all(template, "AWS::Events::Rule")[0], "Properties", "Targets", 0, "Arn", "Ref").(string)
	equal(t, "target", at(template, "Resources", target, "Type"), `"AWS::SNS::Topic"`)
}

func TestNotify_SetsAlarmAndOKActions(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "alerts"})
		alerts.Notify(awscloudwatch.NewAlarm(stack, jsii.String("Alarm"), &awscloudwatch.AlarmProps{
			Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
				Namespace: jsii.String("Shop"), MetricName: jsii.String("Orders"),
			}),
			Threshold: jsii.Number(1), EvaluationPeriods: jsii.Number(1),
		}))
	})
	for _, action := range []string{"AlarmActions", "OKActions"} {
		topic, _ := at(only(t, template, "AWS::CloudWatch::Alarm"), "Properties", action, 0, "Ref").(string)
		equal(t, action, at(template, "Resources", topic, "Type"), `"AWS::SNS::Topic"`)
	}
}

func TestAlertTopic_AllowPublish_GrantsTopicAndKey(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "alerts"})
		constructs.NewLeastPrivilegeFunction(stack, "Report", &constructs.LeastPrivilegeFunctionProps{
			Name: "report", Code: bootstrap(t), Grants: []constructs.Grant{alerts.AllowPublish()},
		})
	})
	role := only(t, template, "AWS::IAM::Role")
	topic, _ := at(statement(role, "AlertsPublish"), "Resource", "Ref").(string)
	equal(t, "resource", at(template, "Resources", topic, "Type"), `"AWS::SNS::Topic"`)
	equal(t, "conditions", statement(role, "AlertsEncrypt")["Condition"], fmt.Sprintf(`{"StringEquals": {
		"kms:ViaService": "sns.eu-west-2.amazonaws.com", "kms:EncryptionContext:aws:sns:topicArn": {"Ref": %q}}}`, topic))
}

func TestAlertTopic_Emails_AreSubscribed(t *testing.T) {
	subscription := only(t, alertTopic(constructs.AlertTopicProps{Name: "alerts", Emails: []string{"ops@example.com"}}), "AWS::SNS::Subscription")
	equal(t, "protocol", at(subscription, "Properties", "Protocol"), `"email"`)
	equal(t, "endpoint", at(subscription, "Properties", "Endpoint"), `"ops@example.com"`)
}

var slack = constructs.AlertTopicProps{
	Name: "alerts", SlackChannels: []constructs.SlackChannel{{WorkspaceID: "T1", ChannelID: "C1"}},
}

func TestSlackChannel_ReceivesAlerts(t *testing.T) {
	template := alertTopic(slack)
	channel := at(only(t, template, "AWS::Chatbot::SlackChannelConfiguration"), "Properties")
	equal(t, "workspace", at(channel, "SlackWorkspaceId"), `"T1"`)
	equal(t, "channel", at(channel, "SlackChannelId"), `"C1"`)
	equal(t, "name", at(channel, "ConfigurationName"), `"alerts-T1-C1"`)
	topic, _ := at(channel, "SnsTopicArns", 0, "Ref").(string)
	equal(t, "topic", at(template, "Resources", topic, "Type"), `"AWS::SNS::Topic"`)
}

func TestSlackChannel_CanOnlyReadMetrics(t *testing.T) {
	template := alertTopic(slack)
	guardrail, _ := at(only(t, template, "AWS::Chatbot::SlackChannelConfiguration"), "Properties", "GuardrailPolicies", 0, "Ref").(string)
	role := at(only(t, template, "AWS::IAM::Role"), "Properties")
	equal(t, "managed policies", at(role, "ManagedPolicyArns"), `null`)
	equal(t, "trust", at(role, "AssumeRolePolicyDocument", "Statement", 0, "Principal"), `{"Service": "chatbot.amazonaws.com"}`)
	const readsCharts = `[{"Sid": "DrawCharts", "Effect": "Allow", "Resource": "*", "Action": ["cloudwatch:GetMetricData",
		"cloudwatch:GetMetricStatistics", "cloudwatch:GetMetricWidgetImage", "cloudwatch:ListMetrics"]}]`
	equal(t, "role", at(role, "Policies", 0, "PolicyDocument", "Statement"), readsCharts)
	equal(t, "guardrail", at(template, "Resources", guardrail, "Properties", "PolicyDocument", "Statement"), readsCharts)
}

func TestAlertTopic_SlackChannel_HasOnlyExplainedWildcards(t *testing.T) {
	if found := constructs.UnexplainedWildcards(alertTopic(slack)); len(found) > 0 {
		t.Errorf("unexplained: %q", found)
	}
}

func TestSlackChannel_LongTopicName_IsShortened(t *testing.T) {
	props := slack
	props.Name = strings.Repeat("a", 250)
	name, _ := at(only(t, alertTopic(props), "AWS::Chatbot::SlackChannelConfiguration"), "Properties", "ConfigurationName").(string)
	props.Name += "b"
	other, _ := at(only(t, alertTopic(props), "AWS::Chatbot::SlackChannelConfiguration"), "Properties", "ConfigurationName").(string)
	if len(name) > 128 || name == other {
		t.Errorf("the configurations' names are %q and %q, want two of at most 128 characters", name, other)
	}
}

func TestAlertTopic_InvalidProps_AreRefused(t *testing.T) {
	channel := func(workspace, channel string) []constructs.SlackChannel {
		return []constructs.SlackChannel{{WorkspaceID: workspace, ChannelID: channel}}
	}
	cases := map[string]struct {
		props constructs.AlertTopicProps
		wrong []string
	}{
		"no name":                 {constructs.AlertTopicProps{}, []string{"Name"}},
		"name of a FIFO topic":    {constructs.AlertTopicProps{Name: "a.fifo"}, []string{"Name"}},
		"no e-mail address":       {constructs.AlertTopicProps{Name: "a", Emails: []string{"ops"}}, []string{"Emails[0]"}},
		"address with a name":     {constructs.AlertTopicProps{Name: "a", Emails: []string{"Ops <ops@example.com>"}}, []string{"Emails[0]"}},
		"address twice":           {constructs.AlertTopicProps{Name: "a", Emails: []string{"a@b.c", "a@b.c"}}, []string{"Emails[1]"}},
		"no workspace":            {constructs.AlertTopicProps{Name: "a", SlackChannels: channel("", "C1")}, []string{"SlackChannels[0].WorkspaceID"}},
		"channel's name":          {constructs.AlertTopicProps{Name: "a", SlackChannels: channel("T1", "#alerts")}, []string{"SlackChannels[0].ChannelID"}},
		"channel twice":           {constructs.AlertTopicProps{Name: "a", SlackChannels: append(channel("T1", "C1"), channel("T1", "C1")...)}, []string{"SlackChannels[1]"}},
		"workspace in lower case": {constructs.AlertTopicProps{Name: "a", SlackChannels: channel("t1", "C1")}, []string{"SlackChannels[0].WorkspaceID"}},
	}
	stack := newStack()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			refused(t, func() { constructs.NewAlertTopic(stack, name, &c.props) }, c.wrong...)
		})
	}
	refused(t, func() { constructs.NewAlertTopic(stack, "none", nil) }, "Name")
}
