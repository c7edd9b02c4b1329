package constructs

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// fleetQuery is a Metrics Insights query with a time series for each function
// of account and region, the largest first. An alarm on it is raised for each
// series. The language knows = and != joined by AND, but no list and no
// pattern, so a fleet is everything but a few.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
func fleetQuery(aggregate, metric string, except []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `SELECT %s(%s) FROM SCHEMA("AWS/Lambda", FunctionName)`, aggregate, metric)
	for i, name := range except {
		word := " AND"
		if i == 0 {
			word = " WHERE"
		}
		fmt.Fprintf(&b, "%s FunctionName != '%s'", word, name)
	}
	fmt.Fprintf(&b, " GROUP BY FunctionName ORDER BY %s() DESC", aggregate)
	return b.String()
}

func fleetMetric(aggregate, metric string, except []string) awscloudwatch.IMetric {
	return mathExpression(fleetQuery(aggregate, metric, except), "", nil)
}

func topTenQuery(aggregate, metric string, except []string) string {
	return fleetQuery(aggregate, metric, except) + " LIMIT 10"
}

// topTenWidget is a graph of the functions with the largest values.
func topTenWidget(title, aggregate, metric string, except []string) awscloudwatch.IWidget {
	return graphWidget(title, []awscloudwatch.IMetric{mathExpression(topTenQuery(aggregate, metric, except), "${PROP('Dim.FunctionName')}", nil)})
}

// metricOf is a metric of the function or table with that name, or of the account
// where dimension is empty.
func metricOf(namespace, metric, statistic, dimension, name string) awscloudwatch.IMetric {
	props := &awscloudwatch.MetricProps{
		Namespace: jsii.String(namespace), MetricName: jsii.String(metric),
		Statistic: jsii.String(statistic), Period: metricPeriod(),
	}
	if dimension != "" {
		props.DimensionsMap = &map[string]*string{dimension: jsii.String(name)}
	}
	return awscloudwatch.NewMetric(props)
}

// metricsOf is named for each name, labelled with it.
func metricsOf(namespace, metric, statistic, dimension string, names []string) []awscloudwatch.IMetric {
	lines := make([]awscloudwatch.IMetric, len(names))
	for i, name := range names {
		lines[i] = awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String(namespace), MetricName: jsii.String(metric),
			Statistic: jsii.String(statistic), Period: metricPeriod(), Label: jsii.String(name),
			DimensionsMap: &map[string]*string{dimension: jsii.String(name)},
		})
	}
	return lines
}

// systemErrors sums up what DynamoDB reports for each operation on a table.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
func systemErrors(tables []string) []awscloudwatch.IMetric {
	lines := make([]awscloudwatch.IMetric, len(tables))
	for i, table := range tables {
		search := fmt.Sprintf(`SUM(SEARCH('{AWS/DynamoDB,Operation,TableName} MetricName="SystemErrors" TableName="%s"', 'Sum', %d))`,
			table, metricMinutes*60)
		lines[i] = mathExpression(search, table, nil)
	}
	return lines
}
