package e2e_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crypto/x509"
	"encoding/pem"

	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
)

// resetCode is the engine's confirmation code for a forgotten password.
const resetCode = "654321"

// revokedTokens revokes a token by a change of password and then sends it to every
// route.
func revokedTokens(t *testing.T) {
	lise := newUser(t, "lise")
	session := lise.signIn(t)
	token, _ := session.body["accessToken"].(string)
	call(t, "POST", "/auth/forgot-password", "", map[string]any{"username": "lise"}).is(t, http.StatusOK, "", "")
	call(t, "POST", "/auth/confirm-forgot-password", "", map[string]any{
		"username": "lise", "confirmationCode": resetCode, "newPassword": "Correct-horse-2",
	}).is(t, http.StatusOK, "", "")
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, route := range f.Routes {
				if route.Access != function.AccessSignedIn {
					continue
				}
				method, path, _ := strings.Cut(route.Key, " ")
				path = regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "x1")
				if got := call(t, method, path, token, map[string]any{}); got.status != http.StatusUnauthorized {
					t.Errorf("%s with a revoked token answered %d %s", route.Key, got.status, got.text)
				}
			}
		}
	}
	call(t, "POST", "/auth/refresh", "", map[string]any{"refreshToken": session.body["refreshToken"]}).is(t, http.StatusUnauthorized, "", "")
	lise.password = "Correct-horse-2"
	lise.signIn(t)
}

// forgedTokens forges tokens as an attacker can: unsigned, signed with the public key
// as an HMAC secret, and signed with the attacker's own key.
func forgedTokens(t *testing.T) {
	token, _ := newUser(t, "maria").signIn(t).body["accessToken"].(string)
	var claims jwt.MapClaims
	parsed, _, err := jwt.NewParser().ParseUnverified(token, &claims)
	if err != nil {
		t.Fatal(err)
	}
	forge := func(method jwt.SigningMethod, key any) string {
		forged := jwt.NewWithClaims(method, claims)
		forged.Header["kid"] = parsed.Header["kid"]
		text, err := forged.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	own, err := rsa.GenerateKey(nil, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, forged := range map[string]string{
		"alg=none":                   forge(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		"HS256 under the public key": forge(jwt.SigningMethodHS256, publicKey(t, fmt.Sprint(claims["iss"]), fmt.Sprint(parsed.Header["kid"]))),
		"another key":                forge(jwt.SigningMethodRS256, own),
		"the signature of another":   token[:strings.LastIndexByte(token, '.')] + "." + strings.Repeat("A", 342),
	} {
		if got, _ := send(t, "GET", "/profile", forged, nil); got.status != http.StatusUnauthorized {
			t.Errorf("%s answered %d %s", name, got.status, got.text)
		}
	}
}

// publicKey returns the pool's key that signed a token, as PEM.
func publicKey(t *testing.T, issuer, id string) []byte {
	t.Helper()
	response, err := httpClient.Get(stage.EngineURL() + issuer[strings.LastIndexByte(issuer, '/'):] + "/.well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var set struct{ Keys []struct{ Kid, N, E string } }
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil {
		t.Fatal(err)
	}
	for _, key := range set.Keys {
		if key.Kid != id {
			continue
		}
		n, err1 := base64.RawURLEncoding.DecodeString(key.N)
		e, err2 := base64.RawURLEncoding.DecodeString(key.E)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())})
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	}
	t.Fatalf("the pool has no key %s", id)
	return nil
}

var perRequest = regexp.MustCompile(`"(requestId|timestamp)":("[^"]*"|\d+)`)

// enumeration sends the same requests for a user with an account and for one without.
// Status and text must be the same. Where the backend sends a message, the time must be
// the same too: the response is delayed to the maximum sending time.
func enumeration(t *testing.T) {
	newUser(t, "chien")
	for _, try := range []struct {
		path           string
		known, unknown map[string]any
		slow           bool
	}{
		{"/auth/login", map[string]any{"username": "chien", "password": "wrong"}, map[string]any{"username": "chien2", "password": "wrong"}, false},
		{"/auth/login", map[string]any{"email": "chien@example.com", "password": "wrong"}, map[string]any{"email": "chien2@example.com", "password": "wrong"}, false},
		{"/auth/forgot-password", map[string]any{"username": "chien"}, map[string]any{"username": "chien2"}, true},
		{"/auth/forgot-password", map[string]any{"username": "chien@example.com"}, map[string]any{"username": "chien2@example.com"}, true},
		{"/auth/forgot-username", map[string]any{"email": "chien@example.com"}, map[string]any{"email": "chien2@example.com"}, true},
		{"/auth/resend-verification", map[string]any{"username": "chien"}, map[string]any{"username": "chien2"}, true},
		{"/auth/send-verification-email", map[string]any{"username": "chien"}, map[string]any{"username": "chien2"}, true},
		{
			"/auth/confirm-forgot-password", map[string]any{"username": "chien", "confirmationCode": "000000", "newPassword": "Correct-horse-2"},
			map[string]any{"username": "chien2", "confirmationCode": "000000", "newPassword": "Correct-horse-2"}, false,
		},
	} {
		var texts [2]string
		for i, body := range []map[string]any{try.known, try.unknown} {
			began := time.Now()
			got := call(t, "POST", try.path, "", body)
			if took := time.Since(began); try.slow && took < 2*time.Second {
				t.Errorf("%s %v was answered after %s", try.path, body, took)
			}
			texts[i] = fmt.Sprint(got.status, perRequest.ReplaceAllString(got.text, ""))
		}
		if texts[0] != texts[1] {
			t.Errorf("%s: a user with an account gets %s, a user without gets %s", try.path, texts[0], texts[1])
		}
	}
}

// lookalikes are addresses that a reader, or Unicode normalisation, takes for another
// user's address.
func lookalikes(t *testing.T) {
	kate := newUser(t, "kate")
	for name, address := range map[string]string{
		"the Kelvin sign for K":  "\u212aate@example.com",
		"full width":             "\uff4bate@example.com",
		"the domain in capitals": "kate@EXAMPLE.COM",
	} {
		taken := person{username: "kate.two", email: address, password: kate.password}
		if got := call(t, "POST", "/auth/register", "", taken.form()); got.status != http.StatusConflict && got.status != http.StatusBadRequest {
			t.Errorf("%s: registered with %d %s", name, got.status, got.text)
		}
	}
	// The Cyrillic а is a different letter, so this is a different address and finds no
	// account.
	other := call(t, "POST", "/auth/login", "", map[string]any{"email": "k\u0430te@example.com", "password": kate.password})
	other.is(t, http.StatusUnauthorized, "", "")
}

// malformed sends input that the app never sends. The backend refuses it with a 4xx and
// stores nothing.
func malformed(t *testing.T) {
	token, _ := newUser(t, "olga").signIn(t).body["accessToken"].(string)
	long := strings.Repeat("a", 10000)
	form := func(field string, value any) map[string]any {
		f := person{username: "olga.two", email: "olga.two@example.com", password: "Correct-horse-1"}.form()
		f[field] = value
		return f
	}
	for name, value := range map[string]any{
		"10,000 characters": long, "a NUL": "a\u0000b", "a line break": "a\r\nBcc: x@example.com", "markup": "<b>bold</b>",
		"another type": map[string]any{"$gt": ""}, "a list": []string{"a"}, "right to left": "a\u202egnp",
	} {
		for _, field := range []string{"username", "name", "email", "address", "phone_number"} {
			if got := call(t, "POST", "/auth/register", "", form(field, value)); got.status != http.StatusBadRequest {
				t.Errorf("%s in %s answered %d %s", name, field, got.status, got.text)
			}
		}
		if got := call(t, "PUT", "/profile", token, map[string]any{"city": value}); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s in a profile answered %d %s", name, got.status, got.text)
		}
	}
	// The body is decoded once, so the last value of a repeated key counts everywhere.
	twice := call(t, "PUT", "/profile", token, `{"city":"<b>","city":"London"}`)
	twice.is(t, http.StatusOK, "", "")
	if profile, _ := call(t, "GET", "/profile", token, nil).body["profile"].(map[string]any); profile["city"] != "London" {
		t.Errorf("the city is %v", profile["city"])
	}
}

// forgedAddresses spends the limit of one route like an attacker who guesses refresh
// tokens, with another forged address in each request. A user behind the same address
// can still renew.
func forgedAddresses(t *testing.T) {
	_, refreshToken := tokensOf(newUser(t, "lois.haibt").signIn(t))
	renew(t, refreshToken).is(t, http.StatusOK, "", "")
	var refused atomic.Int64
	var all sync.WaitGroup
	for worker := range 10 {
		all.Go(func() {
			for i := range 40 { // a minute's limit is 300 for all workers together
				if guessedFrom(t, fmt.Sprintf("203.0.113.%d", 10*i+worker)) == http.StatusTooManyRequests {
					refused.Add(1)
				}
			}
		})
	}
	all.Wait()
	if refused.Load() == 0 {
		t.Error("400 requests at once were served, over the limit of 300 a minute")
	}
	renew(t, refreshToken).is(t, http.StatusOK, "", "")
	call(t, "GET", "/health", "", nil).is(t, http.StatusOK, "", "")
}

// guessedFrom sends a guessed refresh token with a forged address and returns the
// status.
func guessedFrom(t *testing.T, address string) int {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, stage.URL()+"/auth/refresh", strings.NewReader(`{"refreshToken":"guess of `+address+`"}`))
	if err != nil {
		t.Error(err)
		return 0
	}
	request.Header.Set("Content-Type", "application/json")
	for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "True-Client-Ip", "Cloudfront-Viewer-Address"} {
		request.Header.Set(name, address)
	}
	response, err := httpClient.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	if err := client.CheckResponse(t.Context(), http.MethodPost, "/auth/refresh", response.StatusCode, response.Header, text); err != nil {
		t.Error(err)
	}
	if response.StatusCode == http.StatusTooManyRequests && (response.Header.Get("Retry-After") == "" || !strings.Contains(string(text), `"message":"`)) {
		t.Errorf("a refused request got %v %s", response.Header, text)
	}
	return response.StatusCode
}
