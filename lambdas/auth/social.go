package auth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Neither 401, at which the app would renew a session, nor 403 or 404, at which it
// sends the request again; and no message has the word "verify".
var (
	errInvalidIdentityToken = apierror.New(http.StatusBadRequest, "NotAuthorizedException", "This sign-in has expired or was made for another app. Please try again.")
	errNotAuthoritative     = apierror.New(http.StatusConflict, "EmailExistsException", "There is an account with this e-mail address already. Please sign in with its username and password, or choose \"Forgot password\" to set a new one.")
	errNoVerifiedEmail      = apierror.New(http.StatusBadRequest, "InvalidParameterException", "An account needs an e-mail address that is known to be yours, and this sign-in came without one. Please share it, or sign up with a username and a password.")
)

// errAccountGone is returned for an account that an identity still names but that is not
// there any more.
var errAccountGone = errors.New("the account is gone")

// social signs in whoever a provider vouches for, and makes or links the account
// when there is none for them yet (docs/social-sign-in.md).
type social struct {
	pool interface {
		// SignInWithTicket returns userpool.ErrSignInNotAllowed for a user who may not sign in.
		SignInWithTicket(ctx context.Context, username string) (userpool.Tokens, error)
		Find(ctx context.Context, username string) (userpool.User, bool, error)
		CreateUser(ctx context.Context, username, email string) (string, error)
		SetRandomPassword(ctx context.Context, username string) error
		ConfirmByProvider(ctx context.Context, username string) error
	}
	identities interface {
		ID(ctx context.Context, provider, subject string) (string, error)
		Owner(ctx context.Context, id string) (accounts.Owner, bool, error)
		Forget(ctx context.Context, id, userID string) error
		// The others return accounts.ErrIdentityTaken when somebody was faster.
		Begin(ctx context.Context, id, emailHash, prefix string) (string, error)
		Complete(ctx context.Context, of accounts.Identity, claim accounts.EmailClaim, user tables.User) error
		Link(ctx context.Context, of accounts.Identity, to accounts.Owner) error
	}
	emails interface {
		Hash(ctx context.Context, address string) (string, error)
		Owner(ctx context.Context, address string) (accounts.Owner, bool, error)
		// Reclaim returns accounts.ErrEmailTaken when the address is not free.
		Reclaim(ctx context.Context, address, username string) (accounts.EmailClaim, error)
	}
	accounts interface {
		// All return accounts.ErrNotFound when the user has no account.
		Get(ctx context.Context, userID string) (*tables.User, error)
		SignedIn(ctx context.Context, userID string) (*tables.User, error)
		Change(ctx context.Context, userID string, edit func(*tables.User)) (*tables.User, error)
	}
	deletions deletionFinder
	signIns   *signInRecorder
	recoverer
}

// providerIdentity is what a provider vouches for.
type providerIdentity struct {
	provider emailtemplates.Provider
	// subject is the user's id at the provider.
	subject string
	// email is empty unless the provider vouches that it is the user's.
	email string
	// authoritative reports whether the provider is authoritative for email. Another
	// provider's word only shows that the address was the user's once.
	authoritative bool
	// givenName and familyName are what the user is called, where that is known.
	givenName, familyName string
}

// by is the provider's name in hashes and usernames.
func (p providerIdentity) providerName() string { return strings.ToLower(string(p.provider)) }

// identity is the identity as it is stored under its id.
func (p providerIdentity) identity(id string) accounts.Identity {
	return accounts.Identity{ID: id, Provider: string(p.provider), Authoritative: p.authoritative}
}

// socialLoginResponse is the answer to a sign-in with a provider.
type socialLoginResponse struct {
	Tokens userpool.Tokens `json:"tokens"`
	User   userResponse    `json:"user"`
	// NeedsProfileCompletion sends the user through the app's profile wizard.
	NeedsProfileCompletion bool `json:"needsProfileCompletion"`
}

// attempts to sign in when others change the same identity meanwhile. The app
// repeats its request at once, so two of them at a time are no rarity.
const maxSocialAttempts = 3

// signIn signs the user in. It returns errNoAddress when an account would have to be
// made and there is no address for it.
func (s *social) signIn(ctx context.Context, who providerIdentity) (socialLoginResponse, error) {
	id, err := s.identities.ID(ctx, who.providerName(), who.subject)
	if err != nil {
		return socialLoginResponse{}, err
	}
	for attempt := 1; ; attempt++ {
		session, err := s.attempt(ctx, id, who)
		switch {
		case err == nil:
			return session, s.signIns.record(ctx, session.Tokens, session.User)
		case !errors.Is(err, accounts.ErrIdentityTaken) && !errors.Is(err, errAccountGone):
			return socialLoginResponse{}, err
		case attempt == maxSocialAttempts:
			return socialLoginResponse{}, apierror.Unavailable.After(time.Second).Because(err)
		}
	}
}

// attempt opens the account of the identity, after making or linking one when there
// is none.
func (s *social) attempt(ctx context.Context, id string, who providerIdentity) (socialLoginResponse, error) {
	owner, known, err := s.identities.Owner(ctx, id)
	if err != nil {
		return socialLoginResponse{}, err
	}
	if !known {
		if owner, err = s.linkOrCreate(ctx, id, who); err != nil {
			return socialLoginResponse{}, err
		}
	}
	session, account, err := s.open(ctx, id, owner)
	if errors.Is(err, errAccountGone) {
		return socialLoginResponse{}, errors.Join(err, s.identities.Forget(ctx, id, owner.UserID))
	}
	if err != nil || account.OwnerProven || !who.authoritative || !sameAddress(string(account.Email), who.email) {
		return session, err
	}
	if err := s.recover(ctx, id, owner, who); err != nil { // the provider hosts the address by now
		return socialLoginResponse{}, err
	}
	session, _, err = s.open(ctx, id, owner)
	return session, err
}

// open signs in to an account. The username may be somebody else's by now, which
// the tokens tell: then nobody gets them. Nor does an identity that a recovery has
// taken out of the account since it was looked up.
func (s *social) open(ctx context.Context, id string, owner accounts.Owner) (socialLoginResponse, *tables.User, error) {
	issued, err := s.pool.SignInWithTicket(ctx, owner.Username)
	if errors.Is(err, userpool.ErrSignInNotAllowed) {
		if _, missing := s.accounts.Get(ctx, owner.UserID); errors.Is(missing, accounts.ErrNotFound) {
			err = errAccountGone
		}
	}
	if err != nil {
		return socialLoginResponse{}, nil, err
	}
	userID, err := subject(issued.AccessToken)
	if err != nil {
		return socialLoginResponse{}, nil, err
	}
	if userID != owner.UserID {
		return socialLoginResponse{}, nil, errAccountGone
	}
	account, err := s.accounts.SignedIn(ctx, userID)
	if errors.Is(err, accounts.ErrNotFound) || err == nil && !slices.Contains(account.Identities, id) {
		return socialLoginResponse{}, nil, errAccountGone
	}
	if err != nil {
		return socialLoginResponse{}, nil, err
	}
	return socialLoginResponse{
		Tokens: issued, User: userOf(account),
		NeedsProfileCompletion: account.GivenName == "" || account.FamilyName == "" || account.Birthdate == "",
	}, account, nil
}

// providerError is what the client is told when a provider does not vouch: that the
// token proves nothing, or that the provider cannot be asked.
func providerError(err, invalid error) error {
	var refused *external.StatusError
	switch {
	case errors.Is(err, invalid):
		return errInvalidIdentityToken.Because(err)
	case errors.As(err, &refused), errors.Is(err, external.ErrUnavailable), errors.Is(err, external.ErrTimeout),
		errors.Is(err, external.ErrTooLarge), errors.Is(err, external.ErrInvalidResponse):
		return apierror.Unavailable.After(time.Second).Because(err)
	}
	return err
}
