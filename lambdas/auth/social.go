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

// At 401 the app would refresh a session, at 403 and 404 repeat the request. It
// searches messages for the word "verify".
var (
	errInvalidIdentityToken = apierror.New(http.StatusBadRequest, "NotAuthorizedException", "This sign-in has expired or was made for another app. Please try again.")
	errNotAuthoritative     = apierror.New(http.StatusConflict, "EmailExistsException", "There is an account with this e-mail address already. Please sign in with its username and password, or choose \"Forgot password\" to set a new one.")
	errNoVerifiedEmail      = apierror.New(http.StatusBadRequest, "InvalidParameterException", "An account needs an e-mail address that is known to be yours, and this sign-in came without one. Please share it, or sign up with a username and a password.")
)

// errAccountGone is returned for an account that is deleted while an identity still
// names it.
var errAccountGone = errors.New("the account is gone")

// social signs in the user of a provider identity. It creates or links an account when
// the identity has none (docs/social-sign-in.md).
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
		// The methods below return accounts.ErrIdentityTaken when another request was
		// faster.
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

// providerIdentity is a verified identity of a provider.
type providerIdentity struct {
	provider emailtemplates.Provider
	// subject is the user's id at the provider.
	subject string
	// email is empty unless the provider has verified that it is the user's.
	email string
	// authoritative reports whether the provider is authoritative for email. Any other
	// provider only shows that the address was the user's once.
	authoritative bool
	// givenName and familyName are the names of the user, if they are known.
	givenName, familyName string
}

// providerName returns the provider's name in hashes and usernames.
func (p providerIdentity) providerName() string { return strings.ToLower(string(p.provider)) }

// identity returns the identity as it is stored.
func (p providerIdentity) identity(id string) accounts.Identity {
	return accounts.Identity{ID: id, Provider: string(p.provider), Authoritative: p.authoritative}
}

// socialLoginResponse is the response to a sign-in with a provider.
type socialLoginResponse struct {
	Tokens userpool.Tokens `json:"tokens"`
	User   userResponse    `json:"user"`
	// NeedsProfileCompletion sends the user through the app's profile wizard.
	NeedsProfileCompletion bool `json:"needsProfileCompletion"`
}

// maxSocialAttempts is how often a sign-in is tried while other requests change the
// same identity. The app repeats its request at once, so two of them often run at a
// time.
const maxSocialAttempts = 3

// signIn signs the user in. It returns errNoVerifiedEmail when it would have to create
// an account without an address.
func (s *social) signIn(ctx context.Context, who providerIdentity) (socialLoginResponse, error) {
	id, err := s.identities.ID(ctx, who.providerName(), who.subject)
	if err != nil {
		return socialLoginResponse{}, err
	}
	for attempt := 1; ; attempt++ {
		session, err := s.attempt(ctx, id, who)
		switch {
		case err == nil:
			return session, s.signIns.record(ctx, session.Tokens, session.User, false)
		case !errors.Is(err, accounts.ErrIdentityTaken) && !errors.Is(err, errAccountGone):
			return socialLoginResponse{}, err
		case attempt == maxSocialAttempts:
			return socialLoginResponse{}, apierror.Unavailable.After(time.Second).Because(err)
		}
	}
}

// attempt signs in to the account of the identity. It creates or links an account when
// the identity has none.
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
	if err := s.recover(ctx, id, owner, who); err != nil { // the provider has become authoritative for the address
		return socialLoginResponse{}, err
	}
	session, _, err = s.open(ctx, id, owner)
	return session, err
}

// open signs in to an account. It returns errAccountGone when the tokens show that the
// username belongs to another user by now, or when a recovery has removed the identity
// from the account.
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

// providerError returns the response for an error of a provider: the token is invalid,
// or the provider is unavailable.
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
