package constructs

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// HttpApiStageProps are the props of NewHttpApiStage.
type HttpApiStageProps struct {
	// Api is the API, made with CreateDefaultStage false. Required.
	Api awsapigatewayv2.IHttpApi
	// LogGroupName is the name of the access log's log group, such as
	// "/aws/http-api/shop-prod". Required.
	LogGroupName string
	// LogRetentionDays is how long the access log is kept; CloudWatch Logs has
	// a fixed list of periods. Default: 30.
	LogRetentionDays int
	// LogKey encrypts the access log, for example a DataKey with
	// KeyServiceLogs. Default: none, CloudWatch Logs encrypts with a key of its
	// own.
	LogKey awskms.IKey
	// RateLimit is how many requests a second are served in the long run, all
	// clients together, up to 10000. Default: 100.
	RateLimit int
	// BurstLimit is how many requests may arrive at once, up to 5000. Default:
	// 200.
	BurstLimit int
	// Disposable lets the access log go with the stack. Default: false, it
	// stays until its retention ends.
	Disposable bool
}

// NewHttpApiStage makes the default stage of an HTTP API, with what API Gateway
// leaves out unasked: limits of its own, below the account's which all APIs
// share, metrics for each route, and an access log. The log holds nothing that a
// person is known by: the route and not the path, and no address. It panics with
// a *PropsError on invalid props.
func NewHttpApiStage(scope constructs.Construct, id string, props *HttpApiStageProps) awsapigatewayv2.HttpStage {
	p := props.withDefaults()
	p.validate().panicIfAny("HttpApiStage", scope, id)

	stage := awsapigatewayv2.NewHttpStage(scope, jsii.String(id), &awsapigatewayv2.HttpStageProps{
		HttpApi:                p.Api,
		StageName:              jsii.String("$default"),
		AutoDeploy:             jsii.Bool(true),
		DetailedMetricsEnabled: jsii.Bool(true),
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit:  jsii.Number(p.RateLimit),
			BurstLimit: jsii.Number(p.BurstLimit),
		},
	})
	log := newLogGroup(stage, "AccessLog", RetainedLogGroupProps{
		Name: p.LogGroupName, RetentionDays: p.LogRetentionDays, EncryptionKey: p.LogKey, Disposable: p.Disposable,
	})
	// HttpStage takes its log settings as an interface that a Go type cannot
	// implement across jsii, so they are set on the resource below it.
	var resource awsapigatewayv2.CfnStage
	jsii.UnsafeCast(stage.Node().DefaultChild(), &resource)
	resource.SetAccessLogSettings(&awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
		DestinationArn: log.LogGroupArn(),
		Format:         jsii.String(accessLogFormat()),
	})
	return stage
}

func (p *HttpApiStageProps) withDefaults() HttpApiStageProps {
	var d HttpApiStageProps
	if p != nil {
		d = *p
	}
	d.LogRetentionDays = orDefault(d.LogRetentionDays, defaultLogRetentionDays)
	d.RateLimit = orDefault(d.RateLimit, 100)
	d.BurstLimit = orDefault(d.BurstLimit, 200)
	return d
}

// The account's own limits, beyond which a stage's are without effect.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
const maxRateLimit, maxBurstLimit = 10_000, 5_000

func (p *HttpApiStageProps) validate() problems {
	var bad problems
	bad.require(p.Api != nil, "Api", "is missing; give the HTTP API")
	bad.require(logGroupNamePattern.MatchString(p.LogGroupName), "LogGroupName", "is %q; use 1 to 512 letters, digits, and / . - _ #", p.LogGroupName)
	bad.requireRetention("LogRetentionDays", p.LogRetentionDays)
	bad.require(p.RateLimit > 0 && p.RateLimit <= maxRateLimit, "RateLimit", "is %d; use 1 to %d requests a second", p.RateLimit, maxRateLimit)
	bad.require(p.BurstLimit > 0 && p.BurstLimit <= maxBurstLimit, "BurstLimit", "is %d; use 1 to %d requests", p.BurstLimit, maxBurstLimit)
	return bad
}

func accessLogFormat() string {
	format, err := json.Marshal(map[string]string{
		"requestId":         "$context.requestId",
		"extendedRequestId": "$context.extendedRequestId",
		"time":              "$context.requestTime",
		"route":             "$context.routeKey",
		"protocol":          "$context.protocol",
		"status":            "$context.status",
		"responseLength":    "$context.responseLength",
		"latencyMs":         "$context.responseLatency",
		"integrationMs":     "$context.integrationLatency",
		"integrationError":  "$context.integrationErrorMessage",
		"authorizerError":   "$context.authorizer.error",
		"error":             "$context.error.messageString",
	})
	if err != nil {
		panic(err) // a map of strings always encodes
	}
	return string(format)
}
