package idtoken

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
)

const (
	// fresh is how long keys are used before they are fetched again. Google lets
	// clients cache its keys for hours; Apple states no time.
	fresh = time.Hour
	// usable is how long keys are used while the provider cannot be reached.
	usable = 24 * time.Hour
	// minRefetchInterval is the minimum time between two fetches once keys are
	// cached. Tokens with forged key ids therefore cost the provider one request a
	// minute.
	minRefetchInterval = time.Minute
)

// JWKS are the signing keys that a provider publishes. They are fetched at their
// first use, and live as long as the environment.
type JWKS struct {
	client *external.Client
	path   []string
	now    func() time.Time

	mu        sync.Mutex
	set       keySet
	fetched   time.Time // when set was received
	fetchedAt time.Time // when it was last requested
}

// NewJWKS returns the keys at a path below the client's base URL. now is the clock,
// time.Now outside tests. Its monotonic part is removed, because the monotonic clock
// stops while Lambda has the environment frozen.
func NewJWKS(client *external.Client, now func() time.Time, path ...string) *JWKS {
	return &JWKS{client: client, path: path, now: func() time.Time { return now().Round(0) }}
}

// unknownKeys is the error when the provider cannot be reached, which says nothing
// about the token.
type unknownKeys struct{ cause error }

func (e *unknownKeys) Error() string { return e.cause.Error() }

// find returns the key that a token names. It fetches the keys again for an unknown
// key, because providers rotate keys. It returns *unknownKeys when the provider
// cannot be reached, and another error when the token names no usable key.
func (k *JWKS) find(ctx context.Context, token *jwt.Token) (any, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.keep(ctx); err != nil {
		return nil, err
	}
	key, err := k.set.KeyfuncCtx(ctx)(token)
	if errors.Is(err, jwkset.ErrKeyNotFound) && k.mayFetch() {
		if err := k.fetch(ctx); err != nil {
			return nil, err
		}
		key, err = k.set.KeyfuncCtx(ctx)(token)
	}
	return key, err
}

// keep fetches the keys when they are missing or old. When that fails, it keeps old
// keys for a while.
func (k *JWKS) keep(ctx context.Context) error {
	age := k.now().Sub(k.fetched)
	switch {
	case k.set.Keyfunc == nil || age >= usable:
		return k.fetch(ctx)
	case age >= fresh && k.mayFetch():
		_ = k.fetch(ctx) // the cached keys are still usable
	}
	return nil
}

func (k *JWKS) mayFetch() bool { return k.now().Sub(k.fetchedAt) >= minRefetchInterval }

func (k *JWKS) fetch(ctx context.Context) error {
	k.fetchedAt = k.now()
	var set keySet
	if err := k.client.Call(ctx, external.Call{Path: k.path}, &set); err != nil {
		return &unknownKeys{err}
	}
	k.set, k.fetched = set, k.now()
	return nil
}

// keySet is a JWK Set (https://www.rfc-editor.org/rfc/rfc7517#section-5).
type keySet struct{ keyfunc.Keyfunc }

// UnmarshalJSON keeps the signing keys of known types, and fails when there are none.
func (s *keySet) UnmarshalJSON(text []byte) error {
	var published jwkset.JWKSMarshal
	if err := json.Unmarshal(text, &published); err != nil {
		return err
	}
	storage, count := jwkset.NewMemoryStorage(), 0
	for _, marshalled := range published.Keys {
		key, err := jwkset.NewJWKFromMarshal(marshalled, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil || marshalled.USE != jwkset.UseSig {
			continue
		}
		if err := storage.KeyWrite(context.Background(), key); err != nil {
			return err
		}
		count++
	}
	if count == 0 {
		return errors.New("the key set has no usable key")
	}
	var err error
	s.Keyfunc, err = keyfunc.New(keyfunc.Options{Storage: storage})
	return err
}
