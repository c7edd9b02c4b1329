package pseudonym

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
)

// label is the message from which KMS derives the key. It begins with a purpose and a
// colon, like every message under the lookup key. No other use has this purpose.
const label = "pseudonym:v1"

// Pseudonym replaces an identifier. Equal identifiers have equal pseudonyms. The type
// lets the compiler distinguish pseudonyms from identifiers.
type Pseudonym string

// Maker makes pseudonyms. It is safe for concurrent use.
type Maker struct {
	client blindindex.KMS
	keyID  string

	mu   sync.Mutex
	hash hash // nil before the first use
}

// hash computes pseudonyms under a key. The function captures the key, because fmt
// prints no captured variables.
type hash func(kind string, parts ...string) Pseudonym

// Open returns the maker for a function that declares the permission
// function.LookupKey.Allow(function.GenerateMac). All parts of a function share one
// maker, so the function calls KMS once: at its start if KMS then responds.
func Open(resources *function.Resources) *Maker {
	keyID := resources.Key(function.LookupKey)
	return function.Shared(resources, func() *Maker {
		maker := New(kms.NewFromConfig(resources.AWS), keyID)
		resources.Ahead(func(ctx context.Context) error { _, err := maker.derived(ctx); return err })
		return maker
	})
}

// New returns the maker whose key comes from the KMS HMAC_256 key with this ARN.
func New(client blindindex.KMS, keyID string) *Maker { return &Maker{client: client, keyID: keyID} }

// of returns the pseudonym of an identifier of a kind. The identifier may have
// several parts.
func (m *Maker) of(ctx context.Context, kind string, parts ...string) (Pseudonym, error) {
	hash, err := m.derived(ctx)
	if err != nil {
		return "", fmt.Errorf("pseudonym of %s: %w", kind, err)
	}
	return hash(kind, parts...), nil
}

// derived returns the hash under the key that KMS derives at first use. After an
// error, the next call tries again.
func (m *Maker) derived(ctx context.Context) (hash, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.hash != nil {
		return m.hash, nil
	}
	key, err := blindindex.DeriveKey(ctx, m.client, m.keyID, label)
	if err != nil {
		return nil, err
	}
	m.hash = under(key)
	return m.hash, nil
}

func under(key []byte) hash {
	return func(kind string, parts ...string) Pseudonym {
		mac := hmac.New(sha256.New, key)
		for _, part := range append([]string{kind}, parts...) {
			_ = binary.Write(mac, binary.BigEndian, uint32(len(part))) // a hash accepts every write
			mac.Write([]byte(part))
		}
		return Pseudonym(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
	}
}
