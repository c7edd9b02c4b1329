package accounts

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// ErrEmailTaken is returned for an e-mail address that belongs to an account or to a
// pending registration.
var ErrEmailTaken = errors.New("the e-mail address is taken")

// claimLifetime is how long an unfinished registration holds its address. A
// registration ends within its function's timeout, which is seconds. After a crash
// the address is free again when claimLifetime has passed.
const claimLifetime = 2 * time.Minute

// Emails reads and writes the UserEmails table: the account of each address.
type Emails struct {
	items *store.Table[tables.UserEmail]
	index *blindindex.Index
	now   func() time.Time
}

// OpenEmails returns the addresses for a function that declares the UserEmails
// table and GenerateMac with the lookup key.
func OpenEmails(resources *function.Resources) *Emails {
	return &Emails{
		items: store.Open[tables.UserEmail](resources, tables.UserEmails),
		index: blindindex.New(kms.NewFromConfig(resources.AWS), resources.Key(function.LookupKey)),
		now:   time.Now,
	}
}

// Username returns the username of the account that has the address, and false
// when no account has it.
func (s *Emails) Username(ctx context.Context, address string) (string, bool, error) {
	owner, found, err := s.Owner(ctx, address)
	return owner.Username, found, err
}

// Owner returns the account that has the address, and false when no account has it.
func (s *Emails) Owner(ctx context.Context, address string) (Owner, bool, error) {
	hash, err := s.index.Email(ctx, address)
	if err != nil {
		return Owner{}, false, err
	}
	item, err := s.items.Get(ctx, store.Key{hash}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return Owner{}, false, nil
	}
	if err != nil {
		return Owner{}, false, err
	}
	return Owner{UserID: item.UserID, Username: item.Username}, item.UserID != "", nil
}

// Owner identifies an account.
type Owner struct{ UserID, Username string }

// Hash returns the hash that stands for an address in the tables.
func (s *Emails) Hash(ctx context.Context, address string) (string, error) {
	return s.index.Email(ctx, address)
}

// Forget frees the address of an account. An address that has another account by now
// stays.
func (s *Emails) Forget(ctx context.Context, hash, userID string) error {
	return store.IgnoreConditionFailed(s.items.Delete(ctx, store.Key{hash}, expression.Name("userId").Equal(expression.Value(userID))))
}

// EmailClaim holds an address during a registration.
type EmailClaim struct{ hash, id string }

// Claim holds the address for a registration, or returns ErrEmailTaken. A new claim
// replaces an expired one, such as after a crash.
func (s *Emails) Claim(ctx context.Context, address, username string) (EmailClaim, error) {
	return s.claim(ctx, address, username, rand.Text())
}

// Reclaim is Claim for a username that belongs to one registration only. Repeated and
// parallel calls return the same claim.
func (s *Emails) Reclaim(ctx context.Context, address, username string) (EmailClaim, error) {
	return s.claim(ctx, address, username, username)
}

func (s *Emails) claim(ctx context.Context, address, username, id string) (EmailClaim, error) {
	hash, err := s.index.Email(ctx, address)
	if err != nil {
		return EmailClaim{}, err
	}
	claim := EmailClaim{hash: hash, id: id}
	free := expression.Or(
		expression.Name("emailHash").AttributeNotExists(),
		expression.Name("expiresAt").LessThan(expression.Value(s.now().Unix())),
	)
	err = s.items.Put(ctx, tables.UserEmail{
		EmailHash: hash,
		Username:  username,
		ClaimID:   claim.id,
		ExpiresAt: s.now().Add(claimLifetime).Unix(),
	}, free)
	if found, refused := s.items.ConflictingItem(err); refused && found.ClaimID != claim.id {
		return EmailClaim{}, ErrEmailTaken
	} else if !refused && err != nil {
		return EmailClaim{}, err
	}
	return claim, nil
}

// Release frees the address after a failed registration. It does nothing when the
// claim has expired and another registration holds the address.
func (s *Emails) Release(ctx context.Context, claim EmailClaim) error {
	return store.IgnoreConditionFailed(s.items.Delete(ctx, store.Key{claim.hash}, claim.holds()))
}

// completion returns the write that turns a claim into the account's address, for the
// transaction that creates the account. The transaction fails when the claim has
// expired and another registration holds the address.
func (s *Emails) completion(claim EmailClaim, userID string) store.Write {
	change := expression.Set(expression.Name("userId"), expression.Value(userID)).
		Remove(expression.Name("claimId")).
		Remove(expression.Name("expiresAt"))
	return s.items.TxUpdate(store.Key{claim.hash}, change, claim.holds())
}

// holds is the condition that the claim still holds the address.
func (c EmailClaim) holds() expression.ConditionBuilder {
	return expression.Name("claimId").Equal(expression.Value(c.id))
}
