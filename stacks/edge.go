package stacks

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

// maxBodyBytes is the most that AWS WAF can inspect, and the limit of routes that
// declare none (function.DefaultBodyLimit).
const maxBodyBytes = 65536

// maxWCU is above what AWS includes: the rules for a forwarder need more. A million
// requests then cost 0.80 USD in place of 0.60 USD (https://aws.amazon.com/waf/pricing/).
const maxWCU = 2000

// newEdgeStack returns the stack of the edge, which is in us-east-1 like all web ACLs
// and certificates of CloudFront. It refers to no other stack. The others are deployed
// first, because the distribution needs the origin secret and the origin's host name.
func newEdgeStack(app awscdk.App, cfg config.Config, before ...awscdk.Stack) awscdk.Stack {
	stack := newStackIn(app, cfg, constructs.EdgeRegion, "edge", "CloudFront and AWS WAF in front of the API")
	for _, stackBefore := range before {
		stack.AddStackDependency(stackBefore, jsii.String("the distribution needs the origin secret and the origin's host name"))
	}
	return stack
}

// newEdge puts CloudFront and AWS WAF in front of the API.
func newEdge(stack awscdk.Stack, cfg config.Config) {
	if cfg.API.Edge.ForwarderEnded(time.Now()) {
		awscdk.Annotations_Of(stack).AddWarningV2(jsii.String("expenzez:forwarder-ended"), jsii.String(fmt.Sprintf(
			"the functions ignore the forwarder since %s: remove API.Edge.ForwarderUntil from config/%s.go and deploy every stack",
			cfg.API.Edge.ForwarderUntil.Format(time.DateOnly), cfg.Stage)))
	}
	zone := hostedZone(stack, cfg)
	edge := constructs.NewWafProtectedApi(stack, "Edge", &constructs.WafProtectedApiProps{
		Name:                cfg.PhysicalName("edge"),
		OriginSecretName:    originSecretName(cfg),
		OriginSecretVersion: cfg.API.Edge.OriginSecretVersion,
		Api:                 constructs.ApiReference{Domain: cfg.API.OriginDomain()},
		ViewerCountry:       true,
		Domain: constructs.EdgeDomain{
			Name:        cfg.API.Domain,
			Certificate: newCertificate(stack, "Certificate", cfg.API.Domain, zone),
			Zone:        zone,
		},
		Cors:             edgeCORS(cfg.API),
		Rules:            EdgeRules(cfg),
		LogRetentionDays: cfg.Logs.RetentionDays,
		Disposable:       cfg.Data.Disposable,
	})
	policy.Accept(edge, "AwsSolutions-CFR1", "The web ACL decides by country and answers 400; CloudFront's restriction would answer 403.")
	policy.Accept(edge, "AwsSolutions-CFR3", "The access log is delivered to CloudWatch Logs; cdk-nag checks the older delivery to S3 only.")
	policy.Accept(edge, "NIST.800.53.R5-CloudWatchLogGroupEncrypted",
		"CloudWatch Logs encrypts the logs with a key of its own. The access log has no personal data; the web ACL's log has addresses of refused requests.")
	newEdgeGovernance(stack, cfg, newEdgeAlarms(stack, cfg, edge))
}

// edgeCORS returns the CORS settings of web-view origins, which the API itself is not
// given (docs/decisions/0010).
func edgeCORS(c config.API) constructs.EdgeCors {
	var webViews []string
	for _, origin := range c.AllowedOrigins {
		if !isHTTPOrigin(origin) {
			webViews = append(webViews, origin)
		}
	}
	return constructs.EdgeCors{
		Origins: webViews, Methods: corsMethods, Headers: corsHeaders, MaxAge: c.CORSMaxAge, AllowCredentials: true,
	}
}

func isHTTPOrigin(origin string) bool {
	return strings.HasPrefix(origin, "https://") || strings.HasPrefix(origin, "http://")
}

// EdgeRules returns the web ACL's rules. A renewal of a session counts in its own rule
// only, because the app signs its user out when one is refused.
func EdgeRules(cfg config.Config) constructs.WebACLRules {
	rates := cfg.API.Edge.Rates
	perAddress := constructs.RateLimit{Requests: rates.All}
	signIn := []constructs.PathRate{
		{PathPrefix: "/auth/", Requests: rates.Auth},
		{PathPrefix: "/auth/refresh", Requests: rates.Refresh, Separate: true},
	}
	return constructs.WebACLRules{
		PerAddress: perAddress,
		PerPath: append(slices.Clone(signIn),
			constructs.PathRate{PathPrefix: "/auth/register", Requests: rates.Registrations},
			constructs.PathRate{PathPrefix: "/auth/confirm-", Requests: rates.Codes},
			constructs.PathRate{PathPrefix: "/transactions/import", AlsoUnder: []string{"/transactions/parse-statement"}, Requests: rates.Imports},
			constructs.PathRate{PathPrefix: "/ai/", Requests: rates.AI},
		),
		// A web ACL takes ten rates (https://docs.aws.amazon.com/waf/latest/developerguide/limits.html),
		// and three are left for forwarded addresses. The functions limit each user and address.
		Forwarder:      constructs.Forwarder{SecretName: forwarderSecretName(cfg), PerAddress: perAddress, PerPath: signIn},
		MaxWCU:         maxWCU,
		GeoRestriction: constructs.GeoRestriction{AllowedCountries: cfg.API.Edge.Countries},
		MaxBodyBytes:   maxBodyBytes,
		// The app sends whole histories to these paths. The functions limit the lengths.
		BodyLimits: []constructs.BodyLimit{
			{PathPrefix: "/ai/", AnyLength: true},
			{PathPrefix: "/transactions/", AnyLength: true},
		},
		ManagedGroups: map[constructs.ManagedRuleGroup]constructs.RuleAction{
			constructs.AnonymousIP: constructs.RuleCount, // users may have a VPN
		},
		ConfirmedManagedRules: edgeConfirmedRules(),
		Responses:             edgeResponses(),
	}
}

// edgeResponses returns the responses to blocked requests, in the envelope that the app
// reads on each path (docs/decisions/0008). Any page may read them: they have no data,
// and AWS WAF cannot name the origin of a request.
func edgeResponses() constructs.BlockResponses {
	return constructs.BlockResponses{
		TooManyRequests: `{"code":"RATE_LIMITED","message":"Too many requests. Please try again later."}`,
		Refused:         `{"error":{"code":"REQUEST_REFUSED","message":"The request was refused."}}`,
		PerPath: []constructs.PathResponses{{
			PathPrefix:      "/auth/",
			TooManyRequests: `{"error":"RATE_LIMITED","message":"Too many requests. Please try again later."}`,
			Refused:         `{"error":"REQUEST_REFUSED","message":"The request was refused."}`,
		}},
		Headers: map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"},
	}
}
