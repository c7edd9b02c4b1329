package accounts

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// newIdentities returns identities whose puts are all sent twice.
func newIdentities(t *testing.T) *Identities {
	t.Helper()
	client, keys := repeating{dynamotest.Client(t)}, awsfake.NewKMS()
	return &Identities{
		items: store.New[tables.UserIdentity](client, dynamotest.Table(t, tables.UserIdentities), tables.UserIdentities),
		registrations: &Registrations{
			Emails: &Emails{
				items: store.New[tables.UserEmail](client, dynamotest.Table(t, tables.UserEmails), tables.UserEmails),
				index: blindindex.New(keys, "key"),
				now:   time.Now,
			},
			accounts: &Accounts{
				items: store.New[store.SealedItem](client, dynamotest.Table(t, tables.Users), tables.Users),
				users: fieldcrypt.NewSchema[tables.User](tables.Users),
				keys:  fieldcrypt.NewKeys(keys, "key", fieldcrypt.Options{}),
				now:   time.Now,
			},
		},
	}
}

// make makes an account for the identity "i", as far as the tables go.
func (s *Identities) make(t *testing.T, userID string) error {
	t.Helper()
	username, err := s.Begin(t.Context(), "i", "hash", "apple")
	if err != nil {
		return err
	}
	claim, err := s.registrations.Reclaim(t.Context(), "ada@example.com", username)
	if err != nil {
		return err
	}
	return s.Complete(t.Context(), Identity{ID: "i", Provider: "Apple"}, claim, tables.User{UserID: userID, Username: username, Email: "ada@example.com"})
}

func TestIdentities_BeginRepeated_ReturnsSameUsername(t *testing.T) {
	s := newIdentities(t)
	first, err := s.Begin(t.Context(), "i", "hash", "apple")
	if err != nil || !strings.HasPrefix(first, "apple-") || len(first) != len("apple-")+16 || strings.ToLower(first) != first {
		t.Fatalf("begun as %q, %v", first, err)
	}
	if again, err := s.Begin(t.Context(), "i", "hash", "apple"); err != nil || again != first {
		t.Errorf("begun again as %q, %v", again, err)
	}
	if _, found, err := s.Owner(t.Context(), "i"); err != nil || found {
		t.Errorf("it opens an account: %v, %v", found, err)
	}
	if other, err := s.Begin(t.Context(), "i", "hash of another address", "apple"); err != nil || other == first {
		t.Errorf("for another address begun as %q, %v", other, err)
	}
	if err := s.make(t, "user-1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Begin(t.Context(), "i", "hash", "apple"); !errors.Is(err, ErrIdentityTaken) {
		t.Errorf("begun after all: %v", err)
	}
	owner, found, err := s.Owner(t.Context(), "i")
	if err != nil || !found || owner.UserID != "user-1" {
		t.Errorf("it opens %+v, %v, %v", owner, found, err)
	}
	account, err := s.registrations.accounts.Get(t.Context(), "user-1")
	if err != nil || !slices.Equal(account.Identities, []string{"i"}) || account.Username != owner.Username {
		t.Errorf("the account has the identities %q, %v", account.Identities, err)
	}
}

func TestIdentities_ParallelCompletions_OneSucceeds(t *testing.T) {
	s := newIdentities(t)
	results := make([]error, 6)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = s.make(t, "user-1") })
	}
	all.Wait()
	made := 0
	for _, err := range results {
		switch {
		case err == nil:
			made++
		case !errors.Is(err, ErrIdentityTaken) && !errors.Is(err, ErrEmailTaken):
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d attempts succeeded", made)
	}
}

func TestReclaim_Repeated_ReturnsSameClaim(t *testing.T) {
	s := newIdentities(t)
	username, err := s.Begin(t.Context(), "i", "hash", "apple")
	if err != nil {
		t.Fatal(err)
	}
	first, err1 := s.registrations.Reclaim(t.Context(), "ada@example.com", username)
	again, err2 := s.registrations.Reclaim(t.Context(), "ada@example.com", username)
	if err1 != nil || err2 != nil || first != again {
		t.Fatalf("claimed again: %v, %v", err1, err2)
	}
	if err := s.Complete(t.Context(), Identity{ID: "i", Provider: "Apple"}, first, tables.User{UserID: "user-1", Username: username, Email: "ada@example.com"}); err != nil {
		t.Errorf("another attempt's claim keeps the first from its end: %v", err)
	}
}

func TestComplete_ClaimLost_Fails(t *testing.T) {
	s := newIdentities(t)
	username, err := s.Begin(t.Context(), "i", "hash", "apple")
	if err != nil {
		t.Fatal(err)
	}
	claim, err := s.registrations.Claim(t.Context(), "ada@example.com", "eve")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.registrations.Reclaim(t.Context(), "ada@example.com", username); !errors.Is(err, ErrEmailTaken) {
		t.Errorf("another user's claim was taken over: %v", err)
	}
	claim.id = username
	user := tables.User{UserID: "user-1", Username: username, Email: "ada@example.com"}
	if err := s.Complete(t.Context(), Identity{ID: "i", Provider: "Apple"}, claim, user); !errors.Is(err, ErrIdentityTaken) {
		t.Errorf("completed without the claim: %v", err)
	}
	if _, err := s.registrations.accounts.Get(t.Context(), "user-1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("half an account was made: %v", err)
	}
}

func TestLink_ExistingAccount_IsLinkedOnce(t *testing.T) {
	s := newIdentities(t)
	if err := s.make(t, "user-1"); err != nil {
		t.Fatal(err)
	}
	ada := Owner{UserID: "user-1", Username: "ada"}
	for _, authoritative := range []bool{false, true} { // the provider hosts the address by then
		if err := s.Link(t.Context(), Identity{ID: "g", Authoritative: authoritative}, ada); err != nil {
			t.Fatal(err)
		}
	}
	if item, err := s.items.Get(t.Context(), store.Key{"g"}, store.Consistent); err != nil || !item.Authoritative {
		t.Errorf("linked again as %+v, %v", item, err)
	}
	if err := s.Link(t.Context(), Identity{ID: "g"}, Owner{UserID: "user-1", Username: "eve"}); !errors.Is(err, ErrIdentityTaken) {
		t.Errorf("linked again: %v", err)
	}
	if err := s.Link(t.Context(), Identity{ID: "h"}, Owner{UserID: "user-2", Username: "bob"}); !errors.Is(err, ErrIdentityTaken) {
		t.Errorf("linked to an unknown user: %v", err)
	}
	if _, found, _ := s.Owner(t.Context(), "h"); found {
		t.Error("an identity opens an account that is not there")
	}
	if owner, found, err := s.Owner(t.Context(), "g"); err != nil || !found || owner != ada {
		t.Errorf("it opens %+v, %v, %v", owner, found, err)
	}
	account, err := s.registrations.accounts.Get(t.Context(), "user-1")
	slices.Sort(account.Identities)
	if err != nil || !slices.Equal(account.Identities, []string{"g", "i"}) {
		t.Errorf("the account has the identities %q, %v", account.Identities, err)
	}
	if err := s.Forget(t.Context(), "g", "user-2"); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := s.Owner(t.Context(), "g"); !found {
		t.Error("another user's identity was deleted")
	}
	if err := s.Forget(t.Context(), "g", "user-1"); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := s.Owner(t.Context(), "g"); found {
		t.Error("the identity is still there")
	}
}
