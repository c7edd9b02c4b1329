package accounts

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// broken has a text for each attribute of a user that breaks its rule.
func broken() map[string]string {
	long := strings.Repeat("a", 600)
	return map[string]string{
		"username": "a@b", "email": "nobody", "phone_number": "call me",
		"birthdate": time.Now().AddDate(-17, 0, 0).Format("01/02/2006"),
		"address":   long, "city": "<b>", "postcode": long, "country": "U\x00K",
		"name": long, "given_name": "A\nB", "family_name": "\u202e", "gender": "x",
		"occupation": "<script>", "company": long, "preferredCurrency": "DOUBLOON", "dataRetentionTextVersion": long,
	}
}

// Whatever path a text takes to the table of users, it is held to the rule of its
// field there.
func TestWrites_TextThatBreaksItsRule_AreRefused(t *testing.T) {
	client, table := dynamotest.Client(t), dynamotest.Table(t, tables.Users)
	s := &Accounts{
		items: store.New[store.SealedItem](client, table, tables.Users),
		users: fieldcrypt.NewSchema[tables.User](tables.Users),
		keys:  fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{}),
		now:   time.Now,
	}
	valid := tables.User{UserID: "user-1", Username: "ada", Email: "ada@example.com"}
	creation, err := s.creation(t.Context(), valid)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.items.Transact(t.Context(), creation); err != nil {
		t.Fatal(err)
	}
	for _, rule := range tables.UserRules() {
		text, known := broken()[rule.Attribute]
		if !known {
			t.Errorf("there is no text that breaks %s: %s", rule.Attribute, rule.Rule)
		}
		spoil := func(u *tables.User) { setText(u, rule.Attribute, text) }
		user := valid
		user.UserID = "user-2"
		spoil(&user)
		var problems validation.Problems
		if _, err := s.creation(t.Context(), user); !errors.As(err, &problems) || problems.Fields() != rule.Attribute {
			t.Errorf("an account is created with the %s %.40q: %v", rule.Attribute, text, err)
		}
		if _, err := s.Change(t.Context(), "user-1", spoil); !errors.As(err, &problems) || problems.Fields() != rule.Attribute {
			t.Errorf("an account is changed to the %s %.40q: %v", rule.Attribute, text, err)
		}
	}
	if user, err := s.Get(t.Context(), "user-1"); err != nil || user.Birthdate != "" || user.Username != "ada" {
		t.Errorf("the account was changed, %v", err)
	}
}

func setText(u *tables.User, attribute, text string) {
	typ := reflect.TypeFor[tables.User]()
	for i := range typ.NumField() {
		if name, _, _ := strings.Cut(typ.Field(i).Tag.Get("dynamodbav"), ","); name == attribute {
			reflect.ValueOf(u).Elem().Field(i).SetString(text)
		}
	}
}
