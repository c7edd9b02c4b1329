package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/appleid"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/googleid"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// atApple is a fake of Apple that verifies identity and exchanges a code for exchanged.
type atApple struct {
	identity    appleid.Identity
	exchanged   appleid.Tokens
	unsound     error
	unexchanged error
	codes       []string
}

func (a *atApple) Verify(context.Context, string, string) (appleid.Identity, error) {
	return a.identity, a.unsound
}

func (a *atApple) Exchange(_ context.Context, clientID, code string) (appleid.Tokens, error) {
	a.codes = append(a.codes, clientID+" "+code)
	return a.exchanged, a.unexchanged
}

// vouched notes the identity that it signs in.
type vouched struct {
	who  providerIdentity
	fail error
}

func (v *vouched) signIn(_ context.Context, who providerIdentity) (socialLoginResponse, error) {
	v.who = who
	return socialLoginResponse{User: userResponse{ID: "user-1"}}, v.fail
}

// changing is one account.
type changing struct{ tables.User }

func (c *changing) Change(_ context.Context, _ string, edit func(*tables.User)) (*tables.User, error) {
	edit(&c.User)
	return &c.User, nil
}

var signedInAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func withApple(now time.Time) (*appleLogin, *atApple, *vouched, *changing) {
	ada := appleid.Identity{Subject: "001", ClientID: "com.example.app", Email: "ada@example.com", EmailVerified: true, Authoritative: true, IssuedAt: signedInAt}
	apple, social, account := &atApple{identity: ada, exchanged: appleid.Tokens{RefreshToken: "r1", Identity: ada}}, &vouched{}, &changing{}
	return &appleLogin{social: social, apple: apple, accounts: account, now: func() time.Time { return now }}, apple, social, account
}

func TestAppleLogin_StoresRefreshTokenForRevocation(t *testing.T) {
	login, apple, social, account := withApple(signedInAt)
	given, family := " Ada ", "Lovelace"
	in := appleLoginRequest{IdentityToken: "token", AuthorizationCode: "c1", FullName: &appleFullName{GivenName: &given, FamilyName: &family}}
	if _, err := login.Login(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if want := (providerIdentity{"Apple", "001", "ada@example.com", true, "Ada", "Lovelace"}); social.who != want {
		t.Errorf("vouched for %+v", social.who)
	}
	if account.AppleRefreshToken != "r1" || account.AppleClientID != "com.example.app" || apple.codes[0] != "com.example.app c1" {
		t.Errorf("kept of client %s, for %q", account.AppleClientID, apple.codes)
	}
}

func TestAppleLogin_UnverifiedAddress_IsIgnored(t *testing.T) {
	login, apple, social, _ := withApple(signedInAt)
	apple.identity.EmailVerified = false
	if _, err := login.Login(t.Context(), appleLoginRequest{IdentityToken: "token"}); err != nil || social.who.email != "" {
		t.Errorf("vouched for %+v, %v", social.who, err)
	}
}

func TestAppleLogin_IdentityToken_IsAcceptedForTenMinutes(t *testing.T) {
	for age, refusal := range map[time.Duration]error{0: nil, 10 * time.Minute: nil, 10*time.Minute + time.Second: errInvalidIdentityToken, 12 * time.Hour: errInvalidIdentityToken} {
		login, _, social, _ := withApple(signedInAt.Add(age))
		if _, err := login.Login(t.Context(), appleLoginRequest{IdentityToken: "token"}); !errors.Is(err, refusal) || (social.who.subject == "") != (refusal != nil) {
			t.Errorf("after %s: got %v", age, err)
		}
	}
}

// The app repeats a request whose code was used, and Apple may be down.
func TestAppleLogin_FailedCodeExchange_StillSignsIn(t *testing.T) {
	for name, fails := range map[string]error{
		"used": appleid.ErrInvalidCode, "our secret is rejected": appleid.ErrRejected, "Apple is down": external.ErrUnavailable, "Apple hangs": external.ErrTimeout,
	} {
		login, apple, _, account := withApple(signedInAt)
		apple.unexchanged = fails
		account.AppleRefreshToken = "r0"
		if _, err := login.Login(t.Context(), appleLoginRequest{IdentityToken: "token", AuthorizationCode: "c1"}); err != nil || account.AppleRefreshToken != "r0" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAppleLogin_CodeOfAnotherUser_IsNotStored(t *testing.T) {
	login, apple, _, account := withApple(signedInAt)
	apple.exchanged.Identity.Subject = "002"
	if _, err := login.Login(t.Context(), appleLoginRequest{IdentityToken: "token", AuthorizationCode: "c1"}); err != nil || account.AppleRefreshToken != "" {
		t.Errorf("got %v", err)
	}
}

func TestAppleLogin_RefusedSignIn_ExchangesNoCode(t *testing.T) {
	login, apple, social, _ := withApple(signedInAt)
	social.fail = errNoVerifiedEmail
	if _, err := login.Login(t.Context(), appleLoginRequest{IdentityToken: "token", AuthorizationCode: "c1"}); !errors.Is(err, errNoVerifiedEmail) || len(apple.codes) != 0 {
		t.Errorf("got %v, exchanged %q", err, apple.codes)
	}
}

func TestProviderError_InvalidToken_DiffersFromUnavailableProvider(t *testing.T) {
	for name, try := range map[string]struct{ from, want error }{
		"a bad token":   {fmt.Errorf("%w: expired", appleid.ErrInvalidToken), errInvalidIdentityToken},
		"down":          {fmt.Errorf("keys: %w", external.ErrUnavailable), apierror.Unavailable},
		"slow":          {external.ErrTimeout, apierror.Unavailable},
		"garbage":       {external.ErrInvalidResponse, apierror.Unavailable},
		"huge":          {external.ErrTooLarge, apierror.Unavailable},
		"throttled":     {&external.StatusError{Status: 429}, apierror.Unavailable},
		"our own fault": {errBroken, errBroken},
	} {
		login, apple, _, _ := withApple(signedInAt)
		apple.unsound = try.from
		if _, err := login.Login(t.Context(), appleLoginRequest{IdentityToken: "token"}); !errors.Is(err, try.want) {
			t.Errorf("Apple, %s: got %v", name, err)
		}
		atGoogle := &googleLogin{social: &vouched{}, google: googleSays{fail: try.from}}
		if _, err := atGoogle.Login(t.Context(), googleLoginRequest{IDToken: "token"}); !errors.Is(err, try.want) {
			t.Errorf("Google, %s: got %v", name, err)
		}
	}
}

// googleSays vouches for identity.
type googleSays struct {
	identity googleid.Identity
	fail     error
}

func (g googleSays) Verify(context.Context, string) (googleid.Identity, error) {
	return g.identity, g.fail
}

func TestGoogleLogin_PassesVerifiedIdentity(t *testing.T) {
	for verified, address := range map[bool]string{true: "ada@example.com", false: ""} {
		social := &vouched{}
		google := googleSays{identity: googleid.Identity{Subject: "108", Email: "ada@example.com", EmailVerified: verified, Authoritative: verified, GivenName: "Ada", FamilyName: "Lovelace"}}
		_, err := (&googleLogin{social: social, google: google}).Login(t.Context(), googleLoginRequest{IDToken: "token"})
		if want := (providerIdentity{"Google", "108", address, verified, "Ada", "Lovelace"}); err != nil || social.who != want {
			t.Errorf("vouched for %+v, %v", social.who, err)
		}
	}
}

func TestSocialLoginRequests_InvalidField_IsRefused(t *testing.T) {
	checker, long, control := validation.New(), strings.Repeat("a", 101), "Ada\x00"
	for name, in := range map[string]any{
		"no token of Apple's":       &appleLoginRequest{AuthorizationCode: "c1"},
		"no token of Google's":      &googleLoginRequest{},
		"no code":                   &appleLoginRequest{IdentityToken: "t"},
		"no profile of Google's":    &googleLoginRequest{IDToken: "t"},
		"a long name":               &appleLoginRequest{IdentityToken: "t", AuthorizationCode: "c1", FullName: &appleFullName{GivenName: &long}},
		"a name with a NUL":         &appleLoginRequest{IdentityToken: "t", AuthorizationCode: "c1", FullName: &appleFullName{FamilyName: &control}},
		"a token of a book's size":  &appleLoginRequest{IdentityToken: strings.Repeat("t", 16385), AuthorizationCode: "c1"},
		"a code of a letter's size": &appleLoginRequest{IdentityToken: "t", AuthorizationCode: strings.Repeat("c", 2049)},
	} {
		if checker.Check(in) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := checker.Check(&appleLoginRequest{IdentityToken: "t", AuthorizationCode: "c1", FullName: &appleFullName{}}); err != nil {
		t.Errorf("a later sign-in is refused: %v", err)
	}
}

// appleVault holds the secret "apple", of which the key changes with version.
type appleVault struct{ version, reads int }

func (v *appleVault) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	v.reads++
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(fmt.Sprintf(
		`{"APPLE_TEAM_ID":"T","APPLE_KEY_ID":"K","APPLE_PRIVATE_KEY":"key %d","APPLE_CLIENT_ID":"app","APPLE_SERVICE_ID":"web"}`, v.version))}, nil
}

func TestAppleCredentials_Rejected_AreReadAgain(t *testing.T) {
	now, vault := time.Now(), &appleVault{version: 1}
	cache := secretcache.New(vault, map[*secrets.Secret]string{secrets.Apple: "arn"}, func() time.Time { return now })
	credentials := appleCredentials(cache)
	first, err := credentials(t.Context())
	if err != nil || first.PrivateKey != "key 1" || first.TeamID != "T" || first.KeyID != "K" || len(first.ClientIDs) != 2 {
		t.Fatalf("got %v", err)
	}
	vault.version, now = 2, now.Add(secretcache.RejectedEvery)
	if again, err := credentials(t.Context()); err != nil || again.PrivateKey != "key 2" {
		t.Errorf("the key is the one that was rejected, %v", err)
	}
}

func TestAppleLogin_LogsNoTokenOrCode(t *testing.T) {
	var log bytes.Buffer
	ctx, _ := telemetry.WithRequest(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), telemetry.Request{})
	login, apple, _, _ := withApple(signedInAt)
	apple.unexchanged = errBroken
	if _, err := login.Login(ctx, appleLoginRequest{IdentityToken: "the-token", AuthorizationCode: "the-code"}); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"the-token", "the-code", "ada@example.com", "001"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("logged %q: %s", secret, log.String())
		}
	}
	if !strings.Contains(log.String(), "exchange Apple authorization code failed") {
		t.Errorf("logged %s", log.String())
	}
}
