package constructs

import (
	"encoding/json"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/origincheck"
)

// EdgeRegion is the region of CloudFront's web ACLs and certificates, whatever the
// region of the origin.
// https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works-resources.html
const EdgeRegion = "us-east-1"

// ApiOriginGuardProps are the props of NewApiOriginGuard.
type ApiOriginGuardProps struct {
	// SecretName is the secret's physical name, for example "shop/prod/origin".
	// Give the WafProtectedApi the same name. Required.
	SecretName string
	// ForwarderSecretName is the physical name of a second secret, by which a backend
	// proves that it forwards the requests of its own clients. Give the web ACL's
	// Forwarder the same name. Default: none, no backend forwards requests.
	ForwarderSecretName string
	// Api is the API to guard. Required.
	Api ApiReference
	// EncryptionKey is a customer-managed key usable through Secrets Manager,
	// such as a DataKey with KeyServiceSecretsManager. Required.
	EncryptionKey awskms.IKey
	// ReplicaKeyARN is the ARN of a key in us-east-1 that encrypts the secret's
	// replica there. Default: the AWS managed key aws/secretsmanager.
	ReplicaKeyARN string
	// Disposable deletes the secret with its stack. Default: false, the secret is
	// retained.
	Disposable bool
}

// ApiOriginGuard holds the secret that proves a request came through CloudFront. It
// stands in the API's own region, and a WafProtectedApi uses its secret. The secret
// also holds the API's host name. Secrets Manager copies both to us-east-1, so the
// stack there needs only the secret's name.
//
// Functions take AllowRead and check the header with package origincheck.
type ApiOriginGuard struct {
	constructs.Construct
	// Secret is the secret as an L1 resource. CDK's L2 secret would add statements
	// to the key's policy.
	Secret awssecretsmanager.CfnSecret
	// ForwarderSecret is the forwarding backend's secret, or nil.
	ForwarderSecret awssecretsmanager.CfnSecret

	encryptionKey awskms.IKey
}

// NewApiOriginGuard makes an ApiOriginGuard in the API's own region. It panics
// with a *PropsError on invalid props.
func NewApiOriginGuard(scope constructs.Construct, id string, props *ApiOriginGuardProps) *ApiOriginGuard {
	p := valueOrZero(props)
	p.validate(scope).panicIfAny("ApiOriginGuard", scope, id)

	g := &ApiOriginGuard{encryptionKey: p.EncryptionKey}
	constructs.NewConstruct_Override(g, scope, jsii.String(id))
	g.Secret = p.newSecret(g, "Secret", proof{
		name: p.SecretName, key: origincheck.SecretKey, others: map[string]string{origincheck.HostKey: p.Api.host()},
		description: "What the edge shows to the API, and the API's host. JSON keys: " + origincheck.SecretKey + ", " + origincheck.HostKey,
	})
	if p.ForwarderSecretName != "" {
		g.ForwarderSecret = p.newSecret(g, "ForwarderSecret", proof{
			name: p.ForwarderSecretName, key: origincheck.ForwarderKey, others: map[string]string{},
			description: "What a forwarding backend shows to the edge and the API. JSON key: " + origincheck.ForwarderKey,
		})
	}
	return g
}

// proof is a secret with a generated value.
type proof struct {
	name, description string
	key               string            // of the generated value in the JSON object
	others            map[string]string // further keys
}

// newSecret makes a secret with a replica in us-east-1.
func (p *ApiOriginGuardProps) newSecret(scope constructs.Construct, id string, of proof) awssecretsmanager.CfnSecret {
	secret := awssecretsmanager.NewCfnSecret(scope, jsii.String(id), &awssecretsmanager.CfnSecretProps{
		Name:        jsii.String(of.name),
		Description: jsii.String(of.description),
		KmsKeyId:    p.EncryptionKey.KeyArn(),
		GenerateSecretString: &awssecretsmanager.CfnSecret_GenerateSecretStringProperty{
			SecretStringTemplate: jsii.String(secretTemplate(of.others)),
			GenerateStringKey:    jsii.String(of.key),
			PasswordLength:       jsii.Number(64),
			ExcludePunctuation:   jsii.Bool(true),
		},
		ReplicaRegions: p.replicaRegions(*awscdk.Stack_Of(scope).Region()),
	})
	secret.ApplyRemovalPolicy(removalPolicy(p.Disposable), nil)
	return secret
}

// ARN returns the secret's exact ARN, with the suffix that Secrets Manager adds.
func (g *ApiOriginGuard) ARN() string { return *g.Secret.Ref() }

// ForwarderARN returns the exact ARN of the forwarding backend's secret.
func (g *ApiOriginGuard) ForwarderARN() string { return *g.ForwarderSecret.Ref() }

// AllowRead grants reading the secret, for checking requests against it.
func (g *ApiOriginGuard) AllowRead() Grant {
	return secretGrant(g, "Read", g.ARN(), g.encryptionKey, readSecretActions, Decrypt)
}

// AllowReadForwarder grants reading the forwarding backend's secret.
func (g *ApiOriginGuard) AllowReadForwarder() Grant {
	return secretGrant(g, "ReadForwarder", g.ForwarderARN(), g.encryptionKey, readSecretActions, Decrypt)
}

func (p *ApiOriginGuardProps) validate(scope constructs.Construct) problems {
	var bad problems
	bad.require(!isToken(*awscdk.Stack_Of(scope).Region()), "scope",
		"is in a stack without a region; give the stack an Env with the API's region")
	bad.require(secretNamePathPattern.MatchString(p.SecretName), "SecretName",
		"is %q; use 1 to 512 letters, digits, and / _ + = . @ -", p.SecretName)
	bad.require(p.ForwarderSecretName == "" || secretNamePathPattern.MatchString(p.ForwarderSecretName), "ForwarderSecretName",
		"is %q; use 1 to 512 letters, digits, and / _ + = . @ -", p.ForwarderSecretName)
	bad.require(p.ForwarderSecretName == "" || p.ForwarderSecretName != p.SecretName, "ForwarderSecretName",
		"is the SecretName too; the forwarding backend would know the edge's secret")
	bad.require(!p.Api.isZero(), "Api", "is missing; name the API behind the edge")
	if !p.Api.isZero() {
		p.Api.check(scope, "Api", &bad)
	}
	bad.require(p.EncryptionKey != nil, "EncryptionKey", "is missing; give a customer-managed key")
	if p.ReplicaKeyARN != "" {
		bad.require(isToken(p.ReplicaKeyARN) || strings.Contains(p.ReplicaKeyARN, ":kms:"+EdgeRegion+":"), "ReplicaKeyARN",
			"is %q; give the ARN of a key in %s", p.ReplicaKeyARN, EdgeRegion)
	}
	return bad
}

// replicaRegions returns a replica in us-east-1, or nil if the secret is in that
// region.
func (p *ApiOriginGuardProps) replicaRegions(home string) any {
	if home == EdgeRegion {
		return nil
	}
	return []any{&awssecretsmanager.CfnSecret_ReplicaRegionProperty{
		Region: jsii.String(EdgeRegion), KmsKeyId: stringOrNil(p.ReplicaKeyARN),
	}}
}

// secretTemplate returns the JSON object that the generated value is added to.
func secretTemplate(keys map[string]string) string {
	template, err := json.Marshal(keys)
	if err != nil {
		panic(err) // a map of strings always encodes
	}
	return string(template)
}
