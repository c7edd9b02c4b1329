package auth

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// linkOrCreate has an identity that opens no account open one: that of the address, or else
// a new one.
func (s *social) linkOrCreate(ctx context.Context, id string, who providerIdentity) (accounts.Owner, error) {
	if who.email == "" {
		return accounts.Owner{}, errNoVerifiedEmail
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
func (s *social) create(ctx context.Context, id string, who providerIdentity) (accounts.Owner, error) {
	hash, err := s.emails.Hash(ctx, who.email)
	if err != nil {
		return accounts.Owner{}, err
	}
	username, err := s.identities.Begin(ctx, id, hash, who.providerName())
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
	userID, err := s.pool.CreateUser(ctx, username, who.email)
	if err != nil {
		return accounts.Owner{}, err
	}
	now := s.now().UnixMilli()
	account := tables.User{UserID: userID, Username: username, Email: tables.EncryptedString(who.email), OwnerProven: who.authoritative, CreatedAt: now, UpdatedAt: now}
	who.setProfile(&account)
	if err := s.identities.Complete(ctx, who.identity(id), claim, account); err != nil {
		return accounts.Owner{}, err
	}
	return accounts.Owner{UserID: userID, Username: username},
		s.events.Record(ctx, securityevents.Event{Kind: securityevents.Registered, UserID: userID})
}

// setProfile writes into an account what is known of its user, and nothing else.
func (p providerIdentity) setProfile(u *tables.User) {
	*u = tables.User{
		UserID: u.UserID, Username: u.Username, DataKey: u.DataKey, Email: u.Email, Identities: u.Identities,
		GivenName: p.givenName, FamilyName: p.familyName, Name: fullName(p.givenName, p.familyName),
		SubscriptionTier: "free", OwnerProven: u.OwnerProven, RecoveredAt: u.RecoveredAt, TrustEndedAt: u.TrustEndedAt,
		CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	}
}

// link has the identity open the account of its address, if the provider is
// authoritative for the address, or returns errNotProven. An address that is only
// found as the same, in other letters, is another one.
func (s *social) link(ctx context.Context, id string, owner accounts.Owner, who providerIdentity) error {
	if !who.authoritative {
		return errNotAuthoritative
	}
	account, err := s.steps.Account(ctx, owner.UserID)
	if errors.Is(err, recovery.ErrNoAccount) { // it is being deleted
		return apierror.Unavailable.After(time.Second).Because(err)
	}
	if err != nil {
		return err
	}
	if !account.OwnerProven {
		return s.recover(ctx, id, owner, who)
	}
	user, err := s.userOf(ctx, owner, who)
	if err != nil {
		return err
	}
	if err := s.linkIdentity(ctx, id, owner, who); err != nil {
		return err
	}
	if err := s.sender.Send(ctx, user.Email, emailtemplates.SignInLinked{Provider: who.provider, At: s.now()}); err != nil {
		telemetry.FromContext(ctx).ErrorContext(ctx, "the user is not told of another way into the account", "error", err.Error())
	}
	return nil
}

// userOf returns the user of the account, whose address must be the one proven.
func (s *social) userOf(ctx context.Context, owner accounts.Owner, who providerIdentity) (userpool.User, error) {
	user, found, err := s.pool.Find(ctx, owner.Username)
	switch {
	case err != nil:
		return userpool.User{}, err
	case !found || user.ID != owner.UserID: // it is being deleted
		return userpool.User{}, apierror.Unavailable.After(time.Second).Because(errAccountGone)
	case !sameAddress(user.Email, who.email):
		return userpool.User{}, errEmailExists
	}
	return user, nil
}

// linkIdentity records the link and makes it, unless the account is being deleted.
func (s *social) linkIdentity(ctx context.Context, id string, owner accounts.Owner, who providerIdentity) error {
	going, err := s.deletions.IsPending(ctx, owner.UserID)
	if err != nil {
		return err
	}
	if going { // an account that is adopted may have expired in this moment (deleteAccount.expire)
		return apierror.Unavailable.After(time.Second).Because(errAccountGone)
	}
	if err := s.events.Record(ctx, securityevents.Event{Kind: securityevents.AccountLinked, UserID: owner.UserID}); err != nil {
		return err
	}
	return s.identities.Link(ctx, who.identity(id), owner)
}

// recover gives an account to the owner of its address, whose password was never set
// by somebody who proved to own it: the user who registered may have been waiting for
// the owner. The identity opens the account, and nothing else does. A recovery that
// dies is finished by the schedule (recoveries.Resume), or done again by the next
// sign-in.
func (s *social) recover(ctx context.Context, id string, owner accounts.Owner, who providerIdentity) error {
	user, err := s.userOf(ctx, owner, who)
	if err != nil {
		return err
	}
	entry, err := s.steps.Start(ctx, tables.AccountRecovery{UserID: owner.UserID, Provider: string(who.provider), Proven: true})
	if err != nil {
		return err
	}
	if user.Unconfirmed {
		err = s.adopt(ctx, owner, who)
	} else {
		err = s.pool.SetRandomPassword(ctx, owner.Username)
	}
	if err != nil {
		return err
	}
	if err := s.linkIdentity(ctx, id, owner, who); err != nil {
		return err
	}
	err = s.complete(ctx, &entry, user)
	if err != nil && !errors.Is(err, recovery.ErrSuperseded) {
		return err
	}
	if late := nextSecond(ctx, s.now()); late != nil {
		return late
	}
	if err != nil { // another attempt is ending everything: look again
		return errors.Join(accounts.ErrIdentityTaken, err)
	}
	return nil
}

// adopt confirms an account that somebody registered and never confirmed. Nothing
// that they typed remains. The user is confirmed by the last of the steps that
// matter, so an attempt after one that died adopts again.
func (s *social) adopt(ctx context.Context, owner accounts.Owner, who providerIdentity) error {
	if _, err := s.accounts.Change(ctx, owner.UserID, who.setProfile); err != nil {
		if errors.Is(err, accounts.ErrNotFound) {
			return errAccountGone
		}
		return err
	}
	return s.pool.ConfirmByProvider(ctx, owner.Username)
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
