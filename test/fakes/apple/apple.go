package apple

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/test/fakes"
)

// Issuer is the issuer of Apple's tokens and the audience of client secrets.
const Issuer = "https://appleid.apple.com"

// The developer account of the fake.
const (
	TeamID = "TEAM123456"
	KeyID  = "KEY1234567"
)

// Fake is Apple for one app. Its zero value is not usable; see New.
type Fake struct {
	fakes.Faults
	*fakes.Signer
	// Now is the clock of the tokens. Default: time.Now.
	Now func() time.Time

	clientID string
	teamKey  *ecdsa.PrivateKey
	mu       sync.Mutex
	codes    map[string]string // subject by code
	revoked  []string
}

// New returns an Apple that knows one app by its client id.
func New(clientID string) *Fake {
	f := &Fake{Signer: fakes.NewSigner(), Now: time.Now, clientID: clientID, codes: map[string]string{}}
	f.ErrorBody = func(int) string { return `{"error":"server_error"}` }
	f.RotateTeamKey()
	return f
}

// RotateTeamKey makes the developer's key another one: client secrets under the
// old one are rejected.
func (f *Fake) RotateTeamKey() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.teamKey = key
}

// PrivateKey returns the developer's key as Apple hands it out: PEM with PKCS #8.
func (f *Fake) PrivateKey() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	der, err := x509.MarshalPKCS8PrivateKey(f.teamKey)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// IdentityToken returns a token for the subject, with these claims changed; a
// nil value removes the claim.
func (f *Fake) IdentityToken(subject string, changes map[string]any) string {
	now := f.Now().Unix()
	claims := map[string]any{
		"iss": Issuer, "aud": f.clientID, "sub": subject, "iat": now, "exp": now + 600,
		"email": subject + "@privaterelay.appleid.com", "email_verified": "true", "is_private_email": "true",
		"auth_time": now, "nonce_supported": true,
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return f.Sign(claims)
}

// Code returns an authorization code that can be exchanged once.
func (f *Fake) Code(subject string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	code := "c" + rand.Text()
	f.codes[code] = subject
	return code
}

// Revoked returns the tokens that were revoked.
func (f *Fake) Revoked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.revoked)
}

// Handler returns Apple's endpoints.
func (f *Fake) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /auth/keys", func(w http.ResponseWriter, _ *http.Request) {
		fakes.WriteJSON(w, http.StatusOK, f.KeySet())
	})
	mux.HandleFunc("POST /auth/token", f.token)
	mux.HandleFunc("POST /auth/revoke", f.revoke)
	return f.Wrap(mux)
}

func (f *Fake) token(w http.ResponseWriter, r *http.Request) {
	if err := f.checkClient(r); err != nil {
		refuse(w, "invalid_client", err.Error())
		return
	}
	if r.PostFormValue("grant_type") != "authorization_code" {
		refuse(w, "unsupported_grant_type", "")
		return
	}
	f.mu.Lock()
	subject, known := f.codes[r.PostFormValue("code")]
	delete(f.codes, r.PostFormValue("code"))
	f.mu.Unlock()
	if !known {
		refuse(w, "invalid_grant", "The code has expired or has been revoked.")
		return
	}
	fakes.WriteJSON(w, http.StatusOK, map[string]any{
		"access_token": "a" + rand.Text(), "token_type": "Bearer", "expires_in": 3600,
		"refresh_token": "r" + rand.Text(), "id_token": f.IdentityToken(subject, nil),
	})
}

func (f *Fake) revoke(w http.ResponseWriter, r *http.Request) {
	if err := f.checkClient(r); err != nil {
		refuse(w, "invalid_client", err.Error())
		return
	}
	if token := r.PostFormValue("token"); token != "" && r.PostFormValue("token_type_hint") == "refresh_token" {
		f.mu.Lock()
		f.revoked = append(f.revoked, token)
		f.mu.Unlock()
	}
	w.WriteHeader(http.StatusOK)
}

// checkClient holds the client secret to Apple's rules
// (https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret).
func (f *Fake) checkClient(r *http.Request) error {
	clientID := r.PostFormValue("client_id")
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(TeamID), jwt.WithAudience(Issuer),
		jwt.WithSubject(clientID), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithTimeFunc(f.Now))
	token, err := parser.Parse(r.PostFormValue("client_secret"), func(*jwt.Token) (any, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		return &f.teamKey.PublicKey, nil
	})
	if err != nil {
		return err
	}
	if token.Header["kid"] != KeyID || clientID != f.clientID {
		return fmt.Errorf("unknown key %v or client %q", token.Header["kid"], clientID)
	}
	if expiry, _ := token.Claims.GetExpirationTime(); expiry.Sub(f.Now()) > 180*24*time.Hour {
		return fmt.Errorf("the client secret is valid for more than six months")
	}
	return nil
}

func refuse(w http.ResponseWriter, code, description string) {
	body := map[string]string{"error": code}
	if description != "" {
		body["error_description"] = description
	}
	fakes.WriteJSON(w, http.StatusBadRequest, body)
}
