package signinticket_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/signinticket"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

var (
	first  = strings.Repeat("first-secret-", 5)
	second = strings.Repeat("other-secret-", 5)
)

// vault is a Secrets Manager with a clock that tests move.
type vault struct {
	*awsfake.SecretsManager
	at time.Time
}

func newVault() *vault {
	v := &vault{at: time.Unix(1_800_000_000, 0)}
	v.SecretsManager = awsfake.NewSecretsManager(v.now)
	v.rotate(first)
	v.advance(time.Hour)
	return v
}

func (v *vault) now() time.Time          { return v.at }
func (v *vault) advance(d time.Duration) { v.at = v.at.Add(d) }
func (v *vault) rotate(secret string)    { v.Put("arn:jwt", `{"JWT_SECRET":"`+secret+`"}`) }

// environment is the tickets of an execution environment of its own.
func (v *vault) environment() *signinticket.Tickets {
	return signinticket.New(secretcache.New(v, map[*secrets.Secret]string{secrets.JWT: "arn:jwt"}, v.now), v.now)
}

const (
	user  = "apple_000123.abc"
	nonce = "JLKQW3ZC5XYT2M7A"
)

func issue(t *testing.T, tickets *signinticket.Tickets) string {
	t.Helper()
	ticket, err := tickets.Issue(t.Context(), user, nonce)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func TestCheck_OtherUserOrNonce_IsRefused(t *testing.T) {
	v := newVault()
	ticket := issue(t, v.environment())
	for name, test := range map[string]struct {
		user, nonce string
		good        bool
	}{
		"its own":                   {user, nonce, true},
		"another user":              {"apple_000124.abc", nonce, false},
		"the user in another case":  {strings.ToUpper(user), nonce, true},
		"the start of the name":     {user[:len(user)-1], nonce, false},
		"no user":                   {"", nonce, false},
		"another challenge":         {user, signinticket.NewNonce(), false},
		"the start of the nonce":    {user, nonce[:8], false},
		"a challenge without nonce": {user, "", false},
		"neither":                   {"", "", false},
		"the two exchanged":         {nonce, user, false},
	} {
		err := v.environment().Check(t.Context(), ticket, test.user, test.nonce)
		if (err == nil) != test.good || (!test.good && !errors.Is(err, signinticket.ErrInvalid)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestIssue_EmptyUserOrNonce_IsRefused(t *testing.T) {
	tickets := newVault().environment()
	for _, arguments := range [][2]string{{"", nonce}, {user, ""}} {
		if ticket, err := tickets.Issue(t.Context(), arguments[0], arguments[1]); err == nil || ticket != "" {
			t.Errorf("%v: got a ticket", arguments)
		}
	}
}

func TestCheck_ExpiredTicket_IsRefused(t *testing.T) {
	v := newVault()
	tickets := v.environment()
	ticket := issue(t, tickets)
	v.advance(signinticket.Lifetime - time.Second)
	if err := tickets.Check(t.Context(), ticket, user, nonce); err != nil {
		t.Errorf("within its life: %v", err)
	}
	v.advance(time.Second)
	if err := tickets.Check(t.Context(), ticket, user, nonce); !errors.Is(err, signinticket.ErrInvalid) {
		t.Errorf("at its end: %v", err)
	}
}

func TestNewNonce_IsRandom(t *testing.T) {
	if a, b := signinticket.NewNonce(), signinticket.NewNonce(); a == b || len(a) < 26 { // 26 of 32 letters are 130 bits
		t.Errorf("got %q and %q", a, b)
	}
}

// signed is a token of these claims, which are a ticket's but for the changes; a
// nil value removes the claim.
func signed(t *testing.T, v *vault, method jwt.SigningMethod, key any, changes map[string]any) string {
	t.Helper()
	made := jwt.MapClaims{
		"iss": "expenzez/sign-in", "aud": "expenzez/custom-challenge", "sub": user, "nonce": nonce,
		"iat": v.at.Unix(), "exp": v.at.Add(signinticket.Lifetime).Unix(),
	}
	maps.Copy(made, changes)
	maps.DeleteFunc(made, func(_ string, value any) bool { return value == nil })
	token, err := jwt.NewWithClaims(method, made).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestCheck_ForgedTicket_IsRefused(t *testing.T) {
	v := newVault()
	good := issue(t, v.environment())
	parts := strings.Split(good, ".")
	key, none := []byte(first), jwt.UnsafeAllowNoneSignatureType
	for name, ticket := range map[string]string{
		"alg none":                 signed(t, v, jwt.SigningMethodNone, none, nil),
		"alg none, our signature":  strings.Split(signed(t, v, jwt.SigningMethodNone, none, nil), ".")[0] + "." + parts[1] + "." + parts[2],
		"another HMAC":             signed(t, v, jwt.SigningMethodHS512, key, nil),
		"a wrong secret":           signed(t, v, jwt.SigningMethodHS256, []byte(second), nil),
		"the empty secret":         signed(t, v, jwt.SigningMethodHS256, []byte{}, nil),
		"another issuer":           signed(t, v, jwt.SigningMethodHS256, key, map[string]any{"iss": "expenzez"}),
		"no issuer":                signed(t, v, jwt.SigningMethodHS256, key, map[string]any{"iss": nil}),
		"another audience":         signed(t, v, jwt.SigningMethodHS256, key, map[string]any{"aud": "expenzez/password-reset"}),
		"an audience more":         signed(t, v, jwt.SigningMethodHS256, key, map[string]any{"aud": []string{"expenzez/custom-challenge", "x"}}),
		"no audience":              signed(t, v, jwt.SigningMethodHS256, key, map[string]any{"aud": nil}),
		"no end":                   signed(t, v, jwt.SigningMethodHS256, key, map[string]any{"exp": nil}),
		"no user":                  signed(t, v, jwt.SigningMethodHS256, key, map[string]any{"sub": nil}),
		"no nonce":                 signed(t, v, jwt.SigningMethodHS256, key, map[string]any{"nonce": nil}),
		"a nonce that is no text":  signed(t, v, jwt.SigningMethodHS256, key, map[string]any{"nonce": []string{nonce}}),
		"longer than any":          signed(t, v, jwt.SigningMethodHS256, key, map[string]any{"padding": strings.Repeat("x", 2048)}),
		"claims of another ticket": parts[0] + "." + strings.Split(signed(t, v, jwt.SigningMethodHS256, key, map[string]any{"exp": v.at.Add(time.Hour).Unix()}), ".")[1] + "." + parts[2],
		"no signature":             parts[0] + "." + parts[1] + ".",
		"a part missing":           parts[0] + "." + parts[1],
		"no token":                 "hello",
		"nothing":                  "",
	} {
		if err := v.environment().Check(t.Context(), ticket, user, nonce); !errors.Is(err, signinticket.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		} else if strings.Contains(err.Error(), first) || (ticket != "" && strings.Contains(err.Error(), ticket)) {
			t.Errorf("%s: the error shows too much: %v", name, err)
		}
	}
	if err := v.environment().Check(t.Context(), signed(t, v, jwt.SigningMethodHS256, key, nil), user, nonce); err != nil {
		t.Errorf("the same without a fault: %v", err)
	}
}

func TestCheck_EmptyUserOrNonce_IsRefused(t *testing.T) {
	v := newVault()
	for name, test := range map[string]struct {
		removed     map[string]any
		user, nonce string
	}{
		"a challenge without a nonce": {map[string]any{"nonce": nil}, user, ""},
		"nobody":                      {map[string]any{"sub": nil}, "", nonce},
	} {
		ticket := signed(t, v, jwt.SigningMethodHS256, []byte(first), test.removed)
		if err := v.environment().Check(t.Context(), ticket, test.user, test.nonce); !errors.Is(err, signinticket.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestCheck_SecretRotated_AcceptsOldTicket(t *testing.T) {
	v := newVault()
	old, slow := v.environment(), v.environment()
	issue(t, old) // reads the secret
	before := issue(t, slow)
	v.rotate(second)
	check := func(name, ticket string, by *signinticket.Tickets) {
		t.Helper()
		if err := by.Check(t.Context(), ticket, user, nonce); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	check("signed before, checked by who starts after", before, v.environment())
	v.advance(30 * time.Second)
	check("signed after, checked by who has not noticed", issue(t, v.environment()), old)
	v.advance(secretcache.TTL*8/10 - 30*time.Second)
	check("signed by who has not noticed, checked by who has", issue(t, slow), v.environment())
}

func TestCheck_PreviousSecret_EndsWithItsTickets(t *testing.T) {
	v := newVault()
	v.rotate(second)
	for after, good := range map[time.Duration]bool{
		signinticket.Lifetime: true,
		secretcache.TTL*11/10 + signinticket.Lifetime - time.Second: true,
		secretcache.TTL*11/10 + signinticket.Lifetime:               false,
		24 * time.Hour: false,
	} {
		v.at = time.Unix(1_800_000_000, 0).Add(time.Hour + after)
		ticket := signed(t, v, jwt.SigningMethodHS256, []byte(first), nil)
		if err := v.environment().Check(t.Context(), ticket, user, nonce); (err == nil) != good {
			t.Errorf("%s after the rotation: %v", after, err)
		}
	}
}

func TestCheck_ForgedTickets_ReadSecretRarely(t *testing.T) {
	v := newVault()
	tickets := v.environment()
	if err := tickets.Check(t.Context(), issue(t, tickets), user, nonce); err != nil {
		t.Fatal(err)
	}
	v.advance(secretcache.RejectedEvery)
	before := v.Calls()
	for range 50 {
		forged := signed(t, v, jwt.SigningMethodHS256, []byte(second), nil)
		if err := tickets.Check(t.Context(), forged, user, nonce); !errors.Is(err, signinticket.ErrInvalid) {
			t.Fatalf("got %v", err)
		}
	}
	if calls := v.Calls() - before; calls > 1 {
		t.Errorf("50 forged tickets cost %d calls", calls)
	}
}

func TestCheck_SecretUnavailable_IsNotErrInvalid(t *testing.T) {
	v := newVault()
	ticket := issue(t, v.environment())
	v.Fail(errors.New("Secrets Manager is down"))
	err := v.environment().Check(t.Context(), ticket, user, nonce)
	if err == nil || errors.Is(err, signinticket.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	if _, err := v.environment().Issue(t.Context(), user, nonce); err == nil {
		t.Error("a ticket was issued without a secret")
	}
}

func TestIssue_ShortSecret_IsRefused(t *testing.T) {
	v := newVault()
	v.rotate("short")
	if _, err := v.environment().Issue(t.Context(), user, nonce); err == nil || strings.Contains(err.Error(), `"short"`) {
		t.Errorf("got %v", err)
	}
	forged := signed(t, v, jwt.SigningMethodHS256, []byte("short"), nil)
	if err := v.environment().Check(t.Context(), forged, user, nonce); err == nil || errors.Is(err, signinticket.ErrInvalid) {
		t.Errorf("got %v", err)
	}
}
