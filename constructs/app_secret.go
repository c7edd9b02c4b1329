package constructs

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// SecretKey is a key of the JSON object a secret holds, for example
// "OPENAI_API_KEY".
type SecretKey string

// AppSecretProps are the props of NewAppSecret.
type AppSecretProps struct {
	// Name is the secret's physical name, for example "shop/prod/openai".
	// Required.
	Name string
	// Keys are the keys of the JSON object the secret holds. Required.
	Keys []SecretKey
	// Description says what the secret is for. The names of the keys are added for
	// the operator who stores the value. Default: only the keys.
	Description string
	// EncryptionKey is a customer-managed key usable through Secrets Manager,
	// such as a DataKey with KeyServiceSecretsManager. Required.
	EncryptionKey awskms.IKey
	// GenerateLength makes Secrets Manager generate a value of this many letters
	// and digits, 32 to 4096, for the secret's only key. Default: 0, the secret has
	// no value until an operator stores one.
	GenerateLength int
	// Values gives every key a value from another resource of the app, such as the
	// client secret of a user pool. Each value must be a reference, because literal
	// text would be readable in the template. Default: none.
	Values map[SecretKey]string
	// Readers are the names of the account's roles that may read the value, with
	// their path if they have one. A resource policy denies the value to all other
	// principals except the account's root user, whatever their own policies allow.
	// A reader also needs its own permission (AllowRead). Name a function's role by
	// its RoleName. Include administrators' roles if administrators need to read
	// the value. Default: empty, every role of the account with the permission can
	// read.
	Readers []string
	// Replicas are the other regions that hold a copy. Default: none.
	Replicas []SecretReplica
	// Disposable deletes the secret with its stack. Default: false, the secret is
	// retained.
	Disposable bool
}

// AppSecret is a secret in Secrets Manager: a JSON object under a customer-managed
// key. The template never contains its value. Secrets Manager generates the value,
// another resource provides it, or an operator stores it after the deployment.
// Until then, reading the secret fails.
type AppSecret struct {
	constructs.Construct
	// Resource is the secret as an L1 resource. CDK's L2 secret would generate a
	// value if none is given, and would add statements to the key's policy.
	Resource awssecretsmanager.CfnSecret
	// Keys are the keys of the JSON object.
	Keys []SecretKey

	encryptionKey awskms.IKey
	readers       []string
	hasRotation   bool
}

// NewAppSecret makes an AppSecret. It panics with a *PropsError on invalid
// props.
func NewAppSecret(scope constructs.Construct, id string, props *AppSecretProps) *AppSecret {
	p := valueOrZero(props)
	bad := p.validate()
	p.validateReplicas(*awscdk.Stack_Of(scope).Region(), &bad)
	bad.panicIfAny("AppSecret", scope, id)

	s := &AppSecret{Keys: p.Keys, encryptionKey: p.EncryptionKey, readers: p.Readers}
	constructs.NewConstruct_Override(s, scope, jsii.String(id))
	s.Resource = awssecretsmanager.NewCfnSecret(s, jsii.String("Secret"), &awssecretsmanager.CfnSecretProps{
		Name:                 jsii.String(p.Name),
		Description:          jsii.String(p.descriptionWithKeys()),
		KmsKeyId:             p.EncryptionKey.KeyArn(),
		GenerateSecretString: p.generateSecretString(),
		SecretString:         p.secretString(s),
		ReplicaRegions:       p.replicaRegions(),
	})
	s.Resource.ApplyRemovalPolicy(removalPolicy(p.Disposable), nil)
	if len(p.Readers) > 0 {
		s.denyOtherReaders(p.Disposable)
	}
	return s
}

// ARN returns the secret's exact ARN, with the suffix that Secrets Manager adds.
func (s *AppSecret) ARN() string { return *s.Resource.Ref() }

// AllowRead grants reading this secret's value, and decrypting it with the secret's
// key through Secrets Manager.
func (s *AppSecret) AllowRead() Grant {
	return secretGrant(s, "Read", s.ARN(), s.encryptionKey, readSecretActions, Decrypt)
}

// AllowSecret grants reading the value of a secret that was made by any stack or
// tool. It panics with a *PropsError if the full ARN is not known, because a
// partial ARN would need a wildcard.
func AllowSecret(secret awssecretsmanager.ISecret) Grant {
	requireNotNil("AllowSecret", "secret", secret)
	var bad problems
	bad.require(secret.SecretFullArn() != nil, "secret", "has no full ARN; import it with Secret_FromSecretCompleteArn or FromSecretAttributes")
	bad.panicIfAny("AllowSecret", secret, "")
	return secretGrant(secret, "Read", *secret.SecretFullArn(), secret.EncryptionKey(), readSecretActions, Decrypt)
}

var readSecretActions = []string{"secretsmanager:GetSecretValue"}

// secretGrant grants actions on a secret, and operations on its key for this secret
// only.
func secretGrant(secret constructs.IConstruct, purpose, arn string, key awskms.IKey, actions []string, operations ...KeyOperation) Grant {
	grant := Grant{{Sid: sidOf(secret, purpose), Actions: actions, Resources: []string{arn}}}
	if key == nil {
		return grant // the policy of aws/secretsmanager allows the account's roles
	}
	via := viaService(awscdk.Stack_Of(secret), "secretsmanager")
	return append(grant, Statement{
		Sid: sidOf(secret, purpose, "Key"), Actions: keyActions(operations), Resources: []string{*key.KeyArn()},
		Conditions: map[string]map[string][]string{"StringEquals": {
			"kms:ViaService":                  via,
			"kms:EncryptionContext:SecretARN": {arn},
		}},
	})
}

var (
	// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
	secretNamePathPattern = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)
	secretKeyPattern      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
)

func (p *AppSecretProps) validate() problems {
	var bad problems
	bad.require(secretNamePathPattern.MatchString(p.Name), "Name", "is %q; use 1 to 512 letters, digits, and / _ + = . @ -", p.Name)
	bad.require(len(p.Keys) > 0, "Keys", "are missing; name the keys of the JSON object")
	seen := map[SecretKey]bool{}
	for i, key := range p.Keys {
		at := fmt.Sprintf("Keys[%d]", i)
		bad.require(secretKeyPattern.MatchString(string(key)), at, "is %q; start with a letter, go on with letters, digits and _", key)
		bad.require(!seen[key], at, "%q is listed twice", key)
		seen[key] = true
	}
	bad.require(p.EncryptionKey != nil, "EncryptionKey", "is missing; give a customer-managed key")
	if p.GenerateLength != 0 {
		bad.require(p.GenerateLength >= 32 && p.GenerateLength <= 4096, "GenerateLength", "is %d; use 32 to 4096", p.GenerateLength)
		bad.require(len(p.Keys) == 1, "GenerateLength", "needs a secret with one key; the others would be left without a value")
	}
	if len(p.Values) > 0 {
		bad.require(p.GenerateLength == 0, "Values", "are given to a secret that Secrets Manager invents")
		bad.require(len(p.Values) == len(p.Keys), "Values", "are %d for %d keys; the others would be left without a value", len(p.Values), len(p.Keys))
	}
	for key, value := range p.Values {
		bad.require(seen[key], "Values", "has one for %q, which is none of the keys", key)
		bad.require(*awscdk.Token_IsUnresolved(value), "Values", "has literal text for %q, which the template would show; give a reference", key)
	}
	for i, reader := range p.Readers {
		bad.require(rolePathPattern.MatchString(reader), fmt.Sprintf("Readers[%d]", i),
			"is %q; give a role's name, with its path where it has one, and no wildcard", reader)
	}
	bad.requireWithin(secretPolicySize, "Readers", p.readersSize(), "name fewer roles")
	bad.require(len(p.descriptionWithKeys()) <= 2048, "Description", "and the keys have %d characters; Secrets Manager allows 2048", len(p.descriptionWithKeys()))
	return bad
}

func (p *AppSecretProps) descriptionWithKeys() string {
	keys := make([]string, len(p.Keys))
	for i, key := range p.Keys {
		keys[i] = string(key)
	}
	return strings.TrimSpace(p.Description + " JSON keys: " + strings.Join(keys, ", "))
}

func (p *AppSecretProps) generateSecretString() any {
	if p.GenerateLength == 0 {
		return nil
	}
	return &awssecretsmanager.CfnSecret_GenerateSecretStringProperty{
		SecretStringTemplate: jsii.String("{}"),
		GenerateStringKey:    jsii.String(string(p.Keys[0])),
		PasswordLength:       jsii.Number(p.GenerateLength),
		ExcludePunctuation:   jsii.Bool(true),
	}
}

// secretString returns the values as a JSON object, or nil if there are none.
func (p *AppSecretProps) secretString(scope constructs.Construct) *string {
	if len(p.Values) == 0 {
		return nil
	}
	return awscdk.Stack_Of(scope).ToJsonString(p.Values, nil)
}
