package constructs

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awschatbot"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// SlackChannel is a Slack channel that receives alerts from Amazon Q Developer in
// chat applications (formerly AWS Chatbot). An administrator authorizes its
// workspace once per account in the console:
// https://docs.aws.amazon.com/chatbot/latest/adminguide/slack-setup.html
type SlackChannel struct {
	// WorkspaceID is the id of the Slack workspace, such as "T0123ABCDEF". The
	// console shows it after the authorization. Required.
	WorkspaceID string
	// ChannelID is the id of the channel, such as "C0123ABCDEF", from the end of
	// the channel's link. Invite the app to a private channel. Required.
	ChannelID string
}

// chartActions are the actions that draw the chart beside an alarm. The channel has
// no other permissions.
var chartActions = []string{
	"cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:GetMetricWidgetImage", "cloudwatch:ListMetrics",
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-slackchannelconfiguration.html
var (
	slackWorkspacePattern = regexp.MustCompile(`^[0-9A-Z]{1,32}$`)
	slackChannelPattern   = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)
)

func (c SlackChannel) check(prop string, bad *problems) {
	bad.require(slackWorkspacePattern.MatchString(c.WorkspaceID), prop+".WorkspaceID",
		"is %q; give the id the console shows, such as T0123ABCDEF", c.WorkspaceID)
	bad.require(slackChannelPattern.MatchString(c.ChannelID), prop+".ChannelID",
		"is %q; give the channel's id, such as C0123ABCDEF, not its name", c.ChannelID)
}

// subscribe posts the topic's messages to the channel. The guardrail limits every
// role that a user chooses in the channel. The service's default guardrail is
// AdministratorAccess. The trust policy names no source account, because the
// service accepts a role only for configurations of the role's own account.
func (c SlackChannel) subscribe(t *AlertTopic, topicName string) {
	id := "Slack" + c.WorkspaceID + c.ChannelID
	readCharts := policyStatements([]Statement{{Sid: "DrawCharts", Actions: chartActions, Resources: []string{"*"}}})
	role := awsiam.NewRole(t, jsii.String(id+"Role"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("chatbot.amazonaws.com"), nil),
		Description: jsii.String("Posts the alerts of " + topicName + " to Slack"),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"Charts": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: readCharts}),
		},
	})
	guardrail := awsiam.NewManagedPolicy(t, jsii.String(id+"Guardrail"), &awsiam.ManagedPolicyProps{
		Description: jsii.String("All that anyone can do from the Slack channel " + c.ChannelID + " of " + c.WorkspaceID),
		Statements:  readCharts,
	})
	awschatbot.NewSlackChannelConfiguration(t, jsii.String(id), &awschatbot.SlackChannelConfigurationProps{
		SlackChannelConfigurationName: jsii.String(c.configurationName(topicName)),
		SlackWorkspaceId:              jsii.String(c.WorkspaceID),
		SlackChannelId:                jsii.String(c.ChannelID),
		NotificationTopics:            &[]awssns.ITopic{t.Topic},
		Role:                          role,
		GuardrailPolicies:             &[]awsiam.IManagedPolicy{guardrail},
	})
}

const maxConfigurationName = 128

// configurationName returns a name that is unique in the account. It includes the
// workspace, because a shared channel has the same id in two workspaces.
func (c SlackChannel) configurationName(topicName string) string {
	return derivedName(topicName+"-"+c.WorkspaceID+"-"+c.ChannelID, notAllowedInName, maxConfigurationName)
}
