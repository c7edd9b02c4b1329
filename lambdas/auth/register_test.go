package auth

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// fakeRegistrations remembers what became of a claim.
type fakeRegistrations struct {
	claimErr, completeErr error
	released              bool
	completed             *tables.User
}

func (s *fakeRegistrations) Claim(context.Context, string, string) (accounts.EmailClaim, error) {
	return accounts.EmailClaim{}, s.claimErr
}
func (s *fakeRegistrations) Release(context.Context, accounts.EmailClaim) error {
	s.released = true
	return nil
}
func (s *fakeRegistrations) Complete(_ context.Context, _ accounts.EmailClaim, user tables.User) error {
	s.completed = &user
	return s.completeErr
}

func form() registerRequest {
	consent := false
	return registerRequest{
		Username: "ada", Name: "Ada Lovelace", GivenName: "Ada", FamilyName: "Lovelace",
		Email: "ada@example.com", Password: "Correct-horse1", Birthdate: "12/10/1985",
		PhoneNumber: "+442079460000", MarketingConsent: &consent,
	}
}

func registerWith(store *fakeRegistrations, signUpErr error) (registerResponse, error) {
	r := &register{
		pool:  &fakePool{signUp: func(string, string, string) (string, error) { return "user-1", signUpErr }},
		store: store, events: &fakeEvents{}, now: time.Now,
	}
	return r.Register(context.Background(), form())
}

func TestRegister_StoresAccountUnderItsClaim(t *testing.T) {
	store := &fakeRegistrations{}
	answer, err := registerWith(store, nil)
	if err != nil || answer.CognitoUserSub != "user-1" {
		t.Fatalf("got %+v, %v", answer, err)
	}
	if a := store.completed; a == nil || a.UserID != "user-1" || a.Email != "ada@example.com" || a.SubscriptionTier != "free" {
		t.Errorf("stored %+v", a)
	}
	if store.released {
		t.Error("the claim was released")
	}
}

func TestRegister_TakenAddress_ConflictsBeforeSignUp(t *testing.T) {
	_, err := registerWith(&fakeRegistrations{claimErr: accounts.ErrEmailTaken}, errors.New("Cognito was asked"))
	if !errors.Is(err, errEmailExists) {
		t.Errorf("got %v", err)
	}
}

func TestRegister_RefusedSignUp_ReleasesAddress(t *testing.T) {
	store := &fakeRegistrations{}
	_, err := registerWith(store, userpool.ErrUsernameTaken)
	if !errors.Is(err, userpool.ErrUsernameTaken) || !store.released || store.completed != nil {
		t.Errorf("got %v, released %v, stored %v", err, store.released, store.completed)
	}
}

func TestRegisterRequest_InvalidField_IsRefused(t *testing.T) {
	checker := validation.New()
	in := form()
	if err := checker.Check(&in); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*registerRequest){
		"no consent given or refused": func(r *registerRequest) { r.MarketingConsent = nil },
		"an address as username":      func(r *registerRequest) { r.Username = "ada@example.com" },
		"a phone number not in E.164": func(r *registerRequest) { r.PhoneNumber = "020 7946 0000" },
		"a child":                     func(r *registerRequest) { r.Birthdate = time.Now().AddDate(-10, 0, 0).Format("01/02/2006") },
		"an unknown gender":           func(r *registerRequest) { r.Gender = "x" },
		"no password":                 func(r *registerRequest) { r.Password = "" },
	} {
		in := form()
		change(&in)
		if checker.Check(&in) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
