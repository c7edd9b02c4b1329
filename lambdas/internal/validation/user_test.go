package validation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestUserRule_ChildsBirthdate_NamesBrokenRule(t *testing.T) {
	type request struct {
		Birthdate *string `json:"dateOfBirth" validate:"omitempty,user-birthdate"`
		City      string  `json:"town" validate:"user-city"`
	}
	child, empty, adult := time.Now().AddDate(-17, 0, 0).Format(time.DateOnly), "", "12/10/1985"
	if err := checker.Check(&request{Birthdate: &child}); err == nil || err.Error() != "You must be at least 18 years old." {
		t.Errorf("got %v", err)
	}
	long := strings.Repeat("a", 101)
	if err := checker.Check(&request{City: long}); err == nil || err.Error() != "The town may have at most 100 characters." {
		t.Errorf("got %v", err)
	}
	for _, birthdate := range []*string{nil, &empty, &adult} {
		if err := checker.Check(&request{Birthdate: birthdate}); err != nil {
			t.Error(err)
		}
	}
}

func TestCheckUser_UnchangedText_IsNotChecked(t *testing.T) {
	before := tables.User{Username: "ada", Birthdate: "12/31/1899"}
	after := before
	after.City = "London"
	if err := checker.CheckUser(&before, &after); err != nil {
		t.Error(err)
	}
	after.City = "<b>"
	if err := checker.CheckUser(&before, &after); err == nil || strings.Contains(err.Error(), "birthdate") {
		t.Errorf("got %v", err)
	}
}

func TestKeepUserText_InvalidText_IsLeftOut(t *testing.T) {
	for text, want := range map[string]string{"Ada": "Ada", "": "", "A\nB": "", "<b>": "", strings.Repeat("a", 101): ""} {
		if got := validation.New().KeepUserText("given_name", text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}
