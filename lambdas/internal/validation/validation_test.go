package validation_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/validation"
)

type form struct {
	Username  string `json:"username" validate:"required,username"`
	GivenName string `json:"given_name" validate:"required,max=5,plaintext"`
	Email     string `json:"email" validate:"required,email"`
	Phone     string `json:"phone" validate:"omitempty,phone"`
	Birthdate string `json:"birthdate" validate:"omitempty,birthdate,adult"`
}

var checker = validation.New()

func valid() form {
	return form{Username: "ada.l", GivenName: "Ada", Email: "ada@example.com"}
}

func TestCheck_ValidForm_HasNoProblem(t *testing.T) {
	in := valid()
	in.Phone, in.Birthdate = "+44 20 7946 0000", "12/10/1985"
	if err := checker.Check(&in); err != nil {
		t.Error(err)
	}
}

func TestCheck_Problems_AreWorded(t *testing.T) {
	err := checker.Check(&form{Username: "a@b", GivenName: "too long", Email: "nobody"})
	var problems validation.Problems
	if !errors.As(err, &problems) || problems.Fields() != "username, given_name, email" {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"username needs 3 to 30", "given name may have at most 5", "email is not valid"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
}

func TestRules(t *testing.T) {
	child := time.Now().AddDate(-17, 0, 0).Format(time.DateOnly)
	future := time.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	for name, change := range map[string]func(*form){
		"username too short":     func(f *form) { f.Username = "ab" },
		"username with a space":  func(f *form) { f.Username = "ada l" },
		"username beyond ASCII":  func(f *form) { f.Username = "adа" + "lovelace" },
		"control character":      func(f *form) { f.GivenName = "A\x00" },
		"line break":             func(f *form) { f.GivenName = "A\nB" },
		"text that is turned":    func(f *form) { f.GivenName = "A\u202eB" },
		"text that is hidden":    func(f *form) { f.GivenName = "A\u200bB" },
		"a tag":                  func(f *form) { f.GivenName = "<b>" },
		"the end of a tag":       func(f *form) { f.GivenName = "</b" },
		"a comment":              func(f *form) { f.GivenName = "<!--" },
		"day that is not":        func(f *form) { f.Birthdate = "02/30/1990" },
		"day before month":       func(f *form) { f.Birthdate = "31/12/1990" },
		"birthdate to come":      func(f *form) { f.Birthdate = future },
		"before anybody living":  func(f *form) { f.Birthdate = "12/31/1899" },
		"younger than 18":        func(f *form) { f.Birthdate = child },
		"phone with letters":     func(f *form) { f.Phone = "call me" },
		"e-mail without a host":  func(f *form) { f.Email = "ada@" },
		"missing e-mail address": func(f *form) { f.Email = "" },
	} {
		in := valid()
		change(&in)
		if checker.Check(&in) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// A bound is told in what the value is counted in.
func TestCheck_BrokenBound_NamesUnit(t *testing.T) {
	type bounds struct {
		Text   string   `json:"text" validate:"min=2"`
		Texts  []string `json:"texts" validate:"max=1"`
		Few    []string `json:"few" validate:"min=1"`
		Limit  int      `json:"limit" validate:"max=100"`
		Amount float64  `json:"amount" validate:"min=1"`
	}
	err := checker.Check(&bounds{Text: "a", Texts: []string{"a", "b"}, Few: []string{}, Limit: 101})
	want := "The text needs at least 2 characters. The texts may have at most 1 entries. The few needs at least 1 entries. " +
		"The limit may be at most 100. The amount must be at least 1."
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestCheck_PIN_IsFiveASCIIDigits(t *testing.T) {
	type request struct {
		PIN string `json:"pin" validate:"pin"`
	}
	if err := checker.Check(&request{"00000"}); err != nil {
		t.Error(err)
	}
	for _, pin := range []string{"", "1234", "123456", "1234a", "+1234", "1234\n", "１２３４５", "12.34"} {
		if err := checker.Check(&request{pin}); err == nil || err.Error() != "A PIN is five digits." {
			t.Errorf("the PIN %q: %v", pin, err)
		}
	}
}

type place struct {
	DeviceID string `path:"deviceId" json:"-" validate:"required,deviceid"`
	Limit    int    `query:"limit" json:"-" validate:"max=100"`
}

func TestCheck_Parameter_HasItsPublicName(t *testing.T) {
	var problems validation.Problems
	if err := checker.Check(&place{DeviceID: "a/b", Limit: 101}); !errors.As(err, &problems) || problems.Fields() != "deviceId, limit" {
		t.Errorf("got %v", err)
	}
}

// A device's id stands in a path as it is.
func TestCheck_DeviceID_IsUnchangedInPath(t *testing.T) {
	for id, valid := range map[string]bool{
		"ios__1718000000000_k3j9x1":            true,
		"5B9F1A52-2F0E-4C9B-9D5E-1F6F1F8F0C11": true,
		"a.b~c-d_e":                            true,
		"x":                                    true,
		strings.Repeat("x", 128):               true,
		strings.Repeat("x", 129):               false,
		"":                                     false,
		".":                                    false,
		"..":                                   false,
		"../x":                                 false,
		"a/b":                                  false,
		"a%2Fb":                                false,
		"a b":                                  false,
		"a?b":                                  false,
		"a#b":                                  false,
		"a\nb":                                 false,
		"a\x00":                                false,
		"\u00e9":                               false,
	} {
		if err := checker.Check(&place{DeviceID: id}); (err == nil) != valid {
			t.Errorf("%q: got %v", id, err)
		}
	}
}

func TestPlainText_AnyLanguage_IsAccepted(t *testing.T) {
	for _, text := range []string{"O'Neil", "Zoë", "5 < 6", "I <3", "می\u200cرم", "👩\u200d🚀", "A & B", `"q"`} {
		in := valid()
		in.GivenName = text
		if err := checker.Check(&in); err != nil && !strings.Contains(err.Error(), "at most") {
			t.Errorf("%q: %v", text, err)
		}
	}
	var flag struct {
		Text string `json:"text" validate:"plaintext"`
	}
	flag.Text = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
	if err := checker.Check(&flag); err != nil {
		t.Errorf("the flag of England: %v", err)
	}
}

func TestParseBirthdate_BothForms_AreRead(t *testing.T) {
	for _, text := range []string{"12/31/1990", "1990-12-31"} {
		if date, ok := validation.ParseBirthdate(text); !ok || date.Format(time.DateOnly) != "1990-12-31" {
			t.Errorf("%s: got %v, %v", text, date, ok)
		}
	}
}
