package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/origincheck"
)

// Forwarder is a backend that forwards the requests of its own clients. It proves itself
// with a secret in the header origincheck.ForwarderHeader, and names the address of its
// client in origincheck.ForwardedIPHeader. Requests with both count for the named
// address, in the limits of the Forwarder only, and GeoRestriction decides by that
// address. Any other request counts for the address of its connection, so a client
// without the secret gains nothing by the headers. If the named address is none, the
// request has the secret but counts nowhere, and comes from no country.
//
// AWS WAF gives managed groups and lists of addresses the connection's address.
type Forwarder struct {
	// SecretName is the name of the secret in the region of the web ACL. It has the
	// value under origincheck.ForwarderKey (ApiOriginGuardProps.ForwarderSecretName).
	// Default: no forwarder.
	SecretName string
	// SecretVersion is the id of the secret's version that AWS WAF compares with.
	// Change it to rotate. Default: the version that is current when the web ACL is
	// made.
	SecretVersion string
	// PerAddress limits how many requests one forwarded address may send. Default:
	// 2000 in 5 minutes.
	PerAddress RateLimit
	// PerPath limits how many requests one forwarded address may send to some paths.
	// Default: none.
	PerPath []PathRate
}

// forwardedAddress says where the forwarded address is. A text that is no address matches
// nothing.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-forwarded-ip-address.html
var forwardedAddress = map[string]any{"headerName": origincheck.ForwardedIPHeader, "fallbackBehavior": "NO_MATCH"}

func (f Forwarder) isGiven() bool { return f.SecretName != "" }

func (f Forwarder) withDefaults() Forwarder {
	f.PerAddress = f.PerAddress.withDefaults()
	f.PerPath = withWindows(f.PerPath)
	return f
}

// vouches matches requests with the forwarder's secret that name an address. AWS WAF
// knows the secret's value only where CloudFormation resolves the reference.
func (f Forwarder) vouches() wafStatement {
	plain := []any{map[string]any{"priority": 0, "type": "NONE"}}
	header := func(name string) map[string]any {
		return map[string]any{"singleHeader": map[string]any{"Name": name}}
	}
	secret := awscdk.SecretValue_SecretsManager(jsii.String(f.SecretName), &awscdk.SecretsManagerSecretOptions{
		JsonField: jsii.String(origincheck.ForwarderKey), VersionId: stringOrNil(f.SecretVersion),
	}).UnsafeUnwrap()
	return allOf(
		wafStatement{
			content: map[string]any{"byteMatchStatement": map[string]any{
				"fieldToMatch": header(origincheck.ForwarderHeader), "positionalConstraint": "EXACTLY",
				"searchString": *secret, "textTransformations": plain,
			}},
			wcu: wcuOfPrefix,
		},
		wafStatement{
			content: map[string]any{"sizeConstraintStatement": map[string]any{
				"fieldToMatch": header(origincheck.ForwardedIPHeader), "comparisonOperator": "GT", "size": 0,
				"textTransformations": plain,
			}},
			wcu: wcuOfSize,
		},
	)
}

// fromCountries matches requests of clients in the countries.
func (r WebACLRules) fromCountries(codes []string) wafStatement {
	if !r.Forwarder.isGiven() {
		return fromCountries(codes, false)
	}
	return anyOf(
		allOf(r.Forwarder.vouches(), fromCountries(codes, true)),
		allOf(notStatement(r.Forwarder.vouches()), fromCountries(codes, false)),
	)
}

func (f Forwarder) check(prop string, p *problems) {
	if !f.isGiven() {
		return
	}
	p.require(secretNamePathPattern.MatchString(f.SecretName), prop+".SecretName",
		"is %q; give the ForwarderSecretName of the API's ApiOriginGuard", f.SecretName)
	p.require(f.SecretVersion == "" || secretVersionPattern.MatchString(f.SecretVersion), prop+".SecretVersion",
		"is %q; give the id of a version, 32 to 64 letters, digits and -", f.SecretVersion)
	p.requireRates(prop, f.PerAddress, f.PerPath)
}
