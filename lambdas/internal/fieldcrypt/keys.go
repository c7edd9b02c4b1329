package fieldcrypt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	dynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"golang.org/x/sync/singleflight"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The default limits of cached data keys.
const (
	DefaultMaxAge     = 5 * time.Minute
	DefaultMaxUses    = 1000
	DefaultMaxEntries = 500
)

// KeyAttribute is the attribute of an owner's item with the wrapped key.
const KeyAttribute = "dataKey"

// unwrapTimeout bounds a call of KMS that several requests may wait for, including
// the SDK's retries. KMS responds within milliseconds.
const unwrapTimeout = 5 * time.Second

// KMS is the part of the KMS client that data keys need.
type KMS interface {
	GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error)
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Owner identifies the owner of a key: the table that stores the wrapped key, and the
// user.
type Owner struct {
	Table *tables.Table
	User  string
}

func (o Owner) encryptionContext() map[string]string {
	return map[string]string{tables.DataKeyContext: o.Table.Name, "user": o.User}
}

// Options configure Keys. The zero value has the defaults.
type Options struct {
	// Previous are the ARNs of KMS keys that older data keys are still wrapped under.
	// Default: none. KMS's own rotation keeps the ARN, so it needs none.
	Previous []string
	// MaxAge is how long an unwrapped key is used before it is unwrapped again.
	// Default: DefaultMaxAge.
	MaxAge time.Duration
	// MaxUses is how often an unwrapped key is used before it is unwrapped again.
	// Default: DefaultMaxUses.
	MaxUses int
	// MaxEntries is how many owners' keys are cached. The least recently used key is
	// evicted first. Default: DefaultMaxEntries, under 1 MB.
	MaxEntries int
	// Now returns the time. Default: time.Now without its monotonic part, because the
	// monotonic clock stops while Lambda has the instance frozen.
	Now func() time.Time
}

// Keys makes, unwraps and caches data keys. It is safe for concurrent use.
type Keys struct {
	client KMS
	keyIDs []string // the current one first
	cache  *cache
	flight singleflight.Group
}

// NewKeys returns the data keys under the KMS key with this ARN.
func NewKeys(client KMS, keyID string, options Options) *Keys {
	now := options.Now
	if now == nil {
		now = func() time.Time { return time.Now().Round(0) }
	}
	return &Keys{
		client: client,
		keyIDs: append([]string{keyID}, options.Previous...),
		cache: &cache{
			maxAge:     cmp.Or(options.MaxAge, DefaultMaxAge),
			maxUses:    cmp.Or(options.MaxUses, DefaultMaxUses),
			maxEntries: cmp.Or(options.MaxEntries, DefaultMaxEntries),
			now:        now,
			entries:    map[Owner]*cacheEntry{},
		},
	}
}

// New makes a data key for the owner. It returns the errors of KMS.
func (k *Keys) New(ctx context.Context, owner Owner) (*DataKey, error) {
	out, err := k.client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId:             aws.String(k.keyIDs[0]),
		KeySpec:           types.DataKeySpecAes256,
		EncryptionContext: owner.encryptionContext(),
	})
	if err != nil {
		return nil, fmt.Errorf("generate data key: %w", err)
	}
	return newDataKey(out.Plaintext, out.CiphertextBlob)
}

// UnwrapFrom unwraps the owner's data key from the KeyAttribute of an item. It fails
// as Unwrap does, and when the item has no such key.
func (k *Keys) UnwrapFrom(ctx context.Context, owner Owner, item map[string]dynamodb.AttributeValue) (*DataKey, error) {
	wrapped, ok := item[KeyAttribute].(*dynamodb.AttributeValueMemberB)
	if !ok {
		return nil, fmt.Errorf("unwrap data key: the item of %s has no binary attribute %s: read the whole item", owner.Table.Name, KeyAttribute)
	}
	return k.Unwrap(ctx, owner, wrapped.Value)
}

// Unwrap returns a stored data key of the owner, from the cache or from KMS. Parallel
// requests for a key that is not cached share one call of KMS. Unwrap returns the
// errors of KMS, such as InvalidCiphertextException for a key of another owner, and
// the context's error.
func (k *Keys) Unwrap(ctx context.Context, owner Owner, wrapped []byte) (*DataKey, error) {
	if key := k.cache.get(owner, wrapped); key != nil {
		return key, nil
	}
	call := string(appendParts(nil, owner.Table.Name, owner.User, string(wrapped)))
	result := k.flight.DoChan(call, func() (any, error) {
		if key := k.cache.get(owner, wrapped); key != nil { // another call has just cached it
			return key, nil
		}
		// The other requests still wait when the first request gives up.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unwrapTimeout)
		defer cancel()
		seen := k.cache.forgotten()
		key, err := k.decrypt(ctx, owner, wrapped)
		if err == nil {
			k.cache.put(owner, key, seen)
		}
		return key, err
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("unwrap data key: %w", ctx.Err())
	case out := <-result:
		if out.Err != nil {
			return nil, out.Err
		}
		return out.Val.(*DataKey), nil
	}
}

// decrypt tries the current KMS key, and then the previous ones. It names the key,
// because KMS would otherwise use the key that the ciphertext names.
func (k *Keys) decrypt(ctx context.Context, owner Owner, wrapped []byte) (*DataKey, error) {
	var out *kms.DecryptOutput
	var err error
	for _, keyID := range k.keyIDs {
		out, err = k.client.Decrypt(ctx, &kms.DecryptInput{
			KeyId:             aws.String(keyID),
			CiphertextBlob:    wrapped,
			EncryptionContext: owner.encryptionContext(),
		})
		var other *types.IncorrectKeyException
		if !errors.As(err, &other) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("unwrap data key: %w", err)
	}
	return newDataKey(out.Plaintext, wrapped)
}

// Forget removes the owner's key and overwrites it. Requests that hold the key get
// ErrKeyForgotten. Call Forget when the owner's item has been deleted. Other
// instances may keep their key for MaxAge. docs/field-encryption.md has what stays
// readable, and for how long.
func (k *Keys) Forget(owner Owner) { k.cache.forget(owner) }
