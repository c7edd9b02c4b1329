package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/origincheck"
)

// newAPIDistribution makes a distribution that passes everything on and keeps
// nothing. http is not redirected: a client that sent a token over it should
// learn that it did.
func newAPIDistribution(scope constructs.Construct, p WafProtectedApiProps, webACLARN *string) awscloudfront.Distribution {
	props := &awscloudfront.DistributionProps{
		Comment:     jsii.String(p.Name),
		WebAclId:    webACLARN,
		HttpVersion: awscloudfront.HttpVersion_HTTP2_AND_3,
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin:                p.origin(),
			AllowedMethods:        awscloudfront.AllowedMethods_ALLOW_ALL(),
			CachePolicy:           awscloudfront.CachePolicy_CACHING_DISABLED(),
			OriginRequestPolicy:   awscloudfront.OriginRequestPolicy_ALL_VIEWER_EXCEPT_HOST_HEADER(),
			ResponseHeadersPolicy: newAPIResponseHeaders(scope, p.Name),
			ViewerProtocolPolicy:  awscloudfront.ViewerProtocolPolicy_HTTPS_ONLY,
			FunctionAssociations:  p.Cors.functionAssociations(scope, p.Name),
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

// origin is the API with the secret's header, which replaces one of the same
// name that a client sends.
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
		// Longer than the 30 s an HTTP API takes at most, whose own answer to a
		// slow function then wins.
		// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
		ReadTimeout: awscdk.Duration_Seconds(jsii.Number(35)),
	})
}

// secretReference lets CloudFormation read a key of the secret's replica when it
// makes or changes the distribution. It reads again only if the reference itself
// is another one, for which there is the version.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
func (p *WafProtectedApiProps) secretReference(key string) *string {
	return awscdk.SecretValue_SecretsManager(jsii.String(p.OriginSecretName), &awscdk.SecretsManagerSecretOptions{
		JsonField: jsii.String(key),
		VersionId: stringOrNil(p.OriginSecretVersion),
	}).UnsafeUnwrap()
}

// newAPIResponseHeaders keeps browsers from doing anything with an answer but
// read it. Nobody may keep one, unless the API itself says so.
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
				ContentSecurityPolicy: jsii.String("default-src 'none'; frame-ancestors 'none'"), Override: jsii.Bool(true),
			},
		},
		CustomHeadersBehavior: &awscloudfront.ResponseCustomHeadersBehavior{CustomHeaders: &[]*awscloudfront.ResponseCustomHeader{
			{Header: jsii.String("cache-control"), Value: jsii.String("no-store"), Override: jsii.Bool(false)},
		}},
	})
}
