package fieldcrypt_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func ownerOf(user string) fieldcrypt.Owner { return fieldcrypt.Owner{Table: tables.Users, User: user} }

var ada = ownerOf("ada")

// countingKMS counts the keys it unwraps, and calls during, if set, meanwhile.
type countingKMS struct {
	*awsfake.KMS
	decrypts atomic.Int64
	during   func(context.Context)
}

func (k *countingKMS) Decrypt(ctx context.Context, in *kms.DecryptInput, options ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	k.decrypts.Add(1)
	if k.during != nil {
		k.during(ctx)
	}
	return k.KMS.Decrypt(ctx, in, options...)
}

func newCountingKMS() *countingKMS { return &countingKMS{KMS: awsfake.NewKMS()} }

func mustNew(t testing.TB, keys *fieldcrypt.Keys, owner fieldcrypt.Owner) *fieldcrypt.DataKey {
	t.Helper()
	key, err := keys.New(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func mustUnwrap(t testing.TB, keys *fieldcrypt.Keys, owner fieldcrypt.Owner, wrapped []byte) *fieldcrypt.DataKey {
	t.Helper()
	key, err := keys.Unwrap(t.Context(), owner, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestUnwrap_OtherOwner_Fails(t *testing.T) {
	keys := fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{})
	wrapped := mustNew(t, keys, ada).Wrapped
	mustUnwrap(t, keys, ada, wrapped) // so that the cache has it
	for _, other := range []fieldcrypt.Owner{ownerOf("bob"), {Table: tables.UserEmails, User: "ada"}} {
		var invalid *kmstypes.InvalidCiphertextException
		if _, err := keys.Unwrap(t.Context(), other, wrapped); !errors.As(err, &invalid) {
			t.Errorf("%s of %s: got %v", other.User, other.Table.Name, err)
		}
	}
}

func TestUnwrap_ParallelMisses_ShareOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newCountingKMS()
		client.during = func(context.Context) { time.Sleep(time.Second) } // in the bubble's time
		keys := fieldcrypt.NewKeys(client, "key", fieldcrypt.Options{})
		wrapped := mustNew(t, keys, ada).Wrapped
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if _, err := keys.Unwrap(t.Context(), ada, wrapped); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := client.decrypts.Load(); n != 1 {
			t.Errorf("KMS was asked %d times", n)
		}
	})
}

func TestUnwrap_FirstCallerGivesUp_OthersGetKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newCountingKMS()
		var given error
		client.during = func(ctx context.Context) {
			time.Sleep(time.Second)
			given = ctx.Err()
		}
		keys := fieldcrypt.NewKeys(client, "key", fieldcrypt.Options{})
		wrapped := mustNew(t, keys, ada).Wrapped
		hasty, cancel := context.WithCancel(t.Context())
		errs := make(chan error)
		go func() {
			_, err := keys.Unwrap(hasty, ada, wrapped)
			errs <- err
		}()
		synctest.Wait() // the call of KMS is under way
		patient := make(chan error)
		go func() {
			_, err := keys.Unwrap(t.Context(), ada, wrapped)
			patient <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("the hasty one got %v", err)
		}
		if err := <-patient; err != nil || given != nil {
			t.Errorf("the patient one got %v, and KMS's context ended with %v", err, given)
		}
	})
}

func TestUnwrap_KMSHangs_TimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newCountingKMS()
		client.during = func(ctx context.Context) {
			<-ctx.Done()
			client.Err = ctx.Err()
		}
		keys := fieldcrypt.NewKeys(client, "key", fieldcrypt.Options{})
		wrapped := mustNew(t, keys, ada).Wrapped
		if _, err := keys.Unwrap(t.Context(), ada, wrapped); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestForget_HeldKey_BecomesUnusable(t *testing.T) {
	client := newCountingKMS()
	keys := fieldcrypt.NewKeys(client, "key", fieldcrypt.Options{})
	wrapped := mustNew(t, keys, ada).Wrapped
	key := mustUnwrap(t, keys, ada, wrapped)
	item, err := users.Marshal(key, profile)
	if err != nil {
		t.Fatal(err)
	}
	keys.Forget(ada)
	_, marshalErr := users.Marshal(key, profile)
	_, unmarshalErr := users.Unmarshal(key, item)
	_, updateErr := users.Update(key, profile, profile)
	for name, err := range map[string]error{"marshal": marshalErr, "unmarshal": unmarshalErr, "update": updateErr} {
		if !errors.Is(err, fieldcrypt.ErrKeyForgotten) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	client.Err = errors.New("the item is gone")
	if _, err := keys.Unwrap(t.Context(), ada, wrapped); !errors.Is(err, client.Err) {
		t.Errorf("KMS was not asked: %v", err)
	}
}

func TestForget_DuringUnwrap_IsNotCached(t *testing.T) {
	client := newCountingKMS()
	keys := fieldcrypt.NewKeys(client, "key", fieldcrypt.Options{})
	client.during = func(context.Context) { keys.Forget(ada) }
	wrapped := mustNew(t, keys, ada).Wrapped
	mustUnwrap(t, keys, ada, wrapped)
	mustUnwrap(t, keys, ada, wrapped)
	if n := client.decrypts.Load(); n != 2 {
		t.Errorf("KMS was asked %d times", n)
	}
}

func TestKeys_ConcurrentUse_IsSafe(t *testing.T) {
	keys := fieldcrypt.NewKeys(newCountingKMS(), "key", fieldcrypt.Options{MaxEntries: 3, MaxUses: 2})
	var all sync.WaitGroup
	for i := range 8 {
		owner := ownerOf(fmt.Sprint(i % 4))
		wrapped := mustNew(t, keys, owner).Wrapped
		all.Go(func() {
			for range 50 {
				key, err := keys.Unwrap(t.Context(), owner, wrapped)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := users.Marshal(key, profile); err != nil && !errors.Is(err, fieldcrypt.ErrKeyForgotten) {
					t.Error(err)
				}
				if i == 0 {
					keys.Forget(owner)
				}
			}
		})
	}
	all.Wait()
}

func TestRewrap_ReplacedKMSKey_MovesDataKey(t *testing.T) {
	client := awsfake.NewKMS()
	old := fieldcrypt.NewKeys(client, "old", fieldcrypt.Options{})
	wrapped := mustNew(t, old, ada).Wrapped
	item, err := users.Marshal(mustUnwrap(t, old, ada, wrapped), profile)
	if err != nil {
		t.Fatal(err)
	}

	var incorrect *kmstypes.IncorrectKeyException
	if _, err := fieldcrypt.NewKeys(client, "new", fieldcrypt.Options{}).Unwrap(t.Context(), ada, wrapped); !errors.As(err, &incorrect) {
		t.Errorf("a key that is not named was used: %v", err)
	}
	both := fieldcrypt.NewKeys(client, "new", fieldcrypt.Options{Previous: []string{"older", "old"}})
	if _, err := users.Unmarshal(mustUnwrap(t, both, ada, wrapped), item); err != nil {
		t.Errorf("under the previous key: %v", err)
	}

	moved, err := fieldcrypt.Rewrap(t.Context(), client, ada, wrapped, "old", "new")
	if err != nil {
		t.Fatal(err)
	}
	key := mustUnwrap(t, fieldcrypt.NewKeys(client, "new", fieldcrypt.Options{}), ada, moved)
	if _, err := users.Unmarshal(key, item); err != nil {
		t.Errorf("after the move: %v", err)
	}
	if _, err := fieldcrypt.Rewrap(t.Context(), client, ada, moved, "old", "new"); !errors.As(err, &incorrect) {
		t.Errorf("moved twice: %v", err)
	}
	if _, err := fieldcrypt.Rewrap(t.Context(), client, ownerOf("bob"), wrapped, "old", "new"); err == nil {
		t.Error("ada's key was moved as bob's")
	}
}

func TestUnwrapFrom_ItemWithoutKey_Fails(t *testing.T) {
	keys := fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{})
	for _, item := range []map[string]types.AttributeValue{
		{}, {fieldcrypt.KeyAttribute: &types.AttributeValueMemberS{Value: "x"}},
	} {
		if key, err := keys.UnwrapFrom(t.Context(), ada, item); err == nil {
			t.Errorf("got %v", key)
		}
	}
}

func TestKeys_KMSFails_ReturnsItsError(t *testing.T) {
	client := awsfake.NewKMS()
	client.Err = &kmstypes.KMSInternalException{}
	keys := fieldcrypt.NewKeys(client, "key", fieldcrypt.Options{})
	_, newErr := keys.New(t.Context(), ada)
	_, unwrapErr := keys.Unwrap(t.Context(), ada, []byte("x"))
	_, rewrapErr := fieldcrypt.Rewrap(t.Context(), client, ada, []byte("x"), "old", "new")
	for name, err := range map[string]error{"new": newErr, "unwrap": unwrapErr, "rewrap": rewrapErr} {
		if !errors.Is(err, client.Err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
