package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// edgeLogFields are the fields that the access log keeps of a request. They leave
// out personal data: the source IP and port, the path and query (which contain
// ids), cookies, the referrer and the user agent. The request id links a line to
// the log lines of the API and the functions.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
var edgeLogFields = []string{
	"date", "time", "x-edge-request-id", "x-edge-location", "x-host-header",
	"cs-method", "cs-protocol", "cs-protocol-version", "cs-bytes", "ssl-protocol", "ssl-cipher",
	"sc-status", "sc-bytes", "sc-content-type", "time-taken", "time-to-first-byte",
	"x-edge-result-type", "x-edge-response-result-type", "x-edge-detailed-result-type",
}

func edgeLogName(name string) string { return "/aws/vendedlogs/cloudfront/" + name }

// deliverAccessLogs delivers the distribution's access log to a log group. CDK's
// Distribution supports only the older logs, which go to a bucket with every field.
// CDK has no L2 for log delivery.
func deliverAccessLogs(scope constructs.Construct, distribution awscloudfront.Distribution, group awslogs.LogGroup, name string, policy awslogs.ResourcePolicy) {
	source := awslogs.NewCfnDeliverySource(scope, jsii.String("AccessLogSource"), &awslogs.CfnDeliverySourceProps{
		Name:        jsii.String(name),
		LogType:     jsii.String("ACCESS_LOGS"),
		ResourceArn: distribution.DistributionArn(),
	})
	destination := awslogs.NewCfnDeliveryDestination(scope, jsii.String("AccessLogDestination"), &awslogs.CfnDeliveryDestinationProps{
		Name:                   jsii.String(name),
		DestinationResourceArn: jsii.String(logGroupARN(scope, edgeLogName(name))),
		OutputFormat:           jsii.String("json"),
	})
	destination.Node().AddDependency(group, policy)
	delivery := awslogs.NewCfnDelivery(scope, jsii.String("AccessLogDelivery"), &awslogs.CfnDeliveryProps{
		DeliverySourceName:     source.Name(),
		DeliveryDestinationArn: destination.AttrArn(),
		RecordFields:           jsii.Strings(edgeLogFields...),
	})
	delivery.Node().AddDependency(source)
}
