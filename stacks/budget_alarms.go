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

// modelWarningPercent is the used share of the model's budget for a month that is worth
// a look on a working day.
const modelWarningPercent = 50

// newBudgetAlarms makes an alarm for each budget of the stage. The alarms are critical,
// because the backend refuses clients when a budget is exhausted. The budget of the
// model, which is one of money, has a warning too.
func newBudgetAlarms(stack awscdk.Stack, cfg config.Config, alerts *constructs.AlertTopic) {
	for _, declared := range function.Budgets() {
		if hasStageBudget(cfg, declared) {
			newBudgetAlarm(stack, cfg, alerts, declared, "a day", constructs.Critical, budgetAlarmPercent)
		}
	}
	newBudgetAlarm(stack, cfg, alerts, function.ModelBudget, "a month", constructs.Critical, budgetAlarmPercent)
	newBudgetAlarm(stack, cfg, alerts, function.ModelBudget, "a month", constructs.Warning, modelWarningPercent)
}

// newBudgetAlarm makes an alarm for a used share of a budget, which is for a day or a
// month.
func newBudgetAlarm(stack awscdk.Stack, cfg config.Config, alerts *constructs.AlertTopic, budget function.Budget, period string, severity constructs.Severity, percent float64) {
	namespace, metric, dimensions := budget.UsageMetric()
	name, id := cfg.PhysicalName("budget-"+budget.Name), "Budget-"+budget.Name
	if severity != constructs.Critical {
		id += "-" + string(severity)
	}
	alarm := awscloudwatch.NewAlarm(stack, jsii.String(id), &awscloudwatch.AlarmProps{
		AlarmName: jsii.String(name + "-" + string(severity)),
		AlarmDescription: jsii.String(fmt.Sprintf("%s: more than %v %% of the stage's budget for %s is used. Runbook: %s#%s",
			name, percent, period, budgetsRunbook, budget.Name)),
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String(namespace), MetricName: jsii.String(metric), DimensionsMap: jsiiMap(dimensions),
			Statistic: jsii.String("Maximum"), Period: awscdk.Duration_Minutes(jsii.Number(5)),
		}),
		Threshold:          jsii.Number(percent),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
		EvaluationPeriods:  jsii.Number(1),
		// An unused budget has no data points.
		TreatMissingData: awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	awscdk.Tags_Of(alarm).Add(jsii.String(constructs.SeverityTag), jsii.String(string(severity)), nil)
	alerts.Notify(alarm)
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
