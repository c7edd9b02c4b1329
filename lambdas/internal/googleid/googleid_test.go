package googleid_test

import (
	"errors"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/googleid"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/google"
)

const (
	web     = "1-web.apps.googleusercontent.com"
	android = "1-android.apps.googleusercontent.com"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func start(t *testing.T) (*google.Fake, *googleid.Client) {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	fake := google.New(web)
	fake.Now = func() time.Time { return noon }
	client, err := googleid.New(googleid.Config{
		ClientIDs: []string{web}, AuthorizedParties: []string{android},
		BaseURL: fakes.Serve(t, fake.Handler()), Now: fake.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return fake, client
}

func TestVerify_IDToken_ReturnsIdentity(t *testing.T) {
	fake, client := start(t)
	want := googleid.Identity{Subject: "108", Email: "108@example.com", EmailVerified: true, GivenName: "Ada", FamilyName: "Lovelace"}
	for name, changes := range map[string]map[string]any{
		"as issued":                   nil,
		"the other spelling":          {"iss": "accounts.google.com"},
		"for the Android client":      {"azp": android},
		"without a party":             {"azp": nil},
		"of a hosted domain":          {"hd": "elsewhere.example"},
		"a verified flag as a string": {"email_verified": "true"},
	} {
		got, err := client.Verify(t.Context(), fake.IDToken("108", changes))
		if !got.IssuedAt.Equal(noon) {
			t.Errorf("%s: issued at %s", name, got.IssuedAt)
		}
		if got.IssuedAt = (time.Time{}); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	got, err := client.Verify(t.Context(), fake.IDToken("108", map[string]any{"email_verified": false}))
	if err != nil || got.EmailVerified {
		t.Errorf("an unverified address: %+v, %v", got, err)
	}
}

func TestVerify_IsAuthoritativeForHostedAddressesOnly(t *testing.T) {
	fake, client := start(t)
	for name, test := range map[string]struct {
		address  string
		verified bool
		hosted   any
		want     bool
	}{
		"Gmail":                             {"ada@gmail.com", true, nil, true},
		"Gmail in other case":               {"Ada@Gmail.com", true, nil, true},
		"hosted domain":                     {"ada@example.com", true, "example.com", true},
		"hosted domain in other case":       {"ada@Example.com", true, "example.com", true},
		"no hosted domain":                  {"ada@example.com", true, nil, false},
		"empty hosted domain":               {"ada@", true, "", false},
		"another hosted domain":             {"ada@example.com", true, "elsewhere.example", false},
		"subdomain":                         {"ada@mail.example.com", true, "example.com", false},
		"not verified, Gmail":               {"ada@gmail.com", false, nil, false},
		"not verified, hosted":              {"ada@example.com", false, "example.com", false},
		"Google Mail, which the page omits": {"ada@googlemail.com", true, nil, false},
		"Gmail in front":                    {"ada@gmail.com.example.com", true, nil, false},
		"Gmail behind another at sign":      {"ada@example.com@gmail.com", true, nil, false},
		"Gmail within quotes":               {`"ada@gmail.com"@example.com`, true, nil, false},
	} {
		changes := map[string]any{"email": test.address, "email_verified": test.verified, "hd": test.hosted}
		got, err := client.Verify(t.Context(), fake.IDToken("108", changes))
		if err != nil || got.Authoritative != test.want {
			t.Errorf("%s: authoritative %v, %v", name, got.Authoritative, err)
		}
	}
}

func TestVerify_WrongClaim_IsRefused(t *testing.T) {
	fake, client := start(t)
	for name, changes := range map[string]map[string]any{
		"another issuer":       {"iss": "https://accounts.google.com.example"},
		"another audience":     {"aud": "2-web.apps.googleusercontent.com"},
		"the party's audience": {"aud": android},
		"another party":        {"azp": "2-web.apps.googleusercontent.com"},
		"expired":              {"exp": noon.Add(-time.Minute).Unix()},
		"no expiry":            {"exp": nil},
		"no subject":           {"sub": nil},
	} {
		if _, err := client.Verify(t.Context(), fake.IDToken("108", changes)); !errors.Is(err, googleid.ErrInvalidToken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestVerify_ForgedToken_IsRefused(t *testing.T) {
	fake, client := start(t)
	claims := jwt.MapClaims{"iss": "accounts.google.com", "aud": web, "sub": "108", "iat": noon.Unix(), "exp": noon.Unix() + 60}
	unsigned := jwt.NewWithClaims(jwt.SigningMethodNone, claims)
	unsigned.Header["kid"] = fake.KeyID()
	none, err := unsigned.SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	confused := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	confused.Header["kid"] = fake.KeyID()
	hmac, err := confused.SignedString(fake.Public().N.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"alg none": none, "HMAC with the modulus": hmac, "another key": fakes.NewSigner().SignAs(fake.KeyID(), claims),
	} {
		if _, err := client.Verify(t.Context(), token); !errors.Is(err, googleid.ErrInvalidToken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestVerify_KeysUnavailable_ReturnsOtherError(t *testing.T) {
	fake, client := start(t)
	fake.Set(fakes.Garbage)
	_, err := client.Verify(t.Context(), fake.IDToken("108", nil))
	if !errors.Is(err, external.ErrInvalidResponse) || errors.Is(err, googleid.ErrInvalidToken) {
		t.Errorf("got %v", err)
	}
}
