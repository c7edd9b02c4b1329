package constructs

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// KeySpec is the type of a KMS key, which decides its operations.
type KeySpec string

const (
	// SymmetricDefault is an AES-256 key that encrypts data and generates data
	// keys.
	SymmetricDefault KeySpec = "SYMMETRIC_DEFAULT"
	// HMAC256 is a key that generates and verifies SHA-256 HMACs. KMS cannot rotate
	// it, because older HMACs would no longer verify.
	HMAC256 KeySpec = "HMAC_256"
)

// DataKeyProps are the props of NewDataKey.
type DataKeyProps struct {
	// Alias is the key's name without the "alias/" in front. Required.
	Alias string
	// Description says what the key protects. Default: Alias.
	Description string
	// Spec is the type of the key. Default: SymmetricDefault.
	Spec KeySpec
	// Services are the AWS services that use the key for the account. See each
	// KeyService. Default: none.
	Services []KeyService
	// Operations are the operations that roles of the account may call on the key
	// directly. A role also needs its own permission (Allow). Default: none, the
	// key policy denies every direct call.
	Operations []KeyOperation
	// RotationDays is the number of days between rotations of a symmetric key,
	// 90 to 2560. Default: 365.
	// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
	RotationDays int
	// Disposable deletes the key seven days after its stack. All data that the key
	// encrypted is then lost. Default: false, the key is retained.
	Disposable bool
}

// DataKey is a customer-managed KMS key with an alias. Its policy allows AWS
// services to use it for the account, and roles of the account to call named
// operations. Administrators can manage the key but cannot use it.
//
// The key policy trusts the account and names no role. A role's name would make the
// key's stack depend on the function's stack, which depends on the key's stack. The
// key policy sets the maximum, and each role's own policy decides within it.
type DataKey struct {
	constructs.Construct
	// Key is the KMS key, for props of this and other packages.
	Key awskms.Key

	operations []KeyOperation
}

// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
const maxAliasLength = 250

var (
	aliasPattern      = regexp.MustCompile(`^[A-Za-z0-9/_-]{1,250}$`)
	notAllowedInAlias = regexp.MustCompile(`[^A-Za-z0-9/_-]`)

	contextNamePattern = regexp.MustCompile(`^[A-Za-z0-9:_-]{1,64}$`)
)

// NewDataKey makes a DataKey. It panics with a *PropsError on invalid props.
func NewDataKey(scope constructs.Construct, id string, props *DataKeyProps) *DataKey {
	p := props.withDefaults()
	p.validate().panicIfAny("DataKey", scope, id)

	k := &DataKey{operations: p.Operations}
	constructs.NewConstruct_Override(k, scope, jsii.String(id))
	keyProps := &awskms.KeyProps{
		Alias:         jsii.String("alias/" + p.Alias),
		Description:   jsii.String(p.Description),
		KeySpec:       awskms.KeySpec(p.Spec),
		KeyUsage:      awskms.KeyUsage_ENCRYPT_DECRYPT,
		Policy:        k.policy(p),
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
	}
	if p.Spec == HMAC256 {
		keyProps.KeyUsage = awskms.KeyUsage_GENERATE_VERIFY_MAC
	} else {
		keyProps.EnableKeyRotation = jsii.Bool(true)
		keyProps.RotationPeriod = awscdk.Duration_Days(jsii.Number(p.RotationDays))
	}
	if p.Disposable {
		keyProps.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
		keyProps.PendingWindow = awscdk.Duration_Days(jsii.Number(7)) // KMS's minimum
	}
	k.Key = awskms.NewKey(k, jsii.String("Key"), keyProps)
	return k
}

// Allow grants operations on the key. They must be among the key's Operations,
// because the key policy denies all others.
func (k *DataKey) Allow(operations ...KeyOperation) Grant {
	k.requireOperations("DataKey.Allow", operations)
	return keyGrant(sidOf(k), k.Key, operations)
}

// AllowInContext grants operations for calls whose encryption context contains this
// name and value. KMS binds a ciphertext to its context, so the role cannot decrypt
// data of another context. The operations must be among the key's Operations, and
// the key must be symmetric.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
func (k *DataKey) AllowInContext(name, value string, operations ...KeyOperation) Grant {
	k.requireOperations("DataKey.AllowInContext", operations)
	var p problems
	p.require(contextNamePattern.MatchString(name), "name", "is %q; use letters, digits, and : _ -", name)
	p.require(value != "", "value", "is empty; give the value that the context must have")
	for _, o := range operations {
		p.require(oneOf(o, operationsBySpec[SymmetricDefault]...), "Operations", "%q takes no encryption context", o)
	}
	p.panicIfAny("DataKey.AllowInContext", k, "")
	grant := keyGrant(sidOf(k, value), k.Key, operations)
	grant[0].Conditions = map[string]map[string][]string{"StringEquals": {"kms:EncryptionContext:" + name: {value}}}
	return grant
}

// requireOperations panics with a *PropsError unless the operations are among the
// key's Operations.
func (k *DataKey) requireOperations(where string, operations []KeyOperation) {
	var p problems
	for _, o := range operations {
		p.require(oneOf(o, k.operations...), "Operations",
			"%q is not among the key's own Operations; add it there", o)
	}
	p.panicIfAny(where, k, "")
}

func (p *DataKeyProps) withDefaults() DataKeyProps {
	d := valueOrZero(p)
	d.Spec = orDefault(d.Spec, SymmetricDefault)
	d.Description = orDefault(d.Description, d.Alias)
	if d.Spec == SymmetricDefault {
		d.RotationDays = orDefault(d.RotationDays, 365)
	}
	return d
}

func (p *DataKeyProps) validate() problems {
	var bad problems
	reserved := strings.HasPrefix(p.Alias, "alias/") || strings.HasPrefix(p.Alias, "aws/")
	bad.require(aliasPattern.MatchString(p.Alias) && !reserved, "Alias",
		"is %q; use 1 to 250 letters, digits, and / _ -, without alias/ or aws/ in front", p.Alias)
	bad.requireWithin(keyDescription, "Description", utf8.RuneCountInString(p.Description), "say it in fewer words")
	bad.require(oneOf(p.Spec, SymmetricDefault, HMAC256), "Spec", "is %q; use one of the KeySpec constants", p.Spec)
	if p.Spec == HMAC256 {
		bad.require(p.RotationDays == 0, "RotationDays", "is %d, but KMS cannot rotate an HMAC key; leave it out", p.RotationDays)
		bad.require(len(p.Services) == 0, "Services", "an HMAC key encrypts nothing for a service; leave them out")
	} else {
		bad.require(p.RotationDays >= 90 && p.RotationDays <= 2560, "RotationDays", "is %d; use 90 to 2560", p.RotationDays)
	}
	for _, s := range p.Services {
		bad.require(oneOf(s, keyServices...), "Services", "%q is not one of the KeyService constants", s)
	}
	for _, o := range p.Operations {
		bad.require(oneOf(o, operationsBySpec[p.Spec]...), "Operations", "a %s key has no operation %q", p.Spec, o)
	}
	bad.require(len(p.Services)+len(p.Operations) > 0, "Services", "and Operations are both empty, so no principal could use the key")
	return bad
}

func (k *DataKey) policy(p DataKeyProps) awsiam.PolicyDocument {
	statements := []awsiam.PolicyStatement{administrationStatement()}
	for _, service := range p.Services {
		statements = append(statements, service.statements(awscdk.Stack_Of(k))...)
	}
	if len(p.Operations) > 0 {
		statements = append(statements, keyStatement("RolesThatTheirOwnPolicyAllows",
			awsiam.NewAccountRootPrincipal(), keyActions(p.Operations), nil))
	}
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements})
}
