package constructs

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// HttpApiStageProps are the props of NewHttpApiStage.
type HttpApiStageProps struct {
	// Api is the API, made with CreateDefaultStage false. Required.
	Api awsapigatewayv2.IHttpApi
	// AccessLog is the log group of the access log, such as a RetainedLogGroup.
	// Required.
	AccessLog awslogs.ILogGroup
	// RateLimit is how many requests a second the stage serves on average, for all
	// clients together. A value above the account's own limit has no effect.
	// Default: 100.
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
	RateLimit int
	// BurstLimit is how many requests may arrive at once. Default: 200.
	BurstLimit int
	// RouteMetrics makes CloudWatch keep the stage's metrics for each route as well.
	// API Gateway reports up to six metrics for a route. CloudWatch charges 0.30 USD a
	// month for each of the first 10,000, so 100 routes cost up to 180 USD. The access
	// log answers the same questions. Default: false.
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
	// https://aws.amazon.com/cloudwatch/pricing/
	RouteMetrics bool
	// Routes are limits of single routes by route key, such as "POST /orders" or
	// "$default". Make the stage depend on the routes, because API Gateway refuses
	// the key of a missing route. Default: none.
	Routes map[string]RouteThrottle
}

// RouteThrottle limits the requests of one route, for all clients together. It
// cannot exceed the limits of the stage.
type RouteThrottle struct {
	// RateLimit is the average number of requests a second. Required.
	RateLimit int
	// BurstLimit is the number of requests at once. Required.
	BurstLimit int
}

// NewHttpApiStage makes the default stage of an HTTP API with settings that API
// Gateway leaves out by default. These are limits below the account's limits, which
// all APIs share, and an access log. The log contains no
// personal data: it has the route but neither the path nor the source IP.
// NewHttpApiStage panics with a *PropsError on invalid props.
func NewHttpApiStage(scope constructs.Construct, id string, props *HttpApiStageProps) awsapigatewayv2.HttpStage {
	p := props.withDefaults()
	p.validate().panicIfAny("HttpApiStage", scope, id)

	stage := awsapigatewayv2.NewHttpStage(scope, jsii.String(id), &awsapigatewayv2.HttpStageProps{
		HttpApi:                p.Api,
		StageName:              jsii.String("$default"),
		AutoDeploy:             jsii.Bool(true),
		DetailedMetricsEnabled: jsii.Bool(p.RouteMetrics),
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit:  jsii.Number(p.RateLimit),
			BurstLimit: jsii.Number(p.BurstLimit),
		},
	})
	// HttpStage takes its log settings as an interface that a Go type cannot
	// implement across jsii. So the settings are set on the L1 resource.
	var resource awsapigatewayv2.CfnStage
	jsii.UnsafeCast(stage.Node().DefaultChild(), &resource)
	resource.SetAccessLogSettings(&awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
		DestinationArn: p.AccessLog.LogGroupArn(),
		Format:         jsii.String(accessLogFormat()),
	})
	if len(p.Routes) > 0 {
		resource.SetRouteSettings(p.routeSettings())
	}
	return stage
}

// routeSettings returns the settings in CloudFormation's spelling, because CDK
// writes this map unchanged. A route's settings replace all settings of the stage,
// so they include the metrics.
func (p *HttpApiStageProps) routeSettings() map[string]any {
	settings := map[string]any{}
	for key, throttle := range p.Routes {
		settings[key] = map[string]any{
			"DetailedMetricsEnabled": p.RouteMetrics,
			"ThrottlingRateLimit":    throttle.RateLimit,
			"ThrottlingBurstLimit":   throttle.BurstLimit,
		}
	}
	return settings
}

func (p *HttpApiStageProps) withDefaults() HttpApiStageProps {
	d := valueOrZero(p)
	d.RateLimit = orDefault(d.RateLimit, 100)
	d.BurstLimit = orDefault(d.BurstLimit, 200)
	return d
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
var routeKeyPattern = regexp.MustCompile(`^(\$default|(ANY|GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE) /\S*)$`)

func (p *HttpApiStageProps) validate() problems {
	var bad problems
	bad.require(p.Api != nil, "Api", "is missing; give the HTTP API")
	bad.require(p.AccessLog != nil, "AccessLog", "is missing; give a log group, such as a RetainedLogGroup")
	bad.require(p.RateLimit > 0, "RateLimit", "is %d; use at least 1 request a second", p.RateLimit)
	bad.require(p.BurstLimit > 0, "BurstLimit", "is %d; use at least 1 request", p.BurstLimit)
	for _, key := range slices.Sorted(maps.Keys(p.Routes)) {
		at, throttle := fmt.Sprintf("Routes[%q]", key), p.Routes[key]
		bad.require(routeKeyPattern.MatchString(key), at, `is no route key; write "GET /orders/{id}" or "$default"`)
		bad.require(throttle.RateLimit > 0 && throttle.RateLimit <= p.RateLimit, at+".RateLimit",
			"is %d; use 1 to the stage's %d requests a second", throttle.RateLimit, p.RateLimit)
		bad.require(throttle.BurstLimit > 0 && throttle.BurstLimit <= p.BurstLimit, at+".BurstLimit",
			"is %d; use 1 to the stage's %d requests", throttle.BurstLimit, p.BurstLimit)
	}
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
		"error":             "$context.error.message",
	})
	if err != nil {
		panic(err) // a map of strings always encodes
	}
	return string(format)
}
