package accounts

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestAccounts_StoredAccount_IsSealedAndReadable(t *testing.T) {
	client, table := dynamotest.Client(t), dynamotest.Table(t, tables.Users)
	s := &Accounts{
		items: store.New[store.SealedItem](client, table, tables.Users),
		users: fieldcrypt.NewSchema[tables.User](tables.Users),
		keys:  fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{}),
		now:   time.Now,
	}
	before := &tables.User{
		UserID: "user-1", Username: "ada", Email: "ada@example.com",
		Name: "Ada Lovelace", GivenName: "Ada", FamilyName: "Lovelace",
		CreatedAt: 1_700_000_000_123,
	}
	before.PhoneNumber, before.Birthdate, before.Address = "+442079460000", "12/10/1985", "12 St James's Square, London"
	creation, err := s.creation(t.Context(), *before)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.items.Transact(t.Context(), creation); err != nil {
		t.Fatal(err)
	}
	if err := s.items.Transact(t.Context(), creation); !store.ConditionFailedAt(err, 0) {
		t.Errorf("the account is stored over another: %v", err)
	}
	opened, err := s.Get(t.Context(), before.UserID)
	if err != nil {
		t.Fatal(err)
	}
	before.DataKey = opened.DataKey
	if !reflect.DeepEqual(opened, before) {
		t.Error("the account that was opened is not the one that was stored")
	}
	item, err := s.items.Get(t.Context(), store.Key{before.UserID}, store.Consistent)
	if err != nil {
		t.Fatal(err)
	}
	if _, sealed := (*item)["address"].(*types.AttributeValueMemberB); !sealed {
		t.Errorf("the address is stored as %T", (*item)["address"])
	}
	if _, _, err := s.decode(t.Context(), "user-2", *item); err == nil {
		t.Error("the account opened as another user's")
	}
	if changed, err := s.Change(t.Context(), before.UserID, func(u *tables.User) { u.City = "London" }); err != nil || changed.City != "London" {
		t.Errorf("the change failed: %v", err)
	}
	if signedIn, err := s.SignedIn(t.Context(), before.UserID); err != nil || signedIn.City != "London" || !signedIn.EmailVerified {
		t.Errorf("the sign-in failed: %v", err)
	}
	sealed, dataKey, err := s.WithKey(t.Context(), before.UserID)
	if err != nil || sealed.Email != before.Email || string(dataKey.Wrapped) != string(before.DataKey) {
		t.Errorf("the account and its key are not found: %v", err)
	}
	consents := &Consents{items: store.New[consenting](client, table, tables.Users)}
	for _, given := range []bool{false, true} {
		if _, err := s.Change(t.Context(), before.UserID, func(u *tables.User) { u.DataRetentionConsent = given }); err != nil {
			t.Fatal(err)
		}
		if got, err := consents.HasConsented(t.Context(), before.UserID); err != nil || got != given {
			t.Errorf("consented is %v, not %v, %v", got, given, err)
		}
	}
	if got, err := consents.HasConsented(t.Context(), "user-2"); err != nil || got {
		t.Errorf("a user without an account has consented: %v, %v", got, err)
	}
	existence := &Lookup{items: store.New[existing](client, table, tables.Users)}
	for userID, want := range map[string]bool{before.UserID: true, "user-2": false} {
		since, exists, err := existence.CreatedAt(t.Context(), userID)
		if err != nil || exists != want || exists && since.UnixMilli() != before.CreatedAt {
			t.Errorf("that %s has an account is %v, since %v, %v", userID, exists, since, err)
		}
	}
	for _, missing := range []func(context.Context, string) (*tables.User, error){s.Get, s.SignedIn} {
		if _, err := missing(t.Context(), "user-2"); !errors.Is(err, ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
}
