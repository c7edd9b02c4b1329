package idtoken_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/idtoken"
	"github.com/expenzez/infrastructure/test/fakes"
)

const issuer, audience = "https://id.example", "app"

// provider is an identity provider, a verifier of its tokens, and their clock.
type provider struct {
	fakes.Faults
	*fakes.Signer
	verifier *idtoken.Verifier
	now      time.Time
}

func start(t *testing.T) *provider {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	p := &provider{Signer: fakes.NewSigner(), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	address := fakes.Serve(t, p.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fakes.WriteJSON(w, http.StatusOK, p.KeySet())
	})))
	p.verifier = verifierOf(t, address, func() time.Time { return p.now })
	return p
}

func verifierOf(t *testing.T, address string, now func() time.Time) *idtoken.Verifier {
	t.Helper()
	client, err := external.New(external.Service{Name: "id", BaseURL: address, Attempts: 1, MaxBytes: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	return idtoken.NewVerifier(idtoken.NewJWKS(client, now, "keys"), issuer)
}

// verify checks a new token by the signer.
func (p *provider) verify(t *testing.T, signer *fakes.Signer) error {
	t.Helper()
	_, err := p.verifier.Verify(t.Context(), signer.Sign(claims(p.now)), []string{audience})
	return err
}

func claims(now time.Time) map[string]any {
	return map[string]any{"iss": issuer, "aud": audience, "sub": "1", "iat": now.Unix(), "exp": now.Unix() + 60}
}

func TestJWKS_IsFetchedHourly(t *testing.T) {
	p := start(t)
	for _, step := range []struct {
		wait     time.Duration
		requests int
	}{{0, 1}, {0, 1}, {time.Hour - 1, 1}, {1, 2}, {time.Minute, 2}} {
		p.now = p.now.Add(step.wait)
		if err := p.verify(t, p.Signer); err != nil {
			t.Fatal(err)
		}
		if p.Requests() != step.requests {
			t.Errorf("at %s: %d requests, want %d", p.now.Format(time.TimeOnly), p.Requests(), step.requests)
		}
	}
}

func TestJWKS_RotatedKey_IsFetched(t *testing.T) {
	p := start(t)
	if err := p.verify(t, p.Signer); err != nil {
		t.Fatal(err)
	}
	p.Rotate()
	p.now = p.now.Add(time.Minute)
	if err := p.verify(t, p.Signer); err != nil || p.Requests() != 2 {
		t.Errorf("got %v after %d requests", err, p.Requests())
	}
}

func TestJWKS_UnknownKeys_FetchOncePerMinute(t *testing.T) {
	p := start(t)
	stranger := fakes.NewSigner()
	for _, step := range []struct {
		wait     time.Duration
		requests int
	}{{0, 1}, {time.Second, 1}, {58 * time.Second, 1}, {time.Second, 2}, {time.Second, 2}} {
		p.now = p.now.Add(step.wait)
		if err := p.verify(t, stranger); !errors.Is(err, idtoken.ErrInvalid) {
			t.Fatalf("got %v", err)
		}
		if p.Requests() != step.requests {
			t.Errorf("at %s: %d requests, want %d", p.now.Format(time.TimeOnly), p.Requests(), step.requests)
		}
	}
}

func TestJWKS_ProviderDown_UsesOldKeysForADay(t *testing.T) {
	p := start(t)
	if err := p.verify(t, p.Signer); err != nil {
		t.Fatal(err)
	}
	p.Set(fakes.ServerError)
	p.now = p.now.Add(24*time.Hour - 1)
	for range 3 {
		if err := p.verify(t, p.Signer); err != nil {
			t.Errorf("within a day: %v", err)
		}
	}
	if p.Requests() != 2 {
		t.Errorf("%d requests: the provider was asked more than once a minute", p.Requests())
	}
	p.now = p.now.Add(1)
	if err := p.verify(t, p.Signer); !errors.Is(err, external.ErrUnavailable) || errors.Is(err, idtoken.ErrInvalid) {
		t.Errorf("after a day: %v", err)
	}
}

func TestJWKS_ProviderDownUnknownKey_IsNotInvalidToken(t *testing.T) {
	p := start(t)
	if err := p.verify(t, p.Signer); err != nil {
		t.Fatal(err)
	}
	p.Set(fakes.ServerError)
	p.now = p.now.Add(time.Minute)
	if err := p.verify(t, fakes.NewSigner()); !errors.Is(err, external.ErrUnavailable) || errors.Is(err, idtoken.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

func TestJWKS_NoUsableKey_IsInvalidResponse(t *testing.T) {
	p := start(t)
	for name, body := range map[string]string{
		"empty":          `{"keys":[]}`,
		"not a set":      `{}`,
		"unknown type":   `{"keys":[{"kty":"XYZ","kid":"1","use":"sig"}]}`,
		"not to sign":    strings.Replace(p.keySet(t), `"use":"sig"`, `"use":"enc"`, 1),
		"another format": `[]`,
	} {
		external.ResetBreakers()
		p.publish(t, body)
		if err := p.verify(t, p.Signer); !errors.Is(err, external.ErrInvalidResponse) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestJWKS_UnknownKeyType_IsSkipped(t *testing.T) {
	p := start(t)
	p.publish(t, strings.Replace(p.keySet(t), `{"keys":[`, `{"keys":[{"kty":"XYZ","kid":"new","use":"sig"},`, 1))
	if err := p.verify(t, p.Signer); err != nil {
		t.Error(err)
	}
}

// keySet returns the provider's key set as JSON.
func (p *provider) keySet(t *testing.T) string {
	t.Helper()
	set, err := json.Marshal(p.KeySet())
	if err != nil {
		t.Fatal(err)
	}
	return string(set)
}

// publish makes a new verifier see this key set.
func (p *provider) publish(t *testing.T, set string) {
	t.Helper()
	address := fakes.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(set)) }))
	p.verifier = verifierOf(t, address, func() time.Time { return p.now })
}

func TestVerify_OtherAlgorithm_MakesNoRequest(t *testing.T) {
	p := start(t)
	const none = "eyJhbGciOiJub25lIiwia2lkIjoiMSJ9.eyJzdWIiOiIxIn0." // {"alg":"none","kid":"1"} {"sub":"1"}
	if _, err := p.verifier.Verify(t.Context(), none, []string{audience}); !errors.Is(err, idtoken.ErrInvalid) || p.Requests() != 0 {
		t.Errorf("got %v after %d requests", err, p.Requests())
	}
}

func TestVerify_NoAudience_IsRefused(t *testing.T) {
	p := start(t)
	if _, err := p.verifier.Verify(t.Context(), p.Sign(claims(p.now)), nil); err == nil {
		t.Error("a token was accepted without an audience")
	}
}
