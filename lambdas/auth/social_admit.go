package auth

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/mails"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// admit has an identity that opens no account open one: that of the address, or else
// a new one.
func (s *social) admit(ctx context.Context, id string, who proof) (accounts.Owner, error) {
	if who.email == "" {
		return accounts.Owner{}, errNoAddress
	}
	owner, found, err := s.emails.Owner(ctx, who.email)
	if err != nil {
		return accounts.Owner{}, err
	}
	if !found {
		return s.create(ctx, id, who)
	}
	return owner, s.link(ctx, id, owner, who)
}

// create makes an account for the identity. Every step can be done again, by an
// attempt after one that died or by two at once: all of them make the same account.
func (s *social) create(ctx context.Context, id string, who proof) (accounts.Owner, error) {
	hash, err := s.emails.Hash(ctx, who.email)
	if err != nil {
		return accounts.Owner{}, err
	}
	username, err := s.identities.Begin(ctx, id, hash, who.by())
	if err != nil {
		return accounts.Owner{}, err
	}
	claim, err := s.emails.Reclaim(ctx, who.email, username)
	if errors.Is(err, accounts.ErrEmailTaken) { // by a registration that is under way
		return accounts.Owner{}, apierror.Unavailable.After(time.Second).Because(err)
	}
	if err != nil {
		return accounts.Owner{}, err
	}
	userID, err := s.pool.Create(ctx, username, who.email)
	if err != nil {
		return accounts.Owner{}, err
	}
	now := s.now().UnixMilli()
	account := tables.User{UserID: userID, Username: username, Email: tables.Private(who.email), CreatedAt: now, UpdatedAt: now}
	who.introduce(&account)
	if err := s.identities.Complete(ctx, id, claim, account); err != nil {
		return accounts.Owner{}, err
	}
	return accounts.Owner{UserID: userID, Username: username},
		s.events.Record(ctx, securityevents.Event{Kind: securityevents.Registered, UserID: userID})
}

// introduce writes into an account what is known of its user, and nothing else.
func (p proof) introduce(u *tables.User) {
	*u = tables.User{
		UserID: u.UserID, Username: u.Username, DataKey: u.DataKey, Email: u.Email, Identities: u.Identities,
		GivenName: p.givenName, FamilyName: p.familyName, Name: fullName(p.givenName, p.familyName),
		SubscriptionTier: "free", CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	}
}

// link has the identity open the account of its address, and tells the account's
// user. An address that is only found as the same, in other letters, is another one.
func (s *social) link(ctx context.Context, id string, owner accounts.Owner, who proof) error {
	user, found, err := s.pool.Find(ctx, owner.Username)
	switch {
	case err != nil:
		return err
	case !found || user.ID != owner.UserID: // it is being deleted
		return apierror.Unavailable.After(time.Second).Because(errGone)
	case !sameAddress(user.Email, who.email):
		return errEmailExists
	case user.Unconfirmed:
		if err := s.adopt(ctx, owner, who); err != nil {
			return err
		}
	}
	going, err := s.deletions.Entered(ctx, owner.UserID)
	if err != nil {
		return err
	}
	if going { // an account that is adopted may have expired in this moment (deleteAccount.expire)
		return apierror.Unavailable.After(time.Second).Because(errGone)
	}
	if err := s.events.Record(ctx, securityevents.Event{Kind: securityevents.AccountLinked, UserID: owner.UserID}); err != nil {
		return err
	}
	if err := s.identities.Link(ctx, id, owner); err != nil {
		return err
	}
	if err := s.sender.Send(ctx, user.Email, mails.SignInLinked{Provider: who.provider, At: s.now()}); err != nil {
		telemetry.FromContext(ctx).ErrorContext(ctx, "the user is not told of another way into the account", "error", err.Error())
	}
	return nil
}

// adopt gives an account that somebody registered, and never confirmed, to the owner
// of its address: whoever registered may have been waiting for that. Nothing that
// they typed remains. The user is confirmed by the last of the steps that matter, so
// an attempt after one that died adopts again.
func (s *social) adopt(ctx context.Context, owner accounts.Owner, who proof) error {
	if _, err := s.accounts.Change(ctx, owner.UserID, who.introduce); err != nil {
		if errors.Is(err, accounts.ErrNotFound) {
			return errGone
		}
		return err
	}
	if err := s.pool.Adopt(ctx, owner.Username); err != nil {
		return err
	}
	if err := s.sessions.Everything(ctx, owner.UserID, "account adopted"); err != nil {
		return err
	}
	return nextSecond(ctx, s.now())
}

// nextSecond waits for the second to pass: tokens that are issued in the second of
// a revocation are revoked too.
func nextSecond(ctx context.Context, now time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(now.Truncate(time.Second).Add(time.Second).Sub(now)):
		return nil
	}
}

// sameAddress tells whether two addresses are one but for the case of ASCII letters.
func sameAddress(one, other string) bool {
	if len(one) != len(other) {
		return false
	}
	lower := func(b byte) byte {
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		return b
	}
	for i := range len(one) {
		if lower(one[i]) != lower(other[i]) {
			return false
		}
	}
	return true
}
