package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/appleid"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// AppleLogin signs users in with Apple.
var AppleLogin = function.Define(function.Spec[*appleLogin]{
	Name:    "auth-apple-login",
	Purpose: "Exchanges an identity token of Apple for tokens, and makes the account at the first time.",
	New:     newAppleLogin,
	Routes: []function.RouteOf[*appleLogin]{
		function.Public("POST /auth/apple-login", (*appleLogin).Login, socialLimits),
	},
	Permissions: socialPermissions(function.Apple, secrets.Apple),
	Timeout:     20 * time.Second, // Apple may take 5 s for its keys and 3 s for the code
})

type appleLogin struct {
	social interface {
		signIn(ctx context.Context, who providerIdentity) (socialLoginResponse, error)
	}
	apple interface {
		// Verify returns appleid.ErrInvalidToken or an error of package external.
		Verify(ctx context.Context, identityToken, nonce string) (appleid.Identity, error)
		// Exchange returns appleid.ErrInvalidCode for a code that was used.
		Exchange(ctx context.Context, clientID, code string) (appleid.Tokens, error)
	}
	accounts interface {
		Change(ctx context.Context, userID string, edit func(*tables.User)) (*tables.User, error)
	}
	now func() time.Time
}

func newAppleLogin(resources *function.Resources) (*appleLogin, error) {
	apple, err := openApple(resources)
	if err != nil {
		return nil, err
	}
	shared := newSocial(resources)
	return &appleLogin{social: shared, apple: apple, accounts: shared.accounts, now: time.Now}, nil
}

// appleLoginRequest is what the app has from Apple. User and Email are not used: the token
// says both, and can be trusted.
type appleLoginRequest struct {
	IdentityToken     string         `json:"identityToken" validate:"required,max=16384"`
	AuthorizationCode string         `json:"authorizationCode" validate:"required,max=2048"`
	User              string         `json:"user"`
	Email             *string        `json:"email"`
	FullName          *appleFullName `json:"fullName"`
}

// appleFullName is what the user is called, as Apple tells the app at the first
// authorization and never again. It is the app's word.
type appleFullName struct {
	GivenName  *string `json:"givenName" validate:"omitempty,user-given_name"`
	FamilyName *string `json:"familyName" validate:"omitempty,user-family_name"`
}

// appleTokenAge is how old an identity token may be. It can be replayed until then,
// as the app sends no nonce; the app sends it within seconds of getting it, and the
// rest is for a slow network and a wrong clock.
const appleTokenAge = 10 * time.Minute

// Login signs a user in by the identity token. The app sends a request that failed
// once more, with a code that may have been used by then, so nothing depends on the
// code.
func (a *appleLogin) Login(ctx context.Context, in appleLoginRequest) (socialLoginResponse, error) {
	identity, err := a.apple.Verify(ctx, in.IdentityToken, "")
	if err != nil {
		return socialLoginResponse{}, providerError(err, appleid.ErrInvalidToken)
	}
	if a.now().Sub(identity.IssuedAt) > appleTokenAge {
		return socialLoginResponse{}, errInvalidIdentityToken
	}
	who := providerIdentity{provider: emailtemplates.Apple, subject: identity.Subject}
	if identity.EmailVerified {
		who.email, who.authoritative = identity.Email, identity.Authoritative
	}
	if in.FullName != nil {
		who.givenName, who.familyName = valueOf(in.FullName.GivenName), valueOf(in.FullName.FamilyName)
	}
	session, err := a.social.signIn(ctx, who)
	if err != nil {
		return socialLoginResponse{}, err
	}
	a.makeRevocable(ctx, session.User.ID, identity, in.AuthorizationCode)
	return session, nil
}

// exchangeTimeout is how long a sign-in waits for Apple to exchange its code.
const exchangeTimeout = 3 * time.Second

// makeRevocable keeps what the authorization at Apple is revoked by when the account
// is deleted. That it cannot is no failure of the sign-in: the next one comes with
// another code.
func (a *appleLogin) makeRevocable(ctx context.Context, userID string, identity appleid.Identity, code string) {
	log := telemetry.FromContext(ctx)
	limited, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	exchanged, err := a.apple.Exchange(limited, identity.ClientID, code)
	switch {
	case errors.Is(err, appleid.ErrInvalidCode):
		log.InfoContext(ctx, "Apple's authorization code was used before")
		return
	case errors.Is(err, appleid.ErrRejected):
		log.ErrorContext(ctx, "the sign-in with Apple is not revocable", "error", err.Error())
		return
	case err != nil:
		log.WarnContext(ctx, "the sign-in with Apple is not revocable", "error", err.Error())
		return
	case exchanged.Identity.Subject != identity.Subject:
		log.WarnContext(ctx, "Apple's authorization code is another user's than the identity token")
		return
	}
	if _, err := a.accounts.Change(ctx, userID, func(u *tables.User) {
		u.AppleRefreshToken, u.AppleClientID = tables.EncryptedString(exchanged.RefreshToken), identity.ClientID
	}); err != nil {
		log.ErrorContext(ctx, "the sign-in with Apple is not revocable", "error", err.Error())
	}
}

func valueOf(text *string) string {
	if text == nil {
		return ""
	}
	return strings.TrimSpace(*text)
}

func fullName(given, family string) string { return strings.TrimSpace(given + " " + family) }
