package auth

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

// errEmailTaken is returned for an e-mail address that belongs to an account or
// to a registration under way.
var errEmailTaken = errors.New("the e-mail address is taken")

// claimLifetime is how long an unfinished registration holds its address. A
// registration lives at most as long as its function's timeout, which is
// seconds; after a crash the address is free again when this has passed.
const claimLifetime = 2 * time.Minute

// emails keeps the UserEmails table: which account has which address.
type emails struct {
	items *store.Table[tables.UserEmail]
	index *blindindex.Index
	now   func() time.Time
}

func newEmails(env *function.Environment) *emails {
	return &emails{
		items: store.Open[tables.UserEmail](env, tables.UserEmails),
		index: blindindex.New(kms.NewFromConfig(env.AWS), env.Key(function.LookupKey)),
		now:   time.Now,
	}
}

// Username returns the username of the account that has the address, and false
// when no account has it.
func (s *emails) Username(ctx context.Context, address string) (string, bool, error) {
	hash, err := s.index.Email(ctx, address)
	if err != nil {
		return "", false, err
	}
	item, err := s.items.Get(ctx, store.Key{hash}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	return item.Username, item.UserID != "", nil
}

// emailClaim is a hold on an address during a registration.
type emailClaim struct{ hash, id string }

// Claim holds the address for a registration, or returns errEmailTaken. A claim
// that a crash left behind gives way when it has lapsed.
func (s *emails) Claim(ctx context.Context, address, username string) (emailClaim, error) {
	hash, err := s.index.Email(ctx, address)
	if err != nil {
		return emailClaim{}, err
	}
	claim := emailClaim{hash: hash, id: rand.Text()}
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
	if found, refused := s.items.Found(err); refused && found.ClaimID != claim.id {
		return emailClaim{}, errEmailTaken
	} else if !refused && err != nil {
		return emailClaim{}, err
	}
	return claim, nil
}

// Release gives the address up after a registration that failed. Releasing a
// claim that has lapsed and passed to another does nothing.
func (s *emails) Release(ctx context.Context, claim emailClaim) error {
	err := s.items.Delete(ctx, store.Key{claim.hash}, claim.holds())
	if errors.Is(err, store.ErrConditionFailed) {
		return nil
	}
	return err
}

// completion returns the write that turns a claim into the account's address,
// to be part of the transaction that creates the account. It fails there when
// the claim has lapsed and passed to another.
func (s *emails) completion(claim emailClaim, userID string) store.Write {
	change := expression.Set(expression.Name("userId"), expression.Value(userID)).
		Remove(expression.Name("claimId")).
		Remove(expression.Name("expiresAt"))
	return s.items.ToUpdate(store.Key{claim.hash}, change, claim.holds())
}

// holds is the condition that the address is still claimed by the claim.
func (c emailClaim) holds() expression.ConditionBuilder {
	return expression.Name("claimId").Equal(expression.Value(c.id))
}
