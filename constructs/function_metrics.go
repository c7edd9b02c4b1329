package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// metricMinutes is the period of every metric in this package, in minutes.
const metricMinutes = 5

// functionMetrics returns the metrics that Lambda reports for one function.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
type functionMetrics struct{ function awslambda.IFunction }

func (m functionMetrics) metric(name, statistic string) awscloudwatch.IMetric {
	return m.function.Metric(jsii.String(name), &awscloudwatch.MetricOptions{
		Statistic: jsii.String(statistic), Period: metricPeriod(),
	})
}

// labelledMetric returns a metric with a label for graphs. Alarms use metric
// instead, because CDK writes a labelled metric as metric math.
func (m functionMetrics) labelledMetric(name, statistic, label string) awscloudwatch.IMetric {
	return m.function.Metric(jsii.String(name), &awscloudwatch.MetricOptions{
		Statistic: jsii.String(statistic), Period: metricPeriod(), Label: jsii.String(label),
	})
}

// errorRate returns the failed invocations in percent. It is 0 in periods with fewer
// than minimum invocations.
func (m functionMetrics) errorRate(minimum int) awscloudwatch.IMetric {
	return mathExpression(rateFrom(minimum, "errors", "invocations"), "Errors in %", map[string]awscloudwatch.IMetric{
		"errors":      m.metric("Errors", "Sum"),
		"invocations": m.metric("Invocations", "Sum"),
	})
}

// rateFrom returns the expression of part in percent of whole. It is 0 in periods in
// which whole is below minimum.
func rateFrom(minimum int, part, whole string) string {
	if minimum <= 1 {
		return fmt.Sprintf("100 * %s / %s", part, whole)
	}
	return fmt.Sprintf("IF(%[2]s >= %[3]d, 100 * %[1]s / %[2]s, 0)", part, whole, minimum)
}

// deliveryFailures returns the number of events that Lambda could send neither to a
// dead-letter queue nor to a destination.
func (m functionMetrics) deliveryFailures() awscloudwatch.IMetric {
	return mathExpression("FILL(queue, 0) + FILL(destination, 0)", "Lost events", map[string]awscloudwatch.IMetric{
		"queue":       m.metric("DeadLetterErrors", "Sum"),
		"destination": m.metric("DestinationDeliveryFailures", "Sum"),
	})
}

func mathExpression(expression, label string, of map[string]awscloudwatch.IMetric) awscloudwatch.IMetric {
	props := &awscloudwatch.MathExpressionProps{
		Expression: jsii.String(expression), Period: metricPeriod(), UsingMetrics: &of,
	}
	if label != "" {
		props.Label = jsii.String(label)
	}
	return awscloudwatch.NewMathExpression(props)
}

func metricPeriod() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(metricMinutes)) }

// graphWidget returns a graph as wide as a third of a dashboard's row.
func graphWidget(title string, lines []awscloudwatch.IMetric, marks ...*awscloudwatch.HorizontalAnnotation) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: jsii.String(title), Width: jsii.Number(8), Left: &lines, LeftAnnotations: &marks,
		LeftYAxis: &awscloudwatch.YAxisProps{Min: jsii.Number(0)},
	})
}
