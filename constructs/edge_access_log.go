package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// edgeLogFields are what is kept of a request at the edge. What a person is
// known by is not among them: the address and port, the path and query (which
// hold ids), cookies, the referring page and the user agent. The request id ties
// a line to the API's and the functions' own lines.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
var edgeLogFields = []string{
	"date", "time", "x-edge-request-id", "x-edge-location", "x-host-header",
	"cs-method", "cs-protocol", "cs-protocol-version", "cs-bytes", "ssl-protocol", "ssl-cipher",
	"sc-status", "sc-bytes", "sc-content-type", "time-taken", "time-to-first-byte",
	"x-edge-result-type", "x-edge-response-result-type", "x-edge-detailed-result-type",
}

func edgeLogName(name string) string { return "/aws/vendedlogs/cloudfront/" + name }

// deliverAccessLogs delivers the distribution's access log to a log group. CDK's
// Distribution knows the older logs only, which go to a bucket with every field,
// and has no layer above the resources of log delivery.
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
