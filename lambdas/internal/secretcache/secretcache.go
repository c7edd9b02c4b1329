package secretcache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

const (
	// TTL is how long a value is used before it is read again, plus or minus a tenth.
	TTL = 5 * time.Minute
	// MaxStale is how much longer a value is used while Secrets Manager cannot be
	// read. It is long enough for an outage, and short enough to end a revoked
	// secret.
	MaxStale = 4 * time.Hour
	// RejectedEvery is the minimum time between two reads of a secret for refused
	// values. A client that sends invalid signatures cannot cause more reads.
	RejectedEvery = 30 * time.Second

	// retryAfter is how long the cache waits after a failed refresh.
	retryAfter = 10 * time.Second
	// fetchTimeout is how long a request waits for a refresh while the cache has a
	// value.
	fetchTimeout = 2 * time.Second
)

const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// SecretsManager is the part of the Secrets Manager client that the cache needs.
type SecretsManager interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// Cache caches the secrets of one function. It is safe for concurrent use.
type Cache struct {
	client   SecretsManager
	now      func() time.Time
	versions map[*secrets.Secret]*versions
}

type versions struct{ current, previous version }

// Open returns a cache of these secrets, which the function must declare in its
// permissions. They are fetched at the function's start.
func Open(resources *function.Resources, declared ...*secrets.Secret) *Cache {
	c := OpenLazy(resources, declared...)
	resources.OnInit(c.Load)
	return c
}

// OpenLazy is Open for secrets that few requests need. Each secret is fetched at its
// first use, and the function starts without them.
func OpenLazy(resources *function.Resources, declared ...*secrets.Secret) *Cache {
	arns := make(map[*secrets.Secret]string, len(declared))
	for _, secret := range declared {
		arns[secret] = resources.Secret(secret)
	}
	return New(secretsmanager.NewFromConfig(resources.AWS), arns, wallClock)
}

// wallClock returns the time without its monotonic part, because the monotonic clock
// stops while Lambda has the environment frozen.
func wallClock() time.Time { return time.Now().Round(0) }

// New returns a cache of the secrets with these ARNs.
func New(client SecretsManager, arns map[*secrets.Secret]string, now func() time.Time) *Cache {
	c := &Cache{client: client, now: now, versions: make(map[*secrets.Secret]*versions, len(arns))}
	for secret, arn := range arns {
		c.versions[secret] = &versions{
			current:  version{cache: c, arn: arn, stage: current},
			previous: version{cache: c, arn: arn, stage: previous},
		}
	}
	return c
}

// Load fetches every secret in parallel. Its error names each secret that cannot be
// read or lacks a declared key.
func (c *Cache) Load(ctx context.Context) error {
	var mu sync.Mutex
	var failures []error
	var all sync.WaitGroup
	for secret := range c.versions {
		all.Go(func() {
			for _, name := range secret.Keys {
				if _, err := c.get(ctx, secret, name); err != nil {
					mu.Lock()
					defer mu.Unlock()
					failures = append(failures, err)
					return
				}
			}
		})
	}
	all.Wait()
	return errors.Join(failures...)
}

// Get returns a value. It returns an error when the secret cannot be read and is not
// cached, when the function did not open the secret, and when the secret lacks the
// key.
func (c *Cache) Get(ctx context.Context, key secrets.Key) (Value, error) {
	return c.get(ctx, key.Secret(), key.Name())
}

func (c *Cache) get(ctx context.Context, secret *secrets.Secret, name string) (Value, error) {
	held, opened := c.versions[secret]
	if !opened {
		return Value{}, fmt.Errorf("secret %s is not open: name it in secretcache.Open and in Permissions.Secrets", secret.Name)
	}
	values, err := held.current.fresh(ctx)
	if err != nil {
		return Value{}, fmt.Errorf("read secret %s: %w", secret.Name, err)
	}
	value, ok := values[name]
	if !ok || value.Reveal() == "" {
		return Value{}, fmt.Errorf("secret %s has no value for %s: put one with aws secretsmanager put-secret-value", secret.Name, name)
	}
	return value, nil
}

// Previous returns the value from before the last rotation, to verify signatures
// with, and false when there is none. within is the lifetime of what the value
// signed. When that time has passed since the rotation, Previous returns false.
func (c *Cache) Previous(ctx context.Context, key secrets.Key, within time.Duration) (Value, bool, error) {
	if _, err := c.Get(ctx, key); err != nil {
		return Value{}, false, err
	}
	held := c.versions[key.Secret()]
	id, rotated := held.current.creation()
	if !c.now().Before(rotated.Add(within)) {
		return Value{}, false, nil
	}
	values, err := held.previous.freshBeside(ctx, id)
	if errors.Is(err, errNoVersion) {
		return Value{}, false, nil
	}
	if err != nil {
		return Value{}, false, fmt.Errorf("read the previous version of secret %s: %w", key.Secret().Name, err)
	}
	value, ok := values[key.Name()]
	return value, ok, nil
}

// RefreshRejected handles a refused value: a provider responded 401 to it, or it does
// not verify a signature that should be valid. When the secret has a new value,
// RefreshRejected returns it and true, and the caller tries once more.
// RefreshRejected reads the secret at most once per RejectedEvery.
func (c *Cache) RefreshRejected(ctx context.Context, key secrets.Key, refused Value) (Value, bool) {
	held, opened := c.versions[key.Secret()]
	if !opened {
		return refused, false
	}
	held.current.rejected(ctx, key.Name(), refused)
	value, err := c.Get(ctx, key)
	if err != nil || value.Equal(refused.Reveal()) {
		return refused, false
	}
	return value, true
}

// Reader returns what reads a value for external.NewCredential: each call after the
// first means that the service rejected the value that the call before returned.
func (c *Cache) Reader(key secrets.Key) func(context.Context) (string, error) {
	var last Value
	return func(ctx context.Context) (string, error) {
		if last.Reveal() != "" {
			c.RefreshRejected(ctx, key, last)
		}
		value, err := c.Get(ctx, key)
		if err != nil {
			return "", err
		}
		last = value
		return value.Reveal(), nil
	}
}
