package accounts

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// ErrIdentityTaken is returned when somebody else was faster: the identity opens an
// account by now, or what it was to be linked to has changed. Look again.
var ErrIdentityTaken = errors.New("the identity opens an account by now")

// Identities keeps the UserIdentities table: which account an identity at Apple or
// Google opens. An identity is known by the hash that ID returns.
type Identities struct {
	items         *store.Table[tables.UserIdentity]
	registrations *Registrations
}

// OpenIdentities returns the identities for a function that declares the operations
// of the methods it calls on UserIdentities, Users and UserEmails, and the keys.
func OpenIdentities(resources *function.Resources) *Identities {
	return &Identities{
		items:         store.Open[tables.UserIdentity](resources, tables.UserIdentities),
		registrations: OpenRegistrations(resources),
	}
}

// ID returns the hash by which somebody is known whom a provider calls subject.
func (s *Identities) ID(ctx context.Context, provider, subject string) (string, error) {
	return s.registrations.index.Subject(ctx, provider, subject)
}

// Identity is an identity at a provider.
type Identity struct {
	// ID is the hash that Identities.ID returns.
	ID string
	// Provider is the provider's name, such as "Google".
	Provider string
	// Authoritative reports whether the provider is authoritative for the address of
	// the account that the identity opens.
	Authoritative bool
}

// Owner returns whose account the identity opens, and false when it opens none.
func (s *Identities) Owner(ctx context.Context, id string) (Owner, bool, error) {
	item, err := s.items.Get(ctx, store.Key{id}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return Owner{}, false, nil
	}
	if err != nil {
		return Owner{}, false, err
	}
	return Owner{UserID: item.UserID, Username: item.Username}, item.UserID != "", nil
}

// Begin enters that an account is being made for the identity, with the address of
// this hash, and returns the username it is to have: prefix, a hyphen and 80 random
// bits, which nobody can have taken or can guess. Whoever begins again gets the same
// username, until the account is made. It returns ErrIdentityTaken then.
func (s *Identities) Begin(ctx context.Context, id, emailHash, prefix string) (string, error) {
	item := tables.UserIdentity{ID: id, EmailHash: emailHash, Username: prefix + "-" + strings.ToLower(rand.Text()[:16])}
	// For another address there is another user in Cognito, which is left alone.
	abandoned := expression.Name("emailHash").NotEqual(expression.Value(emailHash))
	err := s.items.Put(ctx, item, expression.Or(
		expression.Name("id").AttributeNotExists(),
		expression.And(expression.Name("userId").AttributeNotExists(), abandoned),
	))
	found, refused := s.items.ConflictingItem(err)
	switch {
	case !refused:
		return item.Username, err
	case found.UserID != "":
		return "", ErrIdentityTaken
	default:
		return found.Username, nil
	}
}

// Complete stores the account, its address and the identity that opens it, for which
// Begin gave the username, in one transaction. It returns ErrIdentityTaken when
// another attempt at the same account was faster, or the claim to the address has
// lapsed and passed to somebody else.
func (s *Identities) Complete(ctx context.Context, of Identity, claim EmailClaim, user tables.User) error {
	user.Identities = []string{of.ID}
	creation, err := s.registrations.accounts.creation(ctx, user)
	if err != nil {
		return err
	}
	change := expression.Set(expression.Name("userId"), expression.Value(user.UserID)).Remove(expression.Name("emailHash")).
		Set(expression.Name("provider"), expression.Value(of.Provider)).
		Set(expression.Name("authoritative"), expression.Value(of.Authoritative))
	return asIdentityTaken(s.items.Transact(ctx, creation, s.registrations.completion(claim, user.UserID),
		s.items.TxUpdate(store.Key{of.ID}, change,
			expression.Name("userId").AttributeNotExists(), expression.Name("username").Equal(expression.Value(user.Username)))))
}

// Link has the identity open an account that there is, or records that its provider
// is authoritative now. It returns ErrIdentityTaken when the identity opens another
// account, or the account is gone.
func (s *Identities) Link(ctx context.Context, of Identity, to Owner) error {
	item := tables.UserIdentity{ID: of.ID, UserID: to.UserID, Username: to.Username, Provider: of.Provider, Authoritative: of.Authoritative}
	change := expression.Add(expression.Name("identities"), expression.Value(&types.AttributeValueMemberSS{Value: []string{of.ID}}))
	free := expression.Or(
		expression.Name("userId").AttributeNotExists(),
		expression.And(expression.Name("userId").Equal(expression.Value(to.UserID)), expression.Name("username").Equal(expression.Value(to.Username))),
	)
	return asIdentityTaken(s.items.Transact(ctx,
		s.items.TxPut(item, free),
		s.registrations.accounts.items.TxUpdate(store.Key{to.UserID}, change),
	))
}

// asIdentityTaken is ErrIdentityTaken for a transaction that others were faster than.
func asIdentityTaken(err error) error {
	if errors.Is(err, store.ErrConditionFailed) {
		return errors.Join(ErrIdentityTaken, err)
	}
	return err
}

// Forget has the identity open the user's account no more. One that opens another
// account by now stays.
func (s *Identities) Forget(ctx context.Context, id, userID string) error {
	return store.IgnoreConditionFailed(s.items.Delete(ctx, store.Key{id}, expression.Name("userId").Equal(expression.Value(userID))))
}
