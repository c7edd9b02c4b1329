package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
)

// budgetAlarmPercent is the used share of a stage's budget at which its alarm goes off.
// The rest serves clients while an operator acts.
const budgetAlarmPercent = 80

// newBudgetAlarms makes an alarm for each budget of the stage. The alarms are critical,
// because the backend refuses clients when a budget is exhausted.
func newBudgetAlarms(stack awscdk.Stack, cfg config.Config, alerts *constructs.AlertTopic) {
	for _, declared := range function.Budgets() {
		if !hasStageBudget(cfg, declared) {
			continue
		}
		namespace, metric, dimensions := declared.UsageMetric()
		name := cfg.PhysicalName("budget-" + declared.Name)
		alarm := awscloudwatch.NewAlarm(stack, jsii.String("Budget-"+declared.Name), &awscloudwatch.AlarmProps{
			AlarmName: jsii.String(name + "-" + string(constructs.Critical)),
			AlarmDescription: jsii.String(fmt.Sprintf("%s: more than %d %% of the stage's budget for a day is used. Runbook: %s#%s",
				name, budgetAlarmPercent, budgetsRunbook, declared.Name)),
			Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
				Namespace: jsii.String(namespace), MetricName: jsii.String(metric), DimensionsMap: jsiiMap(dimensions),
				Statistic: jsii.String("Maximum"), Period: awscdk.Duration_Minutes(jsii.Number(5)),
			}),
			Threshold:          jsii.Number(budgetAlarmPercent),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
			EvaluationPeriods:  jsii.Number(1),
			// An unused budget has no data points.
			TreatMissingData: awscloudwatch.TreatMissingData_NOT_BREACHING,
		})
		awscdk.Tags_Of(alarm).Add(jsii.String(constructs.SeverityTag), jsii.String(string(constructs.Critical)), nil)
		alerts.Notify(alarm)
	}
}

// hasStageBudget reports whether the stage limits the budget for all clients together.
func hasStageBudget(cfg config.Config, declared function.Budget) bool {
	numbers := settings(cfg)[declared.Setting()]
	return len(numbers) == 2 && numbers[1] != "0"
}

// jsiiMap returns the map in CDK's type.
func jsiiMap(values map[string]string) *map[string]*string {
	converted := make(map[string]*string, len(values))
	for key, value := range values {
		converted[key] = jsii.String(value)
	}
	return &converted
}
