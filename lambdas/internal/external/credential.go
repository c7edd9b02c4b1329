package external

import (
	"context"
	"fmt"
	"sync"
)

// Credential is a secret that a service asks for. It is fetched at its first use, and
// kept while the environment is warm. It is fetched again when the service rejects
// it, such as after a rotation.
type Credential[T any] struct {
	fetch func(context.Context) (T, error)

	mu    sync.Mutex
	known bool
	value T
}

// NewCredential returns a credential that fetch reads. fetch must not return a cached
// value, because it is called again exactly when its latest value no longer works.
func NewCredential[T any](fetch func(context.Context) (T, error)) *Credential[T] {
	return &Credential[T]{fetch: fetch}
}

// Use calls call with the credential. When rejected recognises the error, Use calls
// it once more with a fresh credential. It returns the error of the last call, or the
// error of fetch.
func (c *Credential[T]) Use(ctx context.Context, rejected func(error) bool, call func(T) error) error {
	value, err := c.get(ctx, false)
	if err != nil {
		return err
	}
	if err := call(value); err == nil || !rejected(err) {
		return err
	}
	if value, err = c.get(ctx, true); err != nil {
		return err
	}
	return call(value)
}

func (c *Credential[T]) get(ctx context.Context, fresh bool) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known && !fresh {
		return c.value, nil
	}
	value, err := c.fetch(ctx)
	if err != nil {
		return value, fmt.Errorf("fetch credential: %w", err)
	}
	c.value, c.known = value, true
	return value, nil
}
