package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// lambdaDashboard shows the alarms, the account's functions together, those
// that stand out, and each domain's one by one.
func lambdaDashboard(scope constructs.Construct, p FunctionFleetProps, alarms []awscloudwatch.Alarm) awscloudwatch.Dashboard {
	board := newDashboard(scope, "LambdaPerformance", p.Name+"-lambda-performance")
	board.AddWidgets(heading("# Lambda Performance"))
	if len(alarms) > 0 {
		board.AddWidgets(alarmStatus(alarms))
	}
	account := func(metric, statistic string) []awscloudwatch.IMetric {
		return []awscloudwatch.IMetric{named("AWS/Lambda", metric, statistic, "", "")}
	}
	board.AddWidgets(
		graph("Invocations", account("Invocations", "Sum")),
		graph("Errors", account("Errors", "Sum")),
		graph("Duration", account("Duration", "Average")),
	)
	board.AddWidgets(
		topTen("Most invocations", "SUM", "Invocations", p.Excluded),
		topTen("Most errors", "SUM", "Errors", p.Excluded),
		topTen("Longest duration", "MAX", "Duration", p.Excluded),
	)
	for _, domain := range p.Domains {
		each := func(metric, statistic string) []awscloudwatch.IMetric {
			return eachNamed("AWS/Lambda", metric, statistic, "FunctionName", domain.Functions)
		}
		board.AddWidgets(heading("## " + domain.Name))
		board.AddWidgets(
			graph("Invocations: "+domain.Name, each("Invocations", "Sum")),
			graph("Errors: "+domain.Name, each("Errors", "Sum")),
			graph("Duration, p99: "+domain.Name, each("Duration", "p99")),
		)
	}
	return board
}

// tableDashboard shows the tables. DynamoDB counts user errors for account and
// region only.
func tableDashboard(scope constructs.Construct, p FunctionFleetProps) awscloudwatch.Dashboard {
	board := newDashboard(scope, "DynamoDBMetrics", p.Name+"-dynamodb-metrics")
	consumed := func(metric string) []awscloudwatch.IMetric {
		return eachNamed("AWS/DynamoDB", metric, "Sum", "TableName", p.Tables)
	}
	board.AddWidgets(heading("# DynamoDB Metrics"))
	board.AddWidgets(
		graph("UserErrors", []awscloudwatch.IMetric{named("AWS/DynamoDB", "UserErrors", "Sum", "", "")}),
		graph("SystemErrors", systemErrors(p.Tables)),
	)
	board.AddWidgets(
		graph("ConsumedReadCapacityUnits", consumed("ConsumedReadCapacityUnits")),
		graph("ConsumedWriteCapacityUnits", consumed("ConsumedWriteCapacityUnits")),
	)
	return board
}

func newDashboard(scope constructs.Construct, id, name string) awscloudwatch.Dashboard {
	return awscloudwatch.NewDashboard(scope, jsii.String(id), &awscloudwatch.DashboardProps{DashboardName: jsii.String(name)})
}

func heading(markdown string) awscloudwatch.IWidget {
	return awscloudwatch.NewTextWidget(&awscloudwatch.TextWidgetProps{
		Markdown: jsii.String(markdown), Width: jsii.Number(24), Height: jsii.Number(1),
	})
}

func alarmStatus(alarms []awscloudwatch.Alarm) awscloudwatch.IWidget {
	list := make([]interfacesawscloudwatch.IAlarmRef, len(alarms))
	for i, alarm := range alarms {
		list[i] = alarm
	}
	return awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title: jsii.String("Alarms"), Width: jsii.Number(24), Alarms: &list,
	})
}
