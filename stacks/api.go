package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/regioninfo"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/policy"
)

// api is the HTTP API and the authorizer of its signed-in routes.
type api struct {
	awsapigatewayv2.HttpApi
	authorizer awsapigatewayv2.IHttpRouteAuthorizer
}

func newAPI(stack awscdk.Stack, cfg config.Config, core *core) *api {
	http := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{
		ApiName:            jsii.String(cfg.PhysicalName("api")),
		Description:        jsii.String("The API of the Expenzez app"),
		CreateDefaultStage: jsii.Bool(false),
		// Clients call the edge, and the edge calls OriginDomain.
		DisableExecuteApiEndpoint: jsii.Bool(true),
		CorsPreflight:             cors(cfg.API),
	})
	awscdk.NewCfnOutput(stack, jsii.String("ApiId"), &awscdk.CfnOutputProps{
		Description: jsii.String("Id of the HTTP API"),
		Value:       http.ApiId(),
	})
	return &api{HttpApi: http, authorizer: newAuthorizer(stack, cfg, http, core.pool)}
}

// cors returns the CORS settings of the API. An HTTP API answers preflights itself, so
// there are no OPTIONS routes. AWS documents CORS for http and https origins only, and
// a refused origin would fail the deployment. So cors leaves the origins of web views
// (capacitor://, ionic://) to the edge (docs/decisions/0010).
func cors(c config.API) *awsapigatewayv2.CorsPreflightOptions {
	var origins []string
	for _, origin := range c.AllowedOrigins {
		if isHTTPOrigin(origin) {
			origins = append(origins, origin)
		}
	}
	return &awsapigatewayv2.CorsPreflightOptions{
		AllowOrigins:     jsii.Strings(origins...),
		AllowHeaders:     jsii.Strings(corsHeaders...),
		AllowCredentials: jsii.Bool(true),
		MaxAge:           awscdk.Duration_Seconds(jsii.Number(c.CORSMaxAge.Seconds())),
		AllowMethods:     allowedMethods(),
	}
}

// What pages of allowed origins may send.
var (
	corsMethods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	corsHeaders = []string{"authorization", "content-type"}
)

func allowedMethods() *[]awsapigatewayv2.CorsHttpMethod {
	methods := make([]awsapigatewayv2.CorsHttpMethod, len(corsMethods))
	for i, method := range corsMethods {
		methods[i] = awsapigatewayv2.CorsHttpMethod(method)
	}
	return &methods
}

// newAuthorizer makes the JWT authorizer. It checks a bearer token's signature, issuer,
// audience and expiry before a function runs.
func newAuthorizer(stack awscdk.Stack, cfg config.Config, http awsapigatewayv2.HttpApi, pool userPool) awsapigatewayv2.IHttpRouteAuthorizer {
	authorizer := awsapigatewayv2.NewHttpAuthorizer(stack, jsii.String("Authorizer"), &awsapigatewayv2.HttpAuthorizerProps{
		HttpApi:        http,
		AuthorizerName: jsii.String("access-token"),
		Type:           awsapigatewayv2.HttpAuthorizerType_JWT,
		IdentitySource: jsii.Strings("$request.header.Authorization"),
		JwtAudience:    &[]*string{pool.client.UserPoolClientId()},
		JwtIssuer:      jsii.String(fmt.Sprintf("https://cognito-idp.%s.%s/%s", cfg.Region, domainOf(cfg.Region), *pool.UserPoolId())),
	})
	return awsapigatewayv2.HttpAuthorizer_FromHttpAuthorizerAttributes(stack, jsii.String("RouteAuthorizer"), &awsapigatewayv2.HttpAuthorizerAttributes{
		AuthorizerId:   authorizer.AuthorizerId(),
		AuthorizerType: jsii.String("JWT"),
	})
}

// domainOf returns the domain of a region's endpoints, from CDK's region data.
func domainOf(region string) string {
	return *regioninfo.RegionInfo_Get(jsii.String(region)).DomainSuffix()
}

// newAPIStage makes the API's stage. It is deployed after all routes, because its
// settings name them.
func newAPIStage(stack awscdk.Stack, cfg config.Config, http awsapigatewayv2.HttpApi, domains ...function.Domain) {
	log := constructs.NewRetainedLogGroup(stack, "AccessLog", &constructs.RetainedLogGroupProps{
		Name:          "/aws/http-api/" + cfg.PhysicalName("api"),
		RetentionDays: cfg.Logs.RetentionDays,
		Disposable:    cfg.Data.Disposable,
	})
	policy.Accept(log, "NIST.800.53.R5-CloudWatchLogGroupEncrypted",
		"CloudWatch Logs encrypts the log with a key of its own, and it holds no personal data.")
	built := constructs.NewHttpApiStage(stack, "Stage", &constructs.HttpApiStageProps{
		Api:        http,
		AccessLog:  log,
		RateLimit:  cfg.API.RateLimit,
		BurstLimit: cfg.API.BurstLimit,

		RouteMetrics: cfg.API.RouteMetrics,
		Routes:       routeThrottles(cfg.API, domains),
	})
	newOriginDomain(stack, cfg, http, built)
}

// routeThrottles returns a throttle for each public route, so that requests of
// signed-out clients take no capacity from signed-in users.
func routeThrottles(c config.API, domains []function.Domain) map[string]constructs.RouteThrottle {
	throttles := map[string]constructs.RouteThrottle{}
	for _, domain := range domains {
		for _, f := range domain.Functions {
			for _, route := range f.Routes {
				if route.Access == function.AccessPublic {
					throttles[route.Key] = constructs.RouteThrottle{
						RateLimit:  max(1, c.RateLimit*route.StageShare/100),
						BurstLimit: max(1, c.BurstLimit*route.StageShare/100),
					}
				}
			}
		}
	}
	return throttles
}
