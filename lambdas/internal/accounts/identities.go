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

// ErrIdentityTaken is returned when another request was faster. The identity has an
// account by now, or the account to link it to has changed. The caller looks up the
// identity again.
var ErrIdentityTaken = errors.New("the identity opens an account by now")

// Identities reads and writes the UserIdentities table: the account of each identity
// at Apple or Google. The id of an identity is the hash that ID returns.
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

// ID returns the hash that stands for an identity, from the provider's name and its
// subject for the user.
func (s *Identities) ID(ctx context.Context, provider, subject string) (string, error) {
	return s.registrations.index.Subject(ctx, provider, subject)
}

// Identity is an identity at a provider.
type Identity struct {
	// ID is the hash that Identities.ID returns.
	ID string
	// Provider is the provider's name, such as "Google".
	Provider string
	// Authoritative reports whether the provider is authoritative for the account's
	// e-mail address.
	Authoritative bool
}

// Owner returns the account of the identity, and false when it has none.
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

// Begin records that an account is being created for the identity, with the address
// of this hash. It returns the username for the account: prefix, a hyphen and 80
// random bits, which an attacker cannot guess. A repeated call returns the same
// username until the account exists. Begin then returns ErrIdentityTaken.
func (s *Identities) Begin(ctx context.Context, id, emailHash, prefix string) (string, error) {
	item := tables.UserIdentity{ID: id, EmailHash: emailHash, Username: prefix + "-" + strings.ToLower(rand.Text()[:16])}
	// With another address, Cognito has another user, which stays as it is.
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

// Complete stores the account, its address and its identity in one transaction. Begin
// gave the username. Complete returns ErrIdentityTaken when a parallel attempt was
// faster, or when the claim to the address has expired and another registration holds
// it.
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

// Link links the identity to an existing account, or records that its provider is
// authoritative now. It returns ErrIdentityTaken when the identity has another
// account, or when the account was deleted.
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

// asIdentityTaken returns ErrIdentityTaken for a transaction that failed because
// another request was faster, and any other error unchanged.
func asIdentityTaken(err error) error {
	if errors.Is(err, store.ErrConditionFailed) {
		return errors.Join(ErrIdentityTaken, err)
	}
	return err
}

// Forget unlinks the identity from the user's account. An identity that has another
// account by now stays.
func (s *Identities) Forget(ctx context.Context, id, userID string) error {
	return store.IgnoreConditionFailed(s.items.Delete(ctx, store.Key{id}, expression.Name("userId").Equal(expression.Value(userID))))
}
