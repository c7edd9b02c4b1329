package fieldcrypt_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var ada = fieldcrypt.Owner{Table: tables.Users, User: "ada"}

func mustKey(t *testing.T, keys *fieldcrypt.Keys, owner fieldcrypt.Owner) *fieldcrypt.DataKey {
	t.Helper()
	key, err := keys.New(context.Background(), owner)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAFieldOpensWithTheUnwrappedKey(t *testing.T) {
	keys := fieldcrypt.NewKeys(awsfake.NewKMS(), "key")
	key := mustKey(t, keys, ada)
	sealed := key.Seal("email", "ada@example.com")
	if bytes.Contains(sealed, []byte("ada")) {
		t.Fatal("the clear text is in the ciphertext")
	}
	again, err := keys.Unwrap(context.Background(), ada, key.Wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := again.Open("email", sealed); err != nil || text != "ada@example.com" {
		t.Errorf("opened %q, %v", text, err)
	}
}

func TestAKeyDoesNotUnwrapForAnotherOwner(t *testing.T) {
	keys := fieldcrypt.NewKeys(awsfake.NewKMS(), "key")
	wrapped := mustKey(t, keys, ada).Wrapped
	if _, err := keys.Unwrap(context.Background(), fieldcrypt.Owner{Table: tables.Users, User: "bob"}, wrapped); err == nil {
		t.Error("bob unwrapped ada's key")
	}
}

func TestAFieldMovedDamagedOrUnknownDoesNotOpen(t *testing.T) {
	keys := fieldcrypt.NewKeys(awsfake.NewKMS(), "key")
	key := mustKey(t, keys, ada)
	sealed := key.Seal("email", "ada@example.com")
	damaged := bytes.Clone(sealed)
	damaged[len(damaged)-1] ^= 1
	otherVersion := append(tables.Sealed{2}, sealed[1:]...)
	for name, try := range map[string]struct {
		field  string
		sealed tables.Sealed
	}{
		"another field":   {"address", sealed},
		"damaged":         {"email", damaged},
		"truncated":       {"email", sealed[:5]},
		"unknown version": {"email", otherVersion},
	} {
		if _, err := key.Open(try.field, try.sealed); !errors.Is(err, fieldcrypt.ErrCannotOpen) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTheSameTextSealsDifferentlyEachTime(t *testing.T) {
	key := mustKey(t, fieldcrypt.NewKeys(awsfake.NewKMS(), "key"), ada)
	if bytes.Equal(key.Seal("email", "x"), key.Seal("email", "x")) {
		t.Error("two sealings are equal: equality of fields leaks")
	}
}

func TestAnAbsentFieldStaysAbsent(t *testing.T) {
	key := mustKey(t, fieldcrypt.NewKeys(awsfake.NewKMS(), "key"), ada)
	if sealed := key.Seal("email", ""); sealed != nil {
		t.Errorf("the empty text sealed to %d bytes", len(sealed))
	}
	if text, err := key.Open("email", nil); text != "" || err != nil {
		t.Errorf("opened %q, %v", text, err)
	}
}
