package auth

import (
	"context"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/googleid"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
)

// GoogleLogin signs users in with Google.
var GoogleLogin = function.Define(function.Spec[*googleLogin]{
	Name:     "auth-google-login",
	Purpose:  "Exchanges an ID token of Google for tokens, and creates the account at the first sign-in.",
	MemoryMB: waitingMB,
	New:      newGoogleLogin,
	Routes: []function.RouteOf[*googleLogin]{
		function.Public("POST /auth/google-login", (*googleLogin).Login, socialLimits),
	},
	Permissions: googlePermissions(),
	Timeout:     15 * time.Second, // Google may take 5 s for its keys
})

func googlePermissions() function.Permissions {
	permissions := socialPermissions(function.Google)
	permissions.Settings = []function.Setting{function.GoogleClients, function.GoogleApps}
	return permissions
}

type googleLogin struct {
	social interface {
		signIn(ctx context.Context, who providerIdentity) (socialLoginResponse, error)
	}
	google interface {
		// Verify returns googleid.ErrInvalidToken or an error of package external.
		Verify(ctx context.Context, idToken string) (googleid.Identity, error)
	}
}

func newGoogleLogin(resources *function.Resources) (*googleLogin, error) {
	google, err := googleid.New(googleid.Config{
		ClientIDs:         resources.Setting(function.GoogleClients),
		AuthorizedParties: resources.Setting(function.GoogleApps),
		BaseURL:           resources.BaseURL(function.Google),
		Middleware:        []external.Middleware{resources.Transport},
	})
	if err != nil {
		return nil, err
	}
	return &googleLogin{social: newSocial(resources), google: google}, nil
}

// googleLoginRequest has what Google gave to the app. The profile is not used, because
// the token has the same data, signed.
type googleLoginRequest struct {
	IDToken string         `json:"idToken" validate:"required,max=16384"`
	User    *googleProfile `json:"user" validate:"required"`
}

type googleProfile struct {
	ID         string  `json:"id"`
	Email      string  `json:"email"`
	Name       *string `json:"name"`
	GivenName  *string `json:"givenName"`
	FamilyName *string `json:"familyName"`
	Photo      *string `json:"photo"`
}

// Login signs a user in by the ID token. Google's software on the device may return the
// same token until it expires, an hour after it was issued.
func (g *googleLogin) Login(ctx context.Context, in googleLoginRequest) (socialLoginResponse, error) {
	identity, err := g.google.Verify(ctx, in.IDToken)
	if err != nil {
		return socialLoginResponse{}, providerError(err, googleid.ErrInvalidToken)
	}
	who := providerIdentity{
		provider: emailtemplates.Google, subject: identity.Subject,
		givenName: storable("given_name", identity.GivenName), familyName: storable("family_name", identity.FamilyName),
	}
	if identity.EmailVerified {
		who.email, who.authoritative = identity.Email, identity.Authoritative
	}
	return g.social.signIn(ctx, who)
}

// storable returns a name of Google, or "" for a name that the account's field cannot
// store. The app's profile wizard then asks for it.
func storable(attribute, name string) string {
	return validation.New().KeepUserText(attribute, strings.TrimSpace(name))
}
