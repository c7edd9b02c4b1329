package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsce"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
)

// newSpending alerts of costs above the budget, and of unusual ones.
func newSpending(stack awscdk.Stack, cfg config.Config, alerts *constructs.AlertTopic) {
	if cfg.Controls.Governance.MonthlyBudget > 0 {
		newBudget(stack, cfg, alerts)
	}
	if cfg.Controls.Governance.CostAnomalies == config.Own {
		newCostAnomalies(stack, cfg, alerts)
	}
}

// newBudget alerts when the month's costs pass the budget, and when AWS forecasts that they will.
func newBudget(stack awscdk.Stack, cfg config.Config, alerts *constructs.AlertTopic) {
	notify := func(kind string) any {
		return &awsbudgets.CfnBudget_NotificationWithSubscribersProperty{
			Notification: &awsbudgets.CfnBudget_NotificationProperty{
				NotificationType: jsii.String(kind), ComparisonOperator: jsii.String("GREATER_THAN"),
				Threshold: jsii.Number(100), ThresholdType: jsii.String("PERCENTAGE"),
			},
			Subscribers: &[]any{&awsbudgets.CfnBudget_SubscriberProperty{SubscriptionType: jsii.String("SNS"), Address: alerts.Topic.TopicArn()}},
		}
	}
	awsbudgets.NewCfnBudget(stack, jsii.String("Budget"), &awsbudgets.CfnBudgetProps{
		Budget: &awsbudgets.CfnBudget_BudgetDataProperty{
			BudgetName: jsii.String(cfg.PhysicalName("month")), BudgetType: jsii.String("COST"), TimeUnit: jsii.String("MONTHLY"),
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: jsii.Number(cfg.Controls.Governance.MonthlyBudget), Unit: jsii.String("USD")},
		},
		NotificationsWithSubscribers: &[]any{notify("ACTUAL"), notify("FORECASTED")},
	})
}

// anomalyImpact is how many USD above the expected cost an anomaly must be to raise an alert.
const anomalyImpact = "10"

// newCostAnomalies alerts at once when a service costs unexpectedly much. An account can have one monitor of
// all services; docs/governance.md says what to do about the one that AWS made.
func newCostAnomalies(stack awscdk.Stack, cfg config.Config, alerts *constructs.AlertTopic) {
	monitor := awsce.NewCfnAnomalyMonitor(stack, jsii.String("CostAnomalies"), &awsce.CfnAnomalyMonitorProps{
		MonitorName: jsii.String(cfg.PhysicalName("services")), MonitorType: jsii.String("DIMENSIONAL"), MonitorDimension: jsii.String("SERVICE"),
	})
	awsce.NewCfnAnomalySubscription(stack, jsii.String("CostAnomalyAlerts"), &awsce.CfnAnomalySubscriptionProps{
		SubscriptionName: jsii.String(cfg.PhysicalName("cost-anomalies")),
		MonitorArnList:   &[]any{monitor.AttrMonitorArn()},
		Frequency:        jsii.String("IMMEDIATE"), // the only frequency of a topic
		Subscribers:      &[]any{&awsce.CfnAnomalySubscription_SubscriberProperty{Type: jsii.String("SNS"), Address: alerts.Topic.TopicArn()}},
		ThresholdExpression: jsii.String(`{"Dimensions":{"Key":"ANOMALY_TOTAL_IMPACT_ABSOLUTE","MatchOptions":["GREATER_THAN_OR_EQUAL"],"Values":["` +
			anomalyImpact + `"]}}`),
	})
}
