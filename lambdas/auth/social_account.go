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

// linkOrCreate links an identity without an account to the account of its address.
// Without such an account it creates one.
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

// create creates an account for the identity. Every step can be repeated, after an
// attempt that died or by two attempts at once: all of them create the same account.
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
	if errors.Is(err, accounts.ErrEmailTaken) { // by a registration in progress
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

// setProfile replaces the profile of an account by what the provider knows of the user.
func (p providerIdentity) setProfile(u *tables.User) {
	*u = tables.User{
		UserID: u.UserID, Username: u.Username, DataKey: u.DataKey, Email: u.Email, Identities: u.Identities,
		GivenName: p.givenName, FamilyName: p.familyName, Name: fullName(p.givenName, p.familyName),
		SubscriptionTier: "free", OwnerProven: u.OwnerProven, RecoveredAt: u.RecoveredAt, TrustEndedAt: u.TrustEndedAt,
		CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	}
}

// link links the identity to the account of its address if the provider is
// authoritative for the address. Otherwise it returns errNotAuthoritative. An address
// that is equal only after normalisation is another address.
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
		telemetry.FromContext(ctx).ErrorContext(ctx, "send sign-in-linked e-mail failed", "error", err.Error())
	}
	return nil
}

// userOf returns the user of the account. The address of the user must be the proven
// one.
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
	pending, err := s.deletions.IsPending(ctx, owner.UserID)
	if err != nil {
		return err
	}
	if pending { // the adopted account may just have expired (deleteAccount.expire)
		return apierror.Unavailable.After(time.Second).Because(errAccountGone)
	}
	if err := s.events.Record(ctx, securityevents.Event{Kind: securityevents.AccountLinked, UserID: owner.UserID}); err != nil {
		return err
	}
	return s.identities.Link(ctx, who.identity(id), owner)
}

// recover gives an account to the owner of its address, when no owner of the address
// has proven to have set its password. An attacker may have registered the address
// before the owner. From then on only the identity opens the account. When the function
// dies, the schedule (recoveries.Resume) or the next sign-in finishes the recovery.
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
	if err != nil { // another recovery is running: try again
		return errors.Join(accounts.ErrIdentityTaken, err)
	}
	return nil
}

// adopt confirms an account that was registered and never confirmed. It removes all
// data of the registration. Confirming the user is its last step, so the next sign-in
// repeats an interrupted adoption.
func (s *social) adopt(ctx context.Context, owner accounts.Owner, who providerIdentity) error {
	if _, err := s.accounts.Change(ctx, owner.UserID, who.setProfile); err != nil {
		if errors.Is(err, accounts.ErrNotFound) {
			return errAccountGone
		}
		return err
	}
	return s.pool.ConfirmByProvider(ctx, owner.Username)
}

// nextSecond waits for the next second, because a revocation also revokes the tokens
// that are issued in the same second.
func nextSecond(ctx context.Context, now time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(now.Truncate(time.Second).Add(time.Second).Sub(now)):
		return nil
	}
}

// sameAddress reports whether two addresses differ at most in the case of ASCII
// letters.
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
