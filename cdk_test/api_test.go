package cdk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
)

func TestRoutes_MatchDeclarations(t *testing.T) {
	declared := map[string]function.Access{}
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, route := range f.Routes {
				declared[route.Key] = route.Access
			}
		}
	}
	eachStage(t, func(t *testing.T, s stage) {
		built := s.ofType("AWS::ApiGatewayV2::Route")
		if len(built) != len(declared) {
			t.Errorf("%d routes are built, %d declared", len(built), len(declared))
		}
		for id, r := range built {
			key, _ := r.Properties["RouteKey"].(string)
			authorization, authorizer := r.Properties["AuthorizationType"], r.Properties["AuthorizerId"]
			switch declared[key] {
			case function.AccessSignedIn:
				if authorization != "JWT" || authorizer == nil {
					t.Errorf("%s (%s) is signed-in and has %v, %v", key, id, authorization, authorizer)
				}
			case function.AccessPublic:
				if authorization != "NONE" || authorizer != nil {
					t.Errorf("%s (%s) is public and has %v, %v", key, id, authorization, authorizer)
				}
			default:
				t.Errorf("%s (%s) is not declared", key, id)
			}
		}
	})
}

// AWS invokes the route $default as API/STAGE/$default and another route as
// API/STAGE/METHOD/PATH. A pattern of one form does not match the other.
func TestRoutes_FunctionPolicy_AllowsAPI(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, template := range s.templates {
			for id, route := range template.Resources {
				if route.Type != "AWS::ApiGatewayV2::Route" {
					continue
				}
				want := `/*/*/*"`
				if route.Properties["RouteKey"] == function.FallbackKey {
					want = `/*/$default"`
				}
				if sources := permittedSources(template, route); !slices.ContainsFunc(sources, func(source string) bool {
					return strings.Contains(source, ":execute-api:") && strings.Contains(source, want)
				}) {
					t.Errorf("%s (%v): no permission covers %s; there are %q", id, route.Properties["RouteKey"], want, sources)
				}
			}
		}
	})
}

// permittedSources returns the source ARNs for which the policy of the route's function
// lets API Gateway invoke it.
func permittedSources(template template, route resource) []string {
	target := text(route.Properties["Target"])
	var function string
	for id, r := range template.Resources {
		if r.Type == "AWS::ApiGatewayV2::Integration" && strings.Contains(target, `"`+id+`"`) {
			function = text(r.Properties["IntegrationUri"])
		}
	}
	var sources []string
	for _, r := range template.Resources {
		if r.Type == "AWS::Lambda::Permission" && text(r.Properties["FunctionName"]) == function && r.Properties["Principal"] == "apigateway.amazonaws.com" {
			sources = append(sources, text(r.Properties["SourceArn"]))
		}
	}
	return sources
}

func TestAPIStage_PublicRoutes_HaveThrottles(t *testing.T) {
	want := map[string]int{} // percent of the stage's throttle, by public route
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, route := range f.Routes {
				if route.Access == function.AccessPublic {
					want[route.Key] = 20
				}
			}
		}
	}
	want["POST /auth/refresh"] = 100 // the app signs its user out at a refused renewal
	want["GET /health"], want[function.FallbackKey] = 2, 2
	eachStage(t, func(t *testing.T, s stage) {
		api := s.config.API
		for _, r := range s.some(t, "AWS::ApiGatewayV2::Stage") {
			settings, _ := r.Properties["RouteSettings"].(map[string]any)
			if all := text(r.Properties["DefaultRouteSettings"]); !strings.Contains(all, fmt.Sprintf(`"DetailedMetricsEnabled":%t`, api.RouteMetrics)) {
				t.Errorf("the stage has %s", all)
			}
			if len(settings) != len(want) {
				t.Errorf("%d routes have a throttle, not %d", len(settings), len(want))
			}
			for key, percent := range want {
				setting, _ := settings[key].(map[string]any)
				rate, burst := max(1, api.RateLimit*percent/100), max(1, api.BurstLimit*percent/100)
				if setting["ThrottlingRateLimit"] != float64(rate) || setting["ThrottlingBurstLimit"] != float64(burst) || setting["DetailedMetricsEnabled"] != api.RouteMetrics {
					t.Errorf("%s has %s, not %d and %d", key, text(setting), rate, burst)
				}
			}
		}
	})
}

// API Gateway refuses the throttle of a route that does not exist.
func TestAPIStage_IsDeployedAfterRoutes(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for stageName, staged := range s.templates {
			if !has(staged, "AWS::ApiGatewayV2::Stage") {
				continue
			}
			for name, template := range s.templates {
				if has(template, "AWS::ApiGatewayV2::Route") && !slices.Contains(s.after[stageName], name) {
					t.Errorf("%s is not deployed after %s", stageName, name)
				}
			}
		}
	})
}

func has(t template, kind string) bool {
	for _, r := range t.Resources {
		if r.Type == kind {
			return true
		}
	}
	return false
}

func TestCORS_AllowsExactOriginsWithCredentials(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, r := range s.some(t, "AWS::ApiGatewayV2::Api") {
			cors, _ := r.Properties["CorsConfiguration"].(map[string]any)
			if cors["AllowCredentials"] != true || cors["MaxAge"] != 300.0 {
				t.Errorf("CORS is %s", text(cors))
			}
			origins := text(cors["AllowOrigins"])
			for _, want := range []string{"https://expenzez.com", "https://www.expenzez.com", "https://app.expenzez.com"} {
				if !strings.Contains(origins, `"`+want+`"`) {
					t.Errorf("%s is not allowed by %s", want, origins)
				}
			}
			if strings.Contains(text(cors), "*") {
				t.Errorf("CORS has a wildcard: %s", text(cors))
			}
		}
	})
}

func TestAPI_BehindEdge_HasOwnHostNameOnly(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for id, r := range s.some(t, "AWS::ApiGatewayV2::Api") {
			if r.Properties["DisableExecuteApiEndpoint"] != true {
				t.Errorf("%s: its execute-api endpoint is open: %v", id, r.Properties["DisableExecuteApiEndpoint"])
			}
		}
		name := "origin-" + s.config.API.Domain
		domain := s.named(t, "AWS::ApiGatewayV2::DomainName", "DomainName", name)
		if !strings.Contains(text(domain.Properties), `"SecurityPolicy":"TLS_1_2"`) {
			t.Errorf("%s is %s", name, text(domain.Properties))
		}
		s.named(t, "AWS::CertificateManager::Certificate", "DomainName", name)
		if len(s.some(t, "AWS::ApiGatewayV2::ApiMapping")) != 1 {
			t.Error("the API has more than one mapping")
		}
		if s.config.API.Edge.Zone.ID != "" {
			s.named(t, "AWS::Route53::RecordSet", "Name", name+".")
		} else if !strings.Contains(text(s.templates[s.config.PhysicalName("api-stage")].Outputs), name) {
			t.Errorf("no output asks for the record of %s", name)
		}
		secret := s.named(t, "AWS::SecretsManager::Secret", "Name", "expenzez/"+s.config.Stage+"/origin")
		if content := text(secret.Properties); !strings.Contains(content, `{\"ORIGIN_HOST\":\"`+name+`\"}`) || !strings.Contains(content, `"Region":"us-east-1"`) {
			t.Errorf("the origin secret is %s", content)
		}
	})
}

func TestAccessLog_HasNoPersonalData(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for id, r := range s.some(t, "AWS::ApiGatewayV2::Stage") {
			settings, _ := r.Properties["AccessLogSettings"].(map[string]any)
			if settings["DestinationArn"] == nil {
				t.Fatalf("%s logs nowhere", id)
			}
			format, _ := settings["Format"].(string)
			for _, personal := range []string{"sourceIp", "$context.path", "userAgent", "claims", "principalId"} {
				if strings.Contains(format, personal) {
					t.Errorf("the access log holds %s", personal)
				}
			}
			if throttle := text(r.Properties["DefaultRouteSettings"]); !strings.Contains(throttle, "ThrottlingRateLimit") {
				t.Errorf("%s is not throttled: %s", id, throttle)
			}
		}
	})
}
