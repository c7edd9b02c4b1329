package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

// newObjectives alarms when the API fails or slows down so often that it will miss an objective of 30 days.
// One request in twenty may be slow: the assistant and imports wait for other services.
func newObjectives(stack awscdk.Stack, cfg config.Config, api *api, alerts *constructs.AlertTopic) {
	objectives := constructs.NewObjectiveAlarms(stack, "Objectives", &constructs.ObjectiveAlarmsProps{
		Name:  cfg.PhysicalName("api"),
		Route: constructs.AlarmRoute{Target: alerts, RunbookURL: apiRunbook},
		Objectives: []constructs.Objective{
			{Name: "availability", Percent: 99.9, ErrorRatio: constructs.ApiErrorRatio(api.HttpApi, cfg.Alerts.MinimumRequests)},
			{Name: "speed", Percent: 95, ErrorRatio: constructs.ApiSlowRatio(api.HttpApi, time.Second)},
		},
	})
	policy.Accept(objectives, "NIST.800.53.R5-CloudWatchAlarmAction",
		"The alarm of one window notifies no target, because the composite alarm of both windows does.")
}

// slackChannels returns the channels of the stage's alert topics, the second way to an operator beside e-mail.
func slackChannels(cfg config.Config) (channels []constructs.SlackChannel) {
	for _, channel := range cfg.Alerts.Slack {
		channels = append(channels, constructs.SlackChannel{WorkspaceID: channel.WorkspaceID, ChannelID: channel.ChannelID})
	}
	return channels
}
