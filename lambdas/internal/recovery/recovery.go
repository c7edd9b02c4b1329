package recovery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var (
	// ErrNoAccount is returned for a user without an account.
	ErrNoAccount = errors.New("the user has no account")
	// ErrSuperseded is returned when another recovery of the account, which started
	// later or in parallel, ends everything.
	ErrSuperseded = errors.New("another recovery of the account is ending everything")
)

// Pool is the part of the user pool that ends sessions.
type Pool interface {
	// SignOut revokes the refresh tokens of the user with this id.
	SignOut(ctx context.Context, userID string) error
}

// Sessions revokes tokens.
type Sessions interface {
	RevokeAllTokens(ctx context.Context, userID, reason string) error
}

// Origins removes the known origins of a user (package signins). Package attempts
// counts guesses from known origins separately.
type Origins interface {
	ForgetOrigins(ctx context.Context, userID string) error
}

// Recoveries recovers accounts. It is safe for concurrent use.
type Recoveries struct {
	queue      *store.Table[tables.AccountRecovery]
	accounts   *store.Table[Account]
	identities *store.Table[tables.UserIdentity]
	pins       *store.Table[store.SealedItem]
	devices    *store.Table[store.SealedItem]
	sessions   Sessions
	origins    Origins
	pool       Pool
	now        func() time.Time
}

// Account has the fields of an account that a recovery reads. They are not encrypted.
type Account struct {
	UserID      string   `dynamodbav:"userId"`
	Identities  []string `dynamodbav:"identities,stringset,omitempty"`
	OwnerProven bool     `dynamodbav:"ownerProven,omitempty"`
	RecoveredAt int64    `dynamodbav:"recoveredAt,omitempty"`
	// TrustEndedAt is in epoch seconds.
	TrustEndedAt int64 `dynamodbav:"trustEndedAt,omitempty"`
}

// Permissions returns the permissions for Start, End and Finish, except UpdateItem on
// RateLimits and GetItem and UpdateItem on Users. A schedule that calls Pending also
// declares Query on AccountRecoveries.
func Permissions() function.Permissions {
	return function.Permissions{
		Tables: []tables.Grant{
			tables.AccountRecoveries.Allow(tables.PutItem, tables.DeleteItem),
			tables.Devices.Allow(tables.Query, tables.BatchWriteItem),
			tables.SecuritySettings.Allow(tables.Query, tables.BatchWriteItem),
			tables.RevokedTokens.Allow(tables.PutItem),
			signins.ForgetGrant,
		},
		UserPool: []function.UserPoolOperation{function.AdminUserGlobalSignOut},
	}
}

// Open returns the recoveries for a function that declares Permissions.
func Open(resources *function.Resources, pool Pool) *Recoveries {
	name := func(t *tables.Table) string { return resources.Table(t) }
	return New(dynamodb.NewFromConfig(resources.AWS), name, guard.OpenRevocations(resources), signins.Open(resources, nil), pool, time.Now)
}

// New returns the recoveries over the tables of these names.
func New(client store.Client, name func(*tables.Table) string, sessions Sessions, origins Origins, pool Pool, now func() time.Time) *Recoveries {
	return &Recoveries{
		queue:      store.New[tables.AccountRecovery](client, name(tables.AccountRecoveries), tables.AccountRecoveries),
		accounts:   store.New[Account](client, name(tables.Users), tables.Users),
		identities: store.New[tables.UserIdentity](client, name(tables.UserIdentities), tables.UserIdentities),
		pins:       store.New[store.SealedItem](client, name(tables.SecuritySettings), tables.SecuritySettings),
		devices:    store.New[store.SealedItem](client, name(tables.Devices), tables.Devices),
		sessions:   sessions, origins: origins, pool: pool, now: now,
	}
}

// Account returns the stored account, or ErrNoAccount.
func (r *Recoveries) Account(ctx context.Context, userID string) (Account, error) {
	found, err := r.accounts.Get(ctx, store.Key{userID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return Account{}, ErrNoAccount
	}
	if err != nil {
		return Account{}, err
	}
	return *found, nil
}

// Superseded reports whether another recovery of the account makes this one
// unnecessary. An identity can recover only an account that its owner never
// recovered. Of several recoveries in parallel, the first ends everything.
func (a Account) Superseded(entry tables.AccountRecovery) bool {
	if entry.Provider != "" && a.OwnerProven {
		return a.RecoveredAt != entry.StartedAt
	}
	return a.RecoveredAt > entry.StartedAt
}

// stands is the condition that the recovery is not Superseded.
func stands(entry tables.AccountRecovery) expression.ConditionBuilder {
	at := expression.Name("recoveredAt")
	if entry.Provider != "" {
		return expression.Or(expression.Name("ownerProven").AttributeNotExists(), at.Equal(expression.Value(entry.StartedAt)))
	}
	return expression.Or(at.AttributeNotExists(), at.LessThanEqual(expression.Value(entry.StartedAt)))
}

// End ends everything that the account trusts, and records in the entry what ended.
// It can be repeated. It returns ErrNoAccount or ErrSuperseded.
func (r *Recoveries) End(ctx context.Context, entry *tables.AccountRecovery) error {
	account, err := r.Account(ctx, entry.UserID)
	if err != nil {
		return err
	}
	if account.Superseded(*entry) {
		return ErrSuperseded
	}
	foreign, err := r.foreign(ctx, account)
	if err != nil {
		return err
	}
	if err := r.note(ctx, entry, foreign); err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"close linked identities", func() error { return r.close(ctx, account, *entry, foreign) }},
		{"end sessions", func() error { return r.endSessions(ctx, entry.UserID, "account recovered") }},
		{"forget origins", func() error { return r.origins.ForgetOrigins(ctx, entry.UserID) }},
		{"remove PINs", func() error { return deleteAll(ctx, r.pins, pinsOf(entry.UserID)) }},
		{"remove devices", func() error { return deleteAll(ctx, r.devices, devicesOf(entry.UserID)) }},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("recover account: %s: %w", step.name, err)
		}
	}
	entry.EndedAt = r.now().UnixMilli()
	return r.save(ctx, *entry)
}

// foreign returns the identities of the account whose provider is not authoritative
// for its address. It includes identities that are no longer stored, without their
// provider.
func (r *Recoveries) foreign(ctx context.Context, account Account) ([]tables.UserIdentity, error) {
	var found []tables.UserIdentity
	for _, id := range account.Identities {
		identity, err := r.identities.Get(ctx, store.Key{id}, store.Consistent)
		switch {
		case errors.Is(err, store.ErrNotFound):
			found = append(found, tables.UserIdentity{ID: id})
		case err != nil:
			return nil, err
		case !identity.Authoritative || identity.UserID != account.UserID:
			found = append(found, *identity)
		}
	}
	return found, nil
}

// note stores what is about to end, and keeps what an interrupted attempt has
// recorded.
func (r *Recoveries) note(ctx context.Context, entry *tables.AccountRecovery, foreign []tables.UserIdentity) error {
	pins, err := r.count(ctx, r.pins, pinsOf(entry.UserID))
	if err != nil {
		return err
	}
	devices, err := r.count(ctx, r.devices, devicesOf(entry.UserID))
	if err != nil {
		return err
	}
	entry.PINs, entry.Devices = max(entry.PINs, pins), max(entry.Devices, devices)
	for _, identity := range foreign {
		if identity.Provider != "" && !slices.Contains(entry.Providers, identity.Provider) {
			entry.Providers = append(entry.Providers, identity.Provider)
		}
	}
	return r.save(ctx, *entry)
}

// close deletes the identities and records the recovery in the account. It returns
// ErrSuperseded when another recovery was faster.
func (r *Recoveries) close(ctx context.Context, account Account, entry tables.AccountRecovery, foreign []tables.UserIdentity) error {
	change := expression.Set(expression.Name("recoveredAt"), expression.Value(entry.StartedAt)).
		Set(expression.Name("trustEndedAt"), expression.Value(r.now().Unix()))
	if entry.Proven {
		change = change.Set(expression.Name("ownerProven"), expression.Value(true))
	}
	change, err := r.forget(ctx, account, foreign, change)
	if err != nil {
		return err
	}
	_, err = r.accounts.Update(ctx, store.Key{account.UserID}, change, stands(entry))
	switch {
	case errors.Is(err, store.ErrConditionFailed):
		return ErrSuperseded
	case errors.Is(err, store.ErrNotFound):
		return ErrNoAccount
	}
	return err
}

// forget deletes the identities, and adds their removal from the account to change.
// An identity that has another account by now stays.
func (r *Recoveries) forget(ctx context.Context, account Account, ended []tables.UserIdentity, change expression.UpdateBuilder) (expression.UpdateBuilder, error) {
	if len(ended) == 0 {
		return change, nil
	}
	var ids []string
	for _, identity := range ended {
		ids = append(ids, identity.ID)
		err := r.identities.Delete(ctx, store.Key{identity.ID}, expression.Name("userId").Equal(expression.Value(account.UserID)))
		if err != nil && !errors.Is(err, store.ErrConditionFailed) {
			return change, err
		}
	}
	return change.Delete(expression.Name("identities"), expression.Value(&types.AttributeValueMemberSS{Value: ids})), nil
}

// endSessions revokes access tokens in the backend's own table, and refresh tokens in
// Cognito too.
func (r *Recoveries) endSessions(ctx context.Context, userID, reason string) error {
	return errors.Join(r.sessions.RevokeAllTokens(ctx, userID, reason), r.pool.SignOut(ctx, userID))
}
