package fakes

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"sync"

	"github.com/golang-jwt/jwt/v5"
)

// Signer signs ID tokens as an identity provider does: RS256, with a key that is
// made when the signer is, and published as a JWK Set.
type Signer struct {
	mu   sync.Mutex
	keys []signingKey // the last one signs
}

type signingKey struct {
	id      string
	private *rsa.PrivateKey
}

// NewSigner returns a signer with one key.
func NewSigner() *Signer {
	s := &Signer{}
	s.Rotate()
	return s
}

// Rotate makes a new key sign. The keys before it stay published.
func (s *Signer) Rotate() {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = append(s.keys, signingKey{rand.Text()[:10], private})
}

// KeyID returns the id of the key that signs.
func (s *Signer) KeyID() string { return s.current().id }

// Public returns the public part of the key that signs.
func (s *Signer) Public() *rsa.PublicKey { return &s.current().private.PublicKey }

func (s *Signer) current() signingKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[len(s.keys)-1]
}

// Sign returns the claims as a signed token.
func (s *Signer) Sign(claims map[string]any) string { return s.SignAs(s.KeyID(), claims) }

// SignAs returns the claims as a token that names this key id, whichever key
// signs.
func (s *Signer) SignAs(keyID string, claims map[string]any) string {
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims))
	token.Header["kid"] = keyID
	signed, err := token.SignedString(s.current().private)
	if err != nil {
		panic(err)
	}
	return signed
}

// KeySet returns the published keys as a JWK Set.
func (s *Signer) KeySet() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := []map[string]string{}
	for _, key := range s.keys {
		keys = append(keys, map[string]string{
			"kty": "RSA", "kid": key.id, "use": "sig", "alg": "RS256",
			"n": base64.RawURLEncoding.EncodeToString(key.private.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.private.E)).Bytes()),
		})
	}
	return map[string]any{"keys": keys}
}
