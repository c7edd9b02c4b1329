package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
)

// edgeRunbook says what to do about each alarm of the edge.
const edgeRunbook = "https://github.com/expenzez/infrastructure/blob/main/docs/runbooks/edge.md"

// edgeAlarm is an alarm on a share of the requests, in percent.
type edgeAlarm struct {
	name, description string
	severity          constructs.Severity
	threshold         float64
	metric            awscloudwatch.IMetric
}

// newEdgeAlarms alarms about the edge. CloudFront and its web ACL have their metrics in
// us-east-1, and alarms notify topics of their own region only, so the edge has a topic, which it returns.
// Requests that bypass the edge are counted by the functions (securityAlarms).
func newEdgeAlarms(stack awscdk.Stack, cfg config.Config, edge *constructs.WafProtectedApi) *constructs.AlertTopic {
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{
		Name: cfg.PhysicalName("edge-alerts"), Emails: cfg.Alerts.Emails, SlackChannels: slackChannels(cfg), Disposable: cfg.Data.Disposable,
	})
	for _, a := range []edgeAlarm{
		{"blocked", "more than %v %% of requests are blocked by the web ACL, for ten minutes", constructs.Warning, 10, blockedShare(cfg)},
		{"blocked", "more than %v %% of requests are blocked by the web ACL, for ten minutes", constructs.Critical, 50, blockedShare(cfg)},
		{"errors", "more than %v %% of requests are answered 5xx at the edge, for ten minutes", constructs.Critical, 5, edgeErrorShare(cfg, edge)},
	} {
		name := fmt.Sprintf("%s-%s-%s", cfg.PhysicalName("edge"), a.name, a.severity)
		alarm := awscloudwatch.NewAlarm(stack, jsii.String("Alarm-"+a.name+"-"+string(a.severity)), &awscloudwatch.AlarmProps{
			AlarmName:          jsii.String(name),
			AlarmDescription:   jsii.String(fmt.Sprintf("%s: "+a.description+". Runbook: %s#%s", cfg.PhysicalName("edge"), a.threshold, edgeRunbook, a.name)),
			Metric:             a.metric,
			Threshold:          jsii.Number(a.threshold),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
			EvaluationPeriods:  jsii.Number(2),
			TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
		})
		awscdk.Tags_Of(alarm).Add(jsii.String(constructs.SeverityTag), jsii.String(string(a.severity)), nil)
		alerts.Notify(alarm)
	}
	return alerts
}

// blockedShare returns the share of requests that the web ACL blocked.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
func blockedShare(cfg config.Config) awscloudwatch.IMetric {
	count := func(name string) awscloudwatch.IMetric {
		return fiveMinutes("AWS/WAFV2", name, "Sum", map[string]*string{
			"WebACL": jsii.String(cfg.PhysicalName("edge")), "Rule": jsii.String("ALL"),
		})
	}
	return share(cfg.Alerts.MinimumRequests, "FILL(blocked, 0)", "FILL(blocked, 0) + FILL(allowed, 0)", map[string]awscloudwatch.IMetric{
		"blocked": count("BlockedRequests"), "allowed": count("AllowedRequests"),
	})
}

// edgeErrorShare returns the share of 5xx responses to clients.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
func edgeErrorShare(cfg config.Config, edge *constructs.WafProtectedApi) awscloudwatch.IMetric {
	of := map[string]*string{"DistributionId": edge.Distribution.DistributionId(), "Region": jsii.String("Global")}
	return share(cfg.Alerts.MinimumRequests, "rate * requests / 100", "requests", map[string]awscloudwatch.IMetric{
		"rate":     fiveMinutes("AWS/CloudFront", "5xxErrorRate", "Average", of),
		"requests": fiveMinutes("AWS/CloudFront", "Requests", "Sum", of),
	})
}

// share returns part of whole in percent, or 0 while whole is under the minimum.
func share(minimum int, part, whole string, of map[string]awscloudwatch.IMetric) awscloudwatch.IMetric {
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression:   jsii.String(fmt.Sprintf("IF(%[2]s >= %[3]d, 100 * (%[1]s) / (%[2]s), 0)", part, whole, minimum)),
		Label:        jsii.String("Share in %"),
		Period:       awscdk.Duration_Minutes(jsii.Number(5)),
		UsingMetrics: &of,
	})
}

func fiveMinutes(namespace, name, statistic string, dimensions map[string]*string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String(namespace), MetricName: jsii.String(name), Statistic: jsii.String(statistic),
		DimensionsMap: &dimensions, Period: awscdk.Duration_Minutes(jsii.Number(5)),
	})
}
