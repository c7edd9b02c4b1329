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
	Name:     "auth-apple-login",
	Purpose:  "Exchanges an identity token of Apple for tokens, and creates the account at the first sign-in.",
	MemoryMB: waitingMB,
	New:      newAppleLogin,
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

// appleLoginRequest has what Apple gave to the app. User and Email are not used,
// because the token has both, signed.
type appleLoginRequest struct {
	IdentityToken     string         `json:"identityToken" validate:"required,max=16384"`
	AuthorizationCode string         `json:"authorizationCode" validate:"required,max=2048"`
	User              string         `json:"user"`
	Email             *string        `json:"email"`
	FullName          *appleFullName `json:"fullName"`
}

// appleFullName is the name of the user. Apple tells it to the app at the first
// authorization only, and does not sign it.
type appleFullName struct {
	GivenName  *string `json:"givenName" validate:"omitempty,user-given_name"`
	FamilyName *string `json:"familyName" validate:"omitempty,user-family_name"`
}

// appleTokenAge is the maximum age of an identity token. A token can be replayed until
// then, because the app sends no nonce. The app sends it within seconds; the rest is
// for a slow network and a wrong clock.
const appleTokenAge = 10 * time.Minute

// Login signs a user in by the identity token. The app repeats a failed request, with a
// code that may be used by then. So a sign-in does not depend on the code.
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

// makeRevocable stores the refresh token that revokes the authorization at Apple when
// the account is deleted. A failure does not fail the sign-in: the next one brings
// another code.
func (a *appleLogin) makeRevocable(ctx context.Context, userID string, identity appleid.Identity, code string) {
	log := telemetry.FromContext(ctx)
	limited, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	exchanged, err := a.apple.Exchange(limited, identity.ClientID, code)
	switch {
	case errors.Is(err, appleid.ErrInvalidCode):
		log.InfoContext(ctx, "exchange Apple authorization code failed", "reason", "the code was used before")
		return
	case errors.Is(err, appleid.ErrRejected):
		log.ErrorContext(ctx, "exchange Apple authorization code failed", "error", err.Error())
		return
	case err != nil:
		log.WarnContext(ctx, "exchange Apple authorization code failed", "error", err.Error())
		return
	case exchanged.Identity.Subject != identity.Subject:
		log.WarnContext(ctx, "exchange Apple authorization code failed", "reason", "the code belongs to another user than the identity token")
		return
	}
	if _, err := a.accounts.Change(ctx, userID, func(u *tables.User) {
		u.AppleRefreshToken, u.AppleClientID = tables.EncryptedString(exchanged.RefreshToken), identity.ClientID
	}); err != nil {
		log.ErrorContext(ctx, "store Apple refresh token failed", "error", err.Error())
	}
}

func valueOf(text *string) string {
	if text == nil {
		return ""
	}
	return strings.TrimSpace(*text)
}

func fullName(given, family string) string { return strings.TrimSpace(given + " " + family) }
