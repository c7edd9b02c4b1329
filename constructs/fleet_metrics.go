package constructs

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// fleetQuery returns a Metrics Insights query with a time series for each function
// of the account and region, the largest first. An alarm on the query goes off for
// each series by itself. The query language has = and != joined by AND, but neither
// lists nor patterns. So a fleet is all functions except the excluded ones.
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

// topTenWidget returns a graph of the ten functions with the largest values.
func topTenWidget(title, aggregate, metric string, except []string) awscloudwatch.IWidget {
	return graphWidget(title, []awscloudwatch.IMetric{mathExpression(topTenQuery(aggregate, metric, except), "${PROP('Dim.FunctionName')}", nil)})
}

// metricOf returns a metric of the named function or table, or of the account if
// dimension is empty.
func metricOf(namespace, metric, statistic, dimension, name string) awscloudwatch.Metric {
	props := &awscloudwatch.MetricProps{
		Namespace: jsii.String(namespace), MetricName: jsii.String(metric),
		Statistic: jsii.String(statistic), Period: metricPeriod(),
	}
	if dimension != "" {
		props.DimensionsMap = &map[string]*string{dimension: jsii.String(name)}
	}
	return awscloudwatch.NewMetric(props)
}

// metricsOf returns a metric for each name, labelled with the name.
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

// systemErrors returns the sum of the system errors of all operations, for each
// table.
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
