package profile

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var caller = function.Caller{UserID: "user-1"}

func TestUpdateProfile_SomeFields_ChangesOnlyThose(t *testing.T) {
	store := fakeAccounts{"user-1": ada()}
	store["user-1"].City = "London"
	var in updateProfileRequest
	if err := json.Unmarshal([]byte(`{"firstName":"Augusta","city":"","email":"other@example.com"}`), &in); err != nil {
		t.Fatal(err)
	}
	answer, err := newTestProfiles(store).Update(context.Background(), caller, in)
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

// What the edit screen sends is what the profile shows, field by field.
func TestUpdateProfile_Fields_AreReturnedAsAppReadsThem(t *testing.T) {
	const sent = `"address":"12 St James's Square, London","city":"London","postcode":"SW1Y 4LB","country":"UK",` +
		`"birthdate":"12/10/1985","gender":"female","occupation":"Analyst","company":"Engines","preferredCurrency":"EUR"`
	var in updateProfileRequest
	if err := json.Unmarshal([]byte(`{"firstName":"Ada","lastName":"King","phone":"020 7946 0000",`+sent+`}`), &in); err != nil {
		t.Fatal(err)
	}
	store := fakeAccounts{"user-1": ada()}
	if _, err := newTestProfiles(store).Update(t.Context(), caller, in); err != nil {
		t.Fatal(err)
	}
	answer, err := newTestProfiles(store).Get(t.Context(), caller, function.NoInput{})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"profile":{"firstName":"Ada","lastName":"King","email":"ada@example.com","phone":"020 7946 0000","phone_number":"020 7946 0000",` +
		sent + `,"subscriptionTier":"free","createdAt":"2023-11-14T22:13:20Z"}}`
	if text, err := json.Marshal(answer); err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestProfile_CallerWithoutAccount_IsNotFound(t *testing.T) {
	p := newTestProfiles(fakeAccounts{})
	if _, err := p.Get(context.Background(), caller, function.NoInput{}); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := p.Update(context.Background(), caller, updateProfileRequest{}); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestUpdateProfileRequest_Validation(t *testing.T) {
	checker := validation.New()
	for body, valid := range map[string]bool{
		`{}`: true,
		`{"phone":"","birthdate":"","gender":"","preferredCurrency":"","address":""}`: true,
		`{"birthdate":"1985-12-10","gender":"female","preferredCurrency":"EUR"}`:      true,
		`{"birthdate":"12/10/1985","phone":"020 7946 0000"}`:                          true,
		`{"birthdate":"yesterday"}`:                                                   false,
		`{"birthdate":"` + time.Now().AddDate(-17, 0, 0).Format(time.DateOnly) + `"}`: false,
		`{"gender":"x"}`:                   false,
		`{"preferredCurrency":"DOUBLOON"}`: false,
		`{"phone":"<script>"}`:             false,
		`{"firstName":"A\u0000"}`:          false,
	} {
		var in updateProfileRequest
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			t.Fatal(err)
		}
		if err := checker.Check(&in); (err == nil) != valid {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

func ada() *tables.User {
	return &tables.User{
		UserID: "user-1", Username: "ada", Email: "ada@example.com",
		Name: "Ada Lovelace", GivenName: "Ada", FamilyName: "Lovelace",
		SubscriptionTier: "free", CreatedAt: 1_700_000_000_000,
	}
}

// fakeAccounts keeps accounts by user id.
type fakeAccounts map[string]*tables.User

func (s fakeAccounts) Get(_ context.Context, userID string) (*tables.User, error) {
	if a, ok := s[userID]; ok {
		return a, nil
	}
	return nil, accounts.ErrNotFound
}

func (s fakeAccounts) Change(ctx context.Context, userID string, edit func(*tables.User)) (*tables.User, error) {
	a, err := s.Get(ctx, userID)
	if err == nil {
		edit(a)
	}
	return a, err
}
