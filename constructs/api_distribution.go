package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/origincheck"
)

// newAPIDistribution makes a distribution that forwards every request and caches no
// response. It does not redirect http to https, so a client that sent a token over
// http gets an error and notices.
func newAPIDistribution(scope constructs.Construct, p WafProtectedApiProps, webACLARN *string) awscloudfront.Distribution {
	props := &awscloudfront.DistributionProps{
		Comment:     jsii.String(p.Name),
		WebAclId:    webACLARN,
		HttpVersion: awscloudfront.HttpVersion_HTTP2_AND_3,
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin:                p.origin(),
			AllowedMethods:        awscloudfront.AllowedMethods_ALLOW_ALL(),
			CachePolicy:           awscloudfront.CachePolicy_CACHING_DISABLED(),
			OriginRequestPolicy:   p.originRequestPolicy(scope),
			ResponseHeadersPolicy: newAPIResponseHeaders(scope, p.Name),
			ViewerProtocolPolicy:  awscloudfront.ViewerProtocolPolicy_HTTPS_ONLY,
			FunctionAssociations:  p.Cors.functionAssociations(scope, p.Name, p.hostHeader()),
			Compress:              jsii.Bool(false),
		},
	}
	if p.Domain.Certificate != nil {
		props.DomainNames = jsii.Strings(p.Domain.names()...)
		props.Certificate = p.Domain.Certificate
		props.MinimumProtocolVersion = awscloudfront.SecurityPolicyProtocol_TLS_V1_2_2021
	}
	return awscloudfront.NewDistribution(scope, jsii.String("Distribution"), props)
}

// origin returns the API as origin, with the secret in a header. CloudFront
// replaces a header of the same name that the client sends.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html
func (p *WafProtectedApiProps) origin() awscloudfront.IOrigin {
	host := p.secretReference(origincheck.HostKey)
	if !p.Api.isZero() {
		host = jsii.String(p.Api.host())
	}
	return awscloudfrontorigins.NewHttpOrigin(host, &awscloudfrontorigins.HttpOriginProps{
		OriginPath:         p.Api.originPath(),
		ProtocolPolicy:     awscloudfront.OriginProtocolPolicy_HTTPS_ONLY,
		OriginSslProtocols: &[]awscloudfront.OriginSslPolicy{awscloudfront.OriginSslPolicy_TLS_V1_2},
		CustomHeaders:      &map[string]*string{origincheck.Header: p.secretReference(origincheck.SecretKey)},
		// An HTTP API takes at most 30 s. A longer timeout here returns the API's
		// own response for a slow function.
		// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
		ReadTimeout: awscdk.Duration_Seconds(jsii.Number(35)),
	})
}

// originRequestPolicy returns the policy that forwards every header but Host or, with
// ViewerCountry, every header and the client's country. CloudFront has no policy that
// leaves out Host and adds a header of its own. A cache policy could add it too, but
// CloudFront answers simultaneous requests of a cached path with one response.
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginRequestPolicyHeadersConfig.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html#request-custom-traffic-spikes
func (p *WafProtectedApiProps) originRequestPolicy(scope constructs.Construct) awscloudfront.IOriginRequestPolicy {
	if !p.ViewerCountry {
		return awscloudfront.OriginRequestPolicy_ALL_VIEWER_EXCEPT_HOST_HEADER()
	}
	return awscloudfront.NewOriginRequestPolicy(scope, jsii.String("OriginRequests"), &awscloudfront.OriginRequestPolicyProps{
		OriginRequestPolicyName: jsii.String(p.Name + "-requests"),
		Comment:                 jsii.String("Everything of the client, and its country"),
		HeaderBehavior:          awscloudfront.OriginRequestHeaderBehavior_All(jsii.String("CloudFront-Viewer-Country")),
		CookieBehavior:          awscloudfront.OriginRequestCookieBehavior_All(),
		QueryStringBehavior:     awscloudfront.OriginRequestQueryStringBehavior_All(),
	})
}

// hostHeader returns the Host header that the edge's function sets, or nothing where the
// origin request policy leaves the client's out.
func (p *WafProtectedApiProps) hostHeader() string {
	if !p.ViewerCountry {
		return ""
	}
	return p.Api.host()
}

// secretReference returns a reference by which CloudFormation reads a key of the
// secret's replica. CloudFormation reads the value when it makes the distribution,
// and again only if the reference changes. OriginSecretVersion changes the
// reference.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
func (p *WafProtectedApiProps) secretReference(key string) *string {
	return awscdk.SecretValue_SecretsManager(jsii.String(p.OriginSecretName), &awscdk.SecretsManagerSecretOptions{
		JsonField: jsii.String(key),
		VersionId: stringOrNil(p.OriginSecretVersion),
	}).UnsafeUnwrap()
}

// securityHeaders are the headers of newAPIResponseHeaders, for responses of AWS WAF.
// CloudFront documents a response headers policy for responses that it serves from its
// cache or from the origin, and not for those of AWS WAF.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/modifying-response-headers.html
var securityHeaders = []struct{ name, value string }{
	{"Strict-Transport-Security", "max-age=63072000; includeSubDomains"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "no-referrer"},
	{"Content-Security-Policy", contentSecurityPolicy},
	{"Cache-Control", "no-store"},
}

const contentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'"

// newAPIResponseHeaders makes the security headers of API responses. Browsers may
// not render or frame a response, and may store one only if the API allows it.
func newAPIResponseHeaders(scope constructs.Construct, name string) awscloudfront.ResponseHeadersPolicy {
	return awscloudfront.NewResponseHeadersPolicy(scope, jsii.String("ResponseHeaders"), &awscloudfront.ResponseHeadersPolicyProps{
		ResponseHeadersPolicyName: jsii.String(name + "-headers"),
		Comment:                   jsii.String("Security headers of an API"),
		SecurityHeadersBehavior: &awscloudfront.ResponseSecurityHeadersBehavior{
			StrictTransportSecurity: &awscloudfront.ResponseHeadersStrictTransportSecurity{
				AccessControlMaxAge: awscdk.Duration_Days(jsii.Number(730)),
				IncludeSubdomains:   jsii.Bool(true),
				Override:            jsii.Bool(true),
			},
			ContentTypeOptions: &awscloudfront.ResponseHeadersContentTypeOptions{Override: jsii.Bool(true)},
			FrameOptions: &awscloudfront.ResponseHeadersFrameOptions{
				FrameOption: awscloudfront.HeadersFrameOption_DENY, Override: jsii.Bool(true),
			},
			ReferrerPolicy: &awscloudfront.ResponseHeadersReferrerPolicy{
				ReferrerPolicy: awscloudfront.HeadersReferrerPolicy_NO_REFERRER, Override: jsii.Bool(true),
			},
			ContentSecurityPolicy: &awscloudfront.ResponseHeadersContentSecurityPolicy{
				ContentSecurityPolicy: jsii.String(contentSecurityPolicy), Override: jsii.Bool(true),
			},
		},
		CustomHeadersBehavior: &awscloudfront.ResponseCustomHeadersBehavior{CustomHeaders: &[]*awscloudfront.ResponseCustomHeader{
			{Header: jsii.String("cache-control"), Value: jsii.String("no-store"), Override: jsii.Bool(false)},
		}},
	})
}
