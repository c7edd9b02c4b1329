package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// lambdaDashboard shows the alarms, all functions of the account together, the top
// ten, and the functions of each domain.
func lambdaDashboard(scope constructs.Construct, p FunctionFleetProps, alarms []awscloudwatch.Alarm) awscloudwatch.Dashboard {
	board := newDashboard(scope, "LambdaPerformance", p.Name+"-lambda-performance")
	board.AddWidgets(headingWidget("# Lambda Performance"))
	if len(alarms) > 0 {
		board.AddWidgets(alarmStatusWidget(alarms))
	}
	account := func(metric, statistic string) []awscloudwatch.IMetric {
		return []awscloudwatch.IMetric{metricOf("AWS/Lambda", metric, statistic, "", "")}
	}
	board.AddWidgets(
		graphWidget("Invocations", account("Invocations", "Sum")),
		graphWidget("Errors", account("Errors", "Sum")),
		graphWidget("Duration", account("Duration", "Average")),
	)
	board.AddWidgets(
		topTenWidget("Most invocations", "SUM", "Invocations", p.ExcludedFunctions),
		topTenWidget("Most errors", "SUM", "Errors", p.ExcludedFunctions),
		topTenWidget("Longest duration", "MAX", "Duration", p.ExcludedFunctions),
	)
	for _, domain := range p.Domains {
		each := func(metric, statistic string) []awscloudwatch.IMetric {
			return metricsOf("AWS/Lambda", metric, statistic, "FunctionName", domain.Functions)
		}
		board.AddWidgets(headingWidget("## " + domain.Name))
		board.AddWidgets(
			graphWidget("Invocations: "+domain.Name, each("Invocations", "Sum")),
			graphWidget("Errors: "+domain.Name, each("Errors", "Sum")),
			graphWidget("Duration, p99: "+domain.Name, each("Duration", "p99")),
		)
	}
	return board
}

// tableDashboard shows the tables. DynamoDB reports user errors only for the whole
// account and region.
func tableDashboard(scope constructs.Construct, p FunctionFleetProps) awscloudwatch.Dashboard {
	board := newDashboard(scope, "DynamoDBMetrics", p.Name+"-dynamodb-metrics")
	consumed := func(metric string) []awscloudwatch.IMetric {
		return metricsOf("AWS/DynamoDB", metric, "Sum", "TableName", p.Tables)
	}
	board.AddWidgets(headingWidget("# DynamoDB Metrics"))
	board.AddWidgets(
		graphWidget("UserErrors", []awscloudwatch.IMetric{metricOf("AWS/DynamoDB", "UserErrors", "Sum", "", "")}),
		graphWidget("SystemErrors", systemErrors(p.Tables)),
	)
	board.AddWidgets(
		graphWidget("ConsumedReadCapacityUnits", consumed("ConsumedReadCapacityUnits")),
		graphWidget("ConsumedWriteCapacityUnits", consumed("ConsumedWriteCapacityUnits")),
	)
	return board
}

func newDashboard(scope constructs.Construct, id, name string) awscloudwatch.Dashboard {
	return awscloudwatch.NewDashboard(scope, jsii.String(id), &awscloudwatch.DashboardProps{DashboardName: jsii.String(name)})
}

func headingWidget(markdown string) awscloudwatch.IWidget {
	return awscloudwatch.NewTextWidget(&awscloudwatch.TextWidgetProps{
		Markdown: jsii.String(markdown), Width: jsii.Number(24), Height: jsii.Number(1),
	})
}

func alarmStatusWidget(alarms []awscloudwatch.Alarm) awscloudwatch.IWidget {
	list := make([]interfacesawscloudwatch.IAlarmRef, len(alarms))
	for i, alarm := range alarms {
		list[i] = alarm
	}
	return awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title: jsii.String("Alarms"), Width: jsii.Number(24), Alarms: &list,
	})
}
