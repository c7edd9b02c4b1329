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

// The limits of cached data keys, unless Options say otherwise.
const (
	DefaultMaxAge     = 5 * time.Minute
	DefaultMaxUses    = 1000
	DefaultMaxEntries = 500
)

// KeyAttribute is the attribute in which an owner's item has the wrapped key.
const KeyAttribute = "dataKey"

// unwrapTimeout bounds a call of KMS that several requests may be waiting for,
// the SDK's attempts included. KMS answers in milliseconds.
const unwrapTimeout = 5 * time.Second

// KMS is the part of the KMS client that data keys need.
type KMS interface {
	GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error)
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// Owner says whose data a key protects: the table that stores the wrapped key,
// and the user.
type Owner struct {
	Table *tables.Table
	User  string
}

func (o Owner) encryptionContext() map[string]string {
	return map[string]string{tables.DataKeyContext: o.Table.Name, "user": o.User}
}

// Options change how Keys behave. The zero value is the default.
type Options struct {
	// Previous are the ARNs of KMS keys under which older data keys are still
	// wrapped. Default: none. KMS's own rotation needs none: it keeps the ARN.
	Previous []string
	// MaxAge is how long an unwrapped key is used before KMS is asked again.
	// Default: DefaultMaxAge.
	MaxAge time.Duration
	// MaxUses is how often it is handed out before KMS is asked again. Default:
	// DefaultMaxUses.
	MaxUses int
	// MaxEntries is how many owners' keys are kept; beyond it the one used
	// longest ago goes. Default: DefaultMaxEntries, under 1 MB.
	MaxEntries int
	// Now tells the time. Default: time.Now without its monotonic part, which
	// stands still while Lambda has the instance frozen.
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

// UnwrapFrom opens the owner's data key that is stored in an item, in
// KeyAttribute. It fails as Unwrap does, and when the item has no such key.
func (k *Keys) UnwrapFrom(ctx context.Context, owner Owner, item map[string]dynamodb.AttributeValue) (*DataKey, error) {
	wrapped, ok := item[KeyAttribute].(*dynamodb.AttributeValueMemberB)
	if !ok {
		return nil, fmt.Errorf("unwrap data key: the item of %s has no binary attribute %s: read the whole item", owner.Table.Name, KeyAttribute)
	}
	return k.Unwrap(ctx, owner, wrapped.Value)
}

// Unwrap opens a stored data key of the owner, from the cache when it is there.
// Requests that miss it at the same time share one call of KMS. It returns the
// errors of KMS, among them InvalidCiphertextException when the key belongs to
// another owner, and the context's error when that ends first.
func (k *Keys) Unwrap(ctx context.Context, owner Owner, wrapped []byte) (*DataKey, error) {
	if key := k.cache.get(owner, wrapped); key != nil {
		return key, nil
	}
	call := string(appendParts(nil, owner.Table.Name, owner.User, string(wrapped)))
	result := k.flight.DoChan(call, func() (any, error) {
		if key := k.cache.get(owner, wrapped); key != nil { // another call has just put it there
			return key, nil
		}
		// The one who asked first must not take the others along when it gives up.
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

// decrypt tries the current key, then the previous ones. Naming the key keeps
// KMS from using whichever one the ciphertext asks for.
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

// Forget drops the owner's key and overwrites it, also for requests that hold
// it: they get ErrForgotten. Call it when the owner's item has been deleted.
// Other instances may keep theirs for MaxAge; docs/field-encryption.md says
// what stays readable, and for how long.
func (k *Keys) Forget(owner Owner) { k.cache.forget(owner) }
