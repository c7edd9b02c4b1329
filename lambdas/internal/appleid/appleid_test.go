package appleid_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/lambdas/internal/appleid"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/apple"
)

const (
	app     = "com.example.app"
	service = "com.example.service"
)

// start returns Apple's fake and a client of it, with one clock.
func start(t *testing.T) (*apple.Fake, *appleid.Client, *time.Time) {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	fake := apple.New(app)
	fake.Now = func() time.Time { return now }
	client, err := appleid.New(appleid.Config{
		BaseURL: fakes.Serve(t, fake.Handler()),
		Now:     fake.Now,
		Credentials: func(context.Context) (appleid.Credentials, error) {
			return appleid.Credentials{
				TeamID: apple.TeamID, KeyID: apple.KeyID, PrivateKey: fake.PrivateKey(), ClientIDs: []string{app, service},
			}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return fake, client, &now
}

func TestVerify_IdentityToken_ReturnsIdentity(t *testing.T) {
	fake, client, now := start(t)
	for name, test := range map[string]struct {
		changes map[string]any
		want    appleid.Identity
	}{
		"flags as strings": {nil, appleid.Identity{Subject: "001", ClientID: app, Email: "001@privaterelay.appleid.com", EmailVerified: true, Authoritative: true, PrivateEmail: true}},
		"flags as booleans": {map[string]any{"email_verified": true, "is_private_email": false},
			appleid.Identity{Subject: "001", ClientID: app, Email: "001@privaterelay.appleid.com", EmailVerified: true, Authoritative: true}},
		"not verified": {map[string]any{"email_verified": "false", "is_private_email": nil},
			appleid.Identity{Subject: "001", ClientID: app, Email: "001@privaterelay.appleid.com"}},
		"no e-mail": {map[string]any{"email": nil, "email_verified": nil, "is_private_email": nil},
			appleid.Identity{Subject: "001", ClientID: app}},
		"for the service": {map[string]any{"aud": service, "email": nil, "email_verified": nil, "is_private_email": nil},
			appleid.Identity{Subject: "001", ClientID: service}},
	} {
		got, err := client.Verify(t.Context(), fake.IdentityToken("001", test.changes), "")
		if !got.IssuedAt.Equal(*now) {
			t.Errorf("%s: issued at %s", name, got.IssuedAt)
		}
		if got.IssuedAt = (time.Time{}); err != nil || got != test.want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestVerify_IsAuthoritativeForApplesOwnDomainsOnly(t *testing.T) {
	fake, client, _ := start(t)
	for address, want := range map[string]bool{
		"ada@icloud.com": true, "ada@me.com": true, "ada@mac.com": true, "Ada@iCloud.com": true,
		"x1@privaterelay.appleid.com": true, "x1@private.icloud.com": true,
		"ada@gmail.com": false, "ada@example.com": false, "ada@appleid.com": false, "ada@mail.icloud.com": false,
		"ada@icloud.com.example.com": false, "ada@noticloud.com": false, "icloud.com": false, "ada@evil.example@icloud.com": false,
	} {
		for _, verified := range []bool{true, false} {
			got, err := client.Verify(t.Context(), fake.IdentityToken("001", map[string]any{"email": address, "email_verified": verified}), "")
			if err != nil || got.Authoritative != (want && verified) {
				t.Errorf("%s, verified %v: authoritative %v, %v", address, verified, got.Authoritative, err)
			}
		}
	}
}

func TestVerify_WrongClaim_IsRefused(t *testing.T) {
	fake, client, now := start(t)
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for name, changes := range map[string]map[string]any{
		"another issuer":           {"iss": "https://appleid.apple.com.example"},
		"no issuer":                {"iss": nil},
		"another audience":         {"aud": "com.example.other"},
		"no audience":              {"aud": nil},
		"a second audience":        {"aud": []string{app, "com.example.other"}},
		"expired":                  {"exp": at(-31 * time.Second)},
		"no expiry":                {"exp": nil},
		"issued in the future":     {"iat": at(31 * time.Second)},
		"no time of issue":         {"iat": nil},
		"no subject":               {"sub": nil},
		"empty subject":            {"sub": ""},
		"an unreadable flag":       {"email_verified": "yes"},
		"not valid yet":            {"nbf": at(31 * time.Second)},
		"longer than any real one": {"padding": strings.Repeat("x", 16<<10)},
	} {
		if _, err := client.Verify(t.Context(), fake.IdentityToken("001", changes), ""); !errors.Is(err, appleid.ErrInvalidToken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, changes := range map[string]map[string]any{
		"expired within the leeway": {"exp": at(-29 * time.Second)},
		"issued within the leeway":  {"iat": at(29 * time.Second)},
	} {
		if _, err := client.Verify(t.Context(), fake.IdentityToken("001", changes), ""); err != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestVerify_Nonce_IsCheckedWhenGiven(t *testing.T) {
	fake, client, _ := start(t)
	with, without := fake.IdentityToken("001", map[string]any{"nonce": "n1"}), fake.IdentityToken("001", nil)
	for _, test := range []struct {
		token, nonce string
		good         bool
	}{{with, "n1", true}, {with, "n2", false}, {with, "", true}, {without, "n1", false}, {without, "", true}} {
		_, err := client.Verify(t.Context(), test.token, test.nonce)
		if (err == nil) != test.good || (!test.good && !errors.Is(err, appleid.ErrInvalidToken)) {
			t.Errorf("nonce %q: got %v", test.nonce, err)
		}
	}
}

func TestVerify_ForgedToken_IsRefused(t *testing.T) {
	fake, client, now := start(t)
	if _, err := client.Verify(t.Context(), fake.IdentityToken("001", nil), ""); err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{"iss": apple.Issuer, "aud": app, "sub": "001", "iat": now.Unix(), "exp": now.Unix() + 600}
	der, err := x509.MarshalPKIXPublicKey(fake.Public())
	if err != nil {
		t.Fatal(err)
	}
	other := fakes.NewSigner()
	sign := func(method jwt.SigningMethod, kid string, key any) string {
		token := jwt.NewWithClaims(method, claims)
		token.Header["kid"] = kid
		signed, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	good := fake.IdentityToken("001", nil)
	parts := strings.Split(good, ".")
	for name, token := range map[string]string{
		"alg none":                        sign(jwt.SigningMethodNone, fake.KeyID(), jwt.UnsafeAllowNoneSignatureType),
		"HMAC with the public key (PEM)":  sign(jwt.SigningMethodHS256, fake.KeyID(), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		"HMAC with the public key (DER)":  sign(jwt.SigningMethodHS256, fake.KeyID(), der),
		"a key of ours under Apple's kid": other.SignAs(fake.KeyID(), claims),
		"an unknown kid":                  other.Sign(claims),
		"the claims of another token":     parts[0] + "." + strings.Split(fake.IdentityToken("002", nil), ".")[1] + "." + parts[2],
		"no signature":                    parts[0] + "." + parts[1] + ".",
		"no token":                        "hello",
		"nothing":                         "",
	} {
		if _, err := client.Verify(t.Context(), token, ""); !errors.Is(err, appleid.ErrInvalidToken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestExchange_Code_IsSentOnce(t *testing.T) {
	fake, client, _ := start(t)
	code := fake.Code("001")
	tokens, err := client.Exchange(t.Context(), app, code)
	if err != nil || tokens.Identity.Subject != "001" || tokens.RefreshToken == "" || tokens.AccessToken == "" {
		t.Fatalf("got %v", err)
	}
	if _, err := client.Exchange(t.Context(), app, code); !errors.Is(err, appleid.ErrInvalidCode) {
		t.Errorf("a second time: %v", err)
	}
}

func TestExchange_ServiceFails_IsNotRepeated(t *testing.T) {
	fake, client, _ := start(t)
	fake.SetFor(1, fakes.ServerError)
	if _, err := client.Exchange(t.Context(), app, fake.Code("001")); !errors.Is(err, external.ErrUnavailable) || fake.Requests() != 1 {
		t.Errorf("got %v after %d requests", err, fake.Requests())
	}
}

func TestRevoke_ServiceFails_IsRepeated(t *testing.T) {
	fake, client, _ := start(t)
	fake.SetFor(1, fakes.ServerError)
	if err := client.Revoke(t.Context(), app, "r1"); err != nil {
		t.Fatal(err)
	}
	if got := fake.Revoked(); len(got) != 1 || got[0] != "r1" {
		t.Errorf("revoked %v", got)
	}
}

func TestExchange_TeamKeyRotated_FetchesNewKey(t *testing.T) {
	fake, client, _ := start(t)
	if err := client.Revoke(t.Context(), app, "r1"); err != nil {
		t.Fatal(err)
	}
	fake.RotateTeamKey()
	if err := client.Revoke(t.Context(), app, "r2"); err != nil {
		t.Errorf("after the rotation: %v", err)
	}
}

func TestExchange_ClientRejected_IsBackendError(t *testing.T) {
	fake, client, _ := start(t)
	if _, err := client.Exchange(t.Context(), "com.example.unknown", fake.Code("001")); !errors.Is(err, appleid.ErrRejected) {
		t.Errorf("got %v", err)
	}
}

func TestExchange_MalformedPrivateKey_IsNotPrinted(t *testing.T) {
	_, _, now := start(t)
	client, err := appleid.New(appleid.Config{
		BaseURL: "https://appleid.apple.com",
		Now:     func() time.Time { return *now },
		Credentials: func(context.Context) (appleid.Credentials, error) {
			return appleid.Credentials{PrivateKey: "hunter2"}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	err = client.Revoke(t.Context(), app, "r1")
	if err == nil || !strings.Contains(err.Error(), ".p8") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
