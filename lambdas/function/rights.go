package function

import (
	"errors"
	"fmt"

	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Rights are all that a function may do beyond writing its own log and traces.
// The zero value may do nothing.
type Rights struct {
	// Tables are the operations on each table.
	Tables []tables.Grant
	// Keys are the operations on each encryption key.
	Keys []KeyGrant
	// Secrets are the secrets whose values the function may read.
	Secrets []*secrets.Secret
	// UserPool are the administrator operations on the stage's user pool.
	// Operations that Cognito offers to clients without AWS credentials
	// (SignUp, ConfirmSignUp, …) need no right, only UserPoolClient.
	UserPool []UserPoolOperation
	// UserPoolClient gives the function the pool's client id.
	UserPoolClient bool
}

// Key is one of the stage's encryption keys.
type Key string

// The keys a function may use. The key that encrypts the tables at rest is not
// among them: only DynamoDB uses it.
const (
	// FieldKey wraps the data keys that encrypt personal fields.
	FieldKey Key = "fields"
	// LookupKey makes the keyed hashes that find an encrypted value.
	LookupKey Key = "lookup"
)

// KeyOperation is a KMS operation, spelt as the IAM action without "kms:".
type KeyOperation string

// The key operations that functions use.
const (
	GenerateDataKey KeyOperation = "GenerateDataKey"
	Decrypt         KeyOperation = "Decrypt"
	GenerateMac     KeyOperation = "GenerateMac"
)

// KeyGrant is the right to call some operations with one key.
type KeyGrant struct {
	Key        Key
	Operations []KeyOperation
}

// Allow returns the right to call exactly these operations with the key.
func (k Key) Allow(operations ...KeyOperation) KeyGrant {
	return KeyGrant{Key: k, Operations: operations}
}

// UserPoolOperation is a Cognito administrator operation, spelt as the IAM
// action without "cognito-idp:".
type UserPoolOperation string

// The user-pool operations that functions use.
const (
	AdminInitiateAuth UserPoolOperation = "AdminInitiateAuth"
)

func (r Rights) validate() error {
	var problems []error
	seenTables := map[*tables.Table]bool{}
	for _, grant := range r.Tables {
		if len(grant.Operations) == 0 {
			problems = append(problems, fmt.Errorf("is allowed no operation on table %s", grant.Table.Name))
		}
		if seenTables[grant.Table] {
			problems = append(problems, fmt.Errorf("names table %s twice", grant.Table.Name))
		}
		seenTables[grant.Table] = true
	}
	seenKeys := map[Key]bool{}
	for _, grant := range r.Keys {
		if len(grant.Operations) == 0 {
			problems = append(problems, fmt.Errorf("is allowed no operation with key %s", grant.Key))
		}
		if seenKeys[grant.Key] {
			problems = append(problems, fmt.Errorf("names key %s twice", grant.Key))
		}
		seenKeys[grant.Key] = true
	}
	seenSecrets := map[*secrets.Secret]bool{}
	for _, secret := range r.Secrets {
		if seenSecrets[secret] {
			problems = append(problems, fmt.Errorf("names secret %s twice", secret.Name))
		}
		seenSecrets[secret] = true
	}
	return errors.Join(problems...)
}
