package constructs_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewHttpApiStage() {
	stack := newStack()
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{CreateDefaultStage: jsii.Bool(false)})
	stage := constructs.NewHttpApiStage(stack, "Stage", &constructs.HttpApiStageProps{
		Api:        api,
		AccessLog:  constructs.NewRetainedLogGroup(stack, "AccessLog", &constructs.RetainedLogGroupProps{Name: "/aws/http-api/shop-prod"}),
		RateLimit:  500,
		BurstLimit: 1000,
	})
	fmt.Println(*stage.StageName())
	// Output: $default
}

func stageTemplate(change func(p *constructs.HttpApiStageProps)) map[string]any {
	return build(func(stack awscdk.Stack) {
		props := constructs.HttpApiStageProps{AccessLog: stageLog(stack), Api: bareAPI(stack)}
		change(&props)
		constructs.NewHttpApiStage(stack, "Stage", &props)
	})
}

func bareAPI(stack awscdk.Stack) awsapigatewayv2.IHttpApi {
	return awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{CreateDefaultStage: jsii.Bool(false)})
}

func stageLog(stack awscdk.Stack) awslogs.ILogGroup {
	return constructs.NewRetainedLogGroup(stack, "Requests", &constructs.RetainedLogGroupProps{Name: "requests"})
}

func TestHttpApiStage_HasItsOwnLimits(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(p *constructs.HttpApiStageProps)
		rate, burst string
		metrics     string
	}{
		"default": {func(*constructs.HttpApiStageProps) {}, "100", "200", "false"},
		"given":   {func(p *constructs.HttpApiStageProps) { p.RateLimit, p.BurstLimit = 10000, 5000 }, "10000", "5000", "false"},
		"metrics": {func(p *constructs.HttpApiStageProps) { p.RouteMetrics = true }, "100", "200", "true"},
	} {
		settings := at(only(t, stageTemplate(c.change), "AWS::ApiGatewayV2::Stage"), "Properties", "DefaultRouteSettings")
		equal(t, name, settings, `{"DetailedMetricsEnabled": `+c.metrics+`, "ThrottlingRateLimit": `+c.rate+`, "ThrottlingBurstLimit": `+c.burst+`}`)
	}
}

func TestHttpApiStage_RouteThrottle_StandsBesideTheStages(t *testing.T) {
	settings := at(only(t, stageTemplate(func(p *constructs.HttpApiStageProps) {
		p.Routes = map[string]constructs.RouteThrottle{"POST /orders": {RateLimit: 10, BurstLimit: 20}, "$default": {RateLimit: 1, BurstLimit: 2}}
	}), "AWS::ApiGatewayV2::Stage"), "Properties", "RouteSettings")
	equal(t, "route settings", settings, `{
		"POST /orders": {"DetailedMetricsEnabled": false, "ThrottlingRateLimit": 10, "ThrottlingBurstLimit": 20},
		"$default": {"DetailedMetricsEnabled": false, "ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2}}`)
}

func TestHttpApiStage_AccessLog_HasNoPersonalData(t *testing.T) {
	template := stageTemplate(func(*constructs.HttpApiStageProps) {})
	settings := at(only(t, template, "AWS::ApiGatewayV2::Stage"), "Properties", "AccessLogSettings")
	if id, _ := at(settings, "DestinationArn", "Fn::GetAtt", 0).(string); !strings.HasPrefix(id, "Requests") {
		t.Errorf("the stage logs to %v", at(settings, "DestinationArn"))
	}
	format := at(settings, "Format").(string)
	var fields map[string]string
	if err := json.Unmarshal([]byte(format), &fields); err != nil {
		t.Fatalf("the format is no JSON: %v", err)
	}
	for _, known := range []string{"$context.requestId", "$context.routeKey", "$context.status", "$context.responseLatency"} {
		if !strings.Contains(format, known) {
			t.Errorf("%s is not logged", known)
		}
	}
	// $context.error.messageString has quotes of its own, which end the JSON string.
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
	if fields["error"] != "$context.error.message" {
		t.Errorf("the error is logged as %s", fields["error"])
	}
	for _, personal := range []string{"identity", "$context.path", "domainName", "claims", "rawQuery"} {
		if strings.Contains(format, personal) {
			t.Errorf("%s is logged: %s", personal, format)
		}
	}
}

func TestHttpApiStage_InvalidProps_AreRefused(t *testing.T) {
	stack := newStack()
	api, log := bareAPI(stack), stageLog(stack)
	cases := map[string]struct {
		spoil func(p *constructs.HttpApiStageProps)
		prop  string
	}{
		"no API":         {func(p *constructs.HttpApiStageProps) { p.Api = nil }, "Api"},
		"no log":         {func(p *constructs.HttpApiStageProps) { p.AccessLog = nil }, "AccessLog"},
		"rate negative":  {func(p *constructs.HttpApiStageProps) { p.RateLimit = -1 }, "RateLimit"},
		"burst negative": {func(p *constructs.HttpApiStageProps) { p.BurstLimit = -1 }, "BurstLimit"},
		"no route key": {func(p *constructs.HttpApiStageProps) {
			p.Routes = map[string]constructs.RouteThrottle{"orders": {RateLimit: 1, BurstLimit: 1}}
		}, `Routes["orders"]`},
		"route without a rate": {func(p *constructs.HttpApiStageProps) {
			p.Routes = map[string]constructs.RouteThrottle{"GET /": {BurstLimit: 1}}
		}, `Routes["GET /"].RateLimit`},
		"route above the stage": {func(p *constructs.HttpApiStageProps) {
			p.Routes = map[string]constructs.RouteThrottle{"GET /": {RateLimit: 1, BurstLimit: 201}}
		}, `Routes["GET /"].BurstLimit`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := constructs.HttpApiStageProps{Api: api, AccessLog: log}
			c.spoil(&props)
			refused(t, func() { constructs.NewHttpApiStage(stack, name, &props) }, c.prop)
		})
	}
	refused(t, func() { constructs.NewHttpApiStage(stack, "none", nil) }, "Api", "AccessLog")
}
