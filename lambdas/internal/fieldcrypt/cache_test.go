package fieldcrypt_test

import (
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
)

func TestKeys_CachedKey_NeedsNoKMSCall(t *testing.T) {
	client := newCountingKMS()
	keys := fieldcrypt.NewKeys(client, "key", fieldcrypt.Options{})
	wrapped := mustNew(t, keys, ada).Wrapped
	for range 10 {
		mustUnwrap(t, keys, ada, wrapped)
	}
	if n := client.decrypts.Load(); n != 1 {
		t.Errorf("KMS was asked %d times", n)
	}
}

func TestKeys_CacheLimitReached_UnwrapsAgain(t *testing.T) {
	for name, try := range map[string]struct {
		options fieldcrypt.Options
		between func(clock *time.Time)
		uses    int
		calls   int64
	}{
		"just under its age": {fieldcrypt.Options{MaxAge: time.Minute}, func(c *time.Time) { *c = c.Add(time.Minute - 1) }, 2, 1},
		"at its age":         {fieldcrypt.Options{MaxAge: time.Minute}, func(c *time.Time) { *c = c.Add(time.Minute) }, 2, 2},
		"a clock put back":   {fieldcrypt.Options{MaxAge: time.Minute}, func(c *time.Time) { *c = c.Add(-time.Second) }, 2, 2},
		"all its uses":       {fieldcrypt.Options{MaxUses: 3}, func(*time.Time) {}, 4, 1},
		"a use too many":     {fieldcrypt.Options{MaxUses: 3}, func(*time.Time) {}, 5, 2},
		"by default":         {fieldcrypt.Options{}, func(c *time.Time) { *c = c.Add(fieldcrypt.DefaultMaxAge) }, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			clock := time.Unix(0, 0)
			client := newCountingKMS()
			try.options.Now = func() time.Time { return clock }
			keys := fieldcrypt.NewKeys(client, "key", try.options)
			wrapped := mustNew(t, keys, ada).Wrapped
			for range try.uses {
				mustUnwrap(t, keys, ada, wrapped)
				try.between(&clock)
			}
			if n := client.decrypts.Load(); n != try.calls {
				t.Errorf("KMS was asked %d times, want %d", n, try.calls)
			}
		})
	}
}

func TestKeys_FullCache_EvictsLeastRecentlyUsed(t *testing.T) {
	client := newCountingKMS()
	keys := fieldcrypt.NewKeys(client, "key", fieldcrypt.Options{MaxEntries: 2})
	wrapped := map[string][]byte{}
	for _, user := range []string{"ada", "bob", "cleo"} {
		wrapped[user] = mustNew(t, keys, ownerOf(user)).Wrapped
	}
	for _, step := range []struct {
		user string
		asks bool
	}{{"ada", true}, {"bob", true}, {"ada", false}, {"cleo", true}, {"ada", false}, {"bob", true}} {
		before := client.decrypts.Load()
		mustUnwrap(t, keys, ownerOf(step.user), wrapped[step.user])
		if asked := client.decrypts.Load() != before; asked != step.asks {
			t.Errorf("%s: KMS asked: %v, want %v", step.user, asked, step.asks)
		}
	}
}

func TestKeys_StoredKeyChanged_IsUnwrapped(t *testing.T) {
	client := newCountingKMS()
	keys := fieldcrypt.NewKeys(client, "key", fieldcrypt.Options{})
	one, two := mustNew(t, keys, ada), mustNew(t, keys, ada)
	mustUnwrap(t, keys, ada, one.Wrapped)
	item, err := users.Marshal(two, profile)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := users.Unmarshal(mustUnwrap(t, keys, ada, two.Wrapped), item); err != nil {
		t.Error(err)
	}
}
