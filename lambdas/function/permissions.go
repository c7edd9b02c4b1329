package function

import (
	"errors"
	"fmt"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Permissions are all that a function may do beyond writing its own log and traces.
// The zero value may do nothing.
type Permissions struct {
	// Tables are the operations on each table.
	Tables []tables.Grant
	// Keys are the operations on each encryption key, or on the data keys of a
	// table that it wraps.
	Keys []KeyGrant
	// Secrets are the secrets whose values the function may read.
	Secrets []*secrets.Secret
	// UserPool are the administrator operations on the stage's user pool.
	// Operations that Cognito offers to clients without AWS credentials
	// (SignUp, ConfirmSignUp, …) need no right, only UserPoolClient.
	UserPool []UserPoolOperation
	// UserPoolClient makes the function a client of the pool: it gives it the
	// client's id, and the right to the secret that proves it, secrets.Cognito.
	UserPoolClient bool
	// SendEmail lets the function send e-mails from the stage's address.
	SendEmail bool
	// Buckets are the operations on the objects of each bucket.
	Buckets []buckets.Grant
	// Publishes are the topics that the function publishes messages to.
	Publishes []*Topic
	// Sends are the queues that the function sends messages to.
	Sends []*Queue
	// External are the external services that the function calls. No IAM action
	// stands behind it: it says where the function's network must lead, and which
	// base URLs it is given.
	External []Service
	// Settings are what the function must know of the stage's configuration.
	Settings []Setting
}

// Setting is a part of a stage's configuration: one value or several.
type Setting string

// The settings that functions need.
const (
	// GoogleClients are the client ids that Google's ID tokens are made for.
	GoogleClients Setting = "google-clients"
	// GoogleApps are the client ids of the apps that may ask Google for them.
	GoogleApps Setting = "google-apps"
	// APIDomain is the host name that clients call.
	APIDomain Setting = "api-domain"
	// RevenueCatProject is the id of the project at RevenueCat.
	RevenueCatProject Setting = "revenuecat-project"
	// RevenueCatEntitlement is RevenueCat's id of the entitlement that makes a user
	// premium.
	RevenueCatEntitlement Setting = "revenuecat-entitlement"
	// AI is how the stage uses the model: whether at all, the model's name, whether
	// input is moderated, and the stage's budget for a month in USD.
	AI Setting = "ai"
)

// Service is an external service. Its base URL is in serviceURLs.
type Service string

// The services that functions call.
const (
	Apple      Service = "apple"
	Google     Service = "google"
	OpenAI     Service = "openai"
	RevenueCat Service = "revenuecat"
	Expo       Service = "expo"
	Sentry     Service = "sentry"
)

// What the runtime itself needs.
var (
	errorReports = Permissions{Sends: []*Queue{ErrorReports.Queue}}                                // see package errorreport
	limits       = Permissions{Tables: []tables.Grant{tables.RateLimits.Allow(tables.UpdateItem)}} // see package guard
	addresses    = Permissions{Keys: []KeyGrant{LookupKey.Allow(GenerateMac)}}                     // see package guard
	poolClient   = Permissions{Secrets: []*secrets.Secret{secrets.Cognito}}                        // see package auth
	idempotency  = Permissions{                                                                    // see package idempotency
		Tables: []tables.Grant{tables.IdempotencyRecords.Allow(tables.PutItem, tables.UpdateItem, tables.DeleteItem)},
		Keys:   []KeyGrant{FieldKey.AllowFor(tables.IdempotencyRecords, GenerateDataKey, Decrypt)},
	}
)

// And returns the permissions together with others, each named once.
func (r Permissions) And(others Permissions) Permissions {
	r.Tables, r.Keys = slices.Clone(r.Tables), slices.Clone(r.Keys)
	for _, grant := range others.Tables {
		i := slices.IndexFunc(r.Tables, func(g tables.Grant) bool { return g.Table == grant.Table && g.Index == grant.Index })
		if i < 0 {
			r.Tables = append(r.Tables, grant)
			continue
		}
		r.Tables[i].Operations = union(r.Tables[i].Operations, grant.Operations)
	}
	r.Buckets = slices.Clone(r.Buckets)
	for _, grant := range others.Buckets {
		i := slices.IndexFunc(r.Buckets, func(g buckets.Grant) bool { return g.Bucket == grant.Bucket })
		if i < 0 {
			r.Buckets = append(r.Buckets, grant)
			continue
		}
		r.Buckets[i].Operations = union(r.Buckets[i].Operations, grant.Operations)
	}
	for _, grant := range others.Keys {
		i := slices.IndexFunc(r.Keys, func(g KeyGrant) bool { return g.Key == grant.Key && g.Table == grant.Table })
		if i < 0 {
			r.Keys = append(r.Keys, grant)
			continue
		}
		r.Keys[i].Operations = union(r.Keys[i].Operations, grant.Operations)
	}
	r.Secrets, r.UserPool = union(r.Secrets, others.Secrets), union(r.UserPool, others.UserPool)
	r.Settings, r.External = union(r.Settings, others.Settings), union(r.External, others.External)
	r.Publishes, r.Sends = union(r.Publishes, others.Publishes), union(r.Sends, others.Sends)
	r.UserPoolClient = r.UserPoolClient || others.UserPoolClient
	r.SendEmail = r.SendEmail || others.SendEmail
	return r
}

func union[T comparable](some, others []T) []T {
	all := slices.Clone(some)
	for _, other := range others {
		if !slices.Contains(all, other) {
			all = append(all, other)
		}
	}
	return all
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
	Key Key
	// Table is the table whose data keys the right is for. It is nil for a key
	// that wraps none.
	Table      *tables.Table
	Operations []KeyOperation
}

// Allow returns the right to call exactly these operations with the key, which
// wraps no data keys.
func (k Key) Allow(operations ...KeyOperation) KeyGrant {
	return KeyGrant{Key: k, Operations: operations}
}

// AllowFor returns the right to call exactly these operations on the data keys
// that the table stores. KMS refuses the data keys of any other table: theirs
// have another encryption context (package fieldcrypt).
func (k Key) AllowFor(table *tables.Table, operations ...KeyOperation) KeyGrant {
	return KeyGrant{Key: k, Table: table, Operations: operations}
}

func (g KeyGrant) validate() error {
	switch {
	case len(g.Operations) == 0:
		return fmt.Errorf("is allowed no operation with key %s", g.Key)
	case g.Key == FieldKey && g.Table == nil:
		return fmt.Errorf("is allowed to use key %s for every table: use AllowFor", g.Key)
	case g.Key == LookupKey && g.Table != nil:
		return fmt.Errorf("is allowed to use key %s for table %s, and it wraps no data keys: use Allow", g.Key, g.Table.Name)
	}
	return nil
}

// UserPoolOperation is a Cognito administrator operation, spelt as the IAM
// action without "cognito-idp:".
type UserPoolOperation string

// The user-pool operations that functions use.
const (
	AdminConfirmSignUp          UserPoolOperation = "AdminConfirmSignUp"
	AdminCreateUser             UserPoolOperation = "AdminCreateUser"
	AdminDeleteUser             UserPoolOperation = "AdminDeleteUser"
	AdminGetUser                UserPoolOperation = "AdminGetUser"
	AdminInitiateAuth           UserPoolOperation = "AdminInitiateAuth"
	AdminRespondToAuthChallenge UserPoolOperation = "AdminRespondToAuthChallenge"
	AdminSetUserPassword        UserPoolOperation = "AdminSetUserPassword"
	AdminUpdateUserAttributes   UserPoolOperation = "AdminUpdateUserAttributes"
	AdminUserGlobalSignOut      UserPoolOperation = "AdminUserGlobalSignOut"
	ListUsers                   UserPoolOperation = "ListUsers"
)

func (r Permissions) validate() error {
	var problems []error
	seenTables := map[string]bool{}
	for _, grant := range r.Tables {
		name := grant.Resource(grant.Table.Name)
		if len(grant.Operations) == 0 {
			problems = append(problems, fmt.Errorf("is allowed no operation on table %s", name))
		}
		if grant.Index != nil && !slices.Contains(grant.Table.Indexes, grant.Index) {
			problems = append(problems, fmt.Errorf("is allowed to query %s, and the table has no such index", name))
		}
		if seenTables[name] {
			problems = append(problems, fmt.Errorf("names table %s twice", name))
		}
		seenTables[name] = true
	}
	type use struct {
		key   Key
		table *tables.Table
	}
	seenKeys := map[use]bool{}
	for _, grant := range r.Keys {
		if err := grant.validate(); err != nil {
			problems = append(problems, err)
		}
		if seenKeys[use{grant.Key, grant.Table}] {
			problems = append(problems, fmt.Errorf("names key %s twice", grant.Key))
		}
		seenKeys[use{grant.Key, grant.Table}] = true
	}
	seenBuckets := map[*buckets.Bucket]bool{}
	for _, grant := range r.Buckets {
		if len(grant.Operations) == 0 {
			problems = append(problems, fmt.Errorf("is allowed no operation on bucket %s", grant.Bucket.Name))
		}
		if seenBuckets[grant.Bucket] {
			problems = append(problems, fmt.Errorf("names bucket %s twice", grant.Bucket.Name))
		}
		seenBuckets[grant.Bucket] = true
	}
	for _, service := range r.External {
		if _, known := serviceURLs[service]; !known {
			problems = append(problems, fmt.Errorf("calls the service %s, whose base URL is not in serviceURLs", service))
		}
	}
	seenSecrets := map[*secrets.Secret]bool{}
	for _, secret := range r.Secrets {
		if seenSecrets[secret] {
			problems = append(problems, fmt.Errorf("names secret %s twice", secret.Name))
		}
		seenSecrets[secret] = true
	}
	for _, queue := range r.Sends {
		if err := queue.validate(); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}
