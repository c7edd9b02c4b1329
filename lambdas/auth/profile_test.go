package auth

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var caller = function.Caller{UserID: "user-1"}

func TestAnUpdateChangesOnlyTheFieldsItNames(t *testing.T) {
	store := fakeAccounts{"user-1": ada()}
	store["user-1"].City = "London"
	var in profileUpdate
	if err := json.Unmarshal([]byte(`{"firstName":"Augusta","city":"","email":"other@example.com"}`), &in); err != nil {
		t.Fatal(err)
	}
	answer, err := (&profiles{store}).Update(context.Background(), caller, in)
	if err != nil {
		t.Fatal(err)
	}
	if p := answer.Profile; p.FirstName != "Augusta" || p.LastName != "Lovelace" || p.City != "" || p.Email != "ada@example.com" {
		t.Errorf("got %+v", p)
	}
	if store["user-1"].Name != "Augusta Lovelace" {
		t.Errorf("the full name is %q", store["user-1"].Name)
	}
}

func TestACallerWithoutAnAccountFindsNothing(t *testing.T) {
	p := &profiles{fakeAccounts{}}
	if _, err := p.Get(context.Background(), caller, function.Nothing{}); !errors.Is(err, apierror.NotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := p.Update(context.Background(), caller, profileUpdate{}); !errors.Is(err, apierror.NotFound) {
		t.Errorf("got %v", err)
	}
}

func TestProfileRules(t *testing.T) {
	checker := validation.New()
	for body, valid := range map[string]bool{
		`{}`: true,
		`{"phone":"","birthdate":"","gender":"","preferredCurrency":"","address":""}`: true,
		`{"birthdate":"1985-12-10","gender":"female","preferredCurrency":"EUR"}`:      true,
		`{"birthdate":"12/10/1985","phone":"020 7946 0000"}`:                          true,
		`{"birthdate":"yesterday"}`:                                                   false,
		`{"gender":"x"}`:                                                              false,
		`{"preferredCurrency":"DOUBLOON"}`:                                            false,
		`{"phone":"<script>"}`:                                                        false,
		`{"firstName":"A\u0000"}`:                                                     false,
	} {
		var in profileUpdate
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			t.Fatal(err)
		}
		if err := checker.Check(&in); (err == nil) != valid {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

func TestAnAccountIsStoredSealedAndOpensAgain(t *testing.T) {
	s := &accounts{
		items: store.New[store.Item](dynamotest.Client(t), dynamotest.Table(t, tables.Users), tables.Users),
		users: fieldcrypt.NewSchema[tables.User](tables.Users),
		keys:  fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{}),
		now:   time.Now,
	}
	before := ada()
	before.PhoneNumber, before.Birthdate, before.Address = "+442079460000", "12/10/1985", "12 St James's Square, London"
	creation, err := s.creation(t.Context(), *before)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.items.Transact(t.Context(), creation); err != nil {
		t.Fatal(err)
	}
	if err := s.items.Transact(t.Context(), creation); !store.HasFailed(err, 0) {
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
		t.Error("the account opened as somebody else's")
	}
	if changed, err := s.Change(t.Context(), before.UserID, func(u *tables.User) { u.City = "London" }); err != nil || changed.City != "London" {
		t.Errorf("the change failed: %v", err)
	}
	if signedIn, err := s.SignedIn(t.Context(), before.UserID); err != nil || signedIn.City != "London" || !signedIn.EmailVerified {
		t.Errorf("the sign-in failed: %v", err)
	}
	for _, missing := range []func(context.Context, string) (*tables.User, error){s.Get, s.SignedIn} {
		if _, err := missing(t.Context(), "user-2"); !errors.Is(err, errNoAccount) {
			t.Errorf("got %v", err)
		}
	}
}
