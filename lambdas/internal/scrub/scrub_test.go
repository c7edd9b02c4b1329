package scrub_test

import (
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/scrub"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var ada = tables.User{
	Username: "ada.lovelace", Name: "Ada Lovelace", GivenName: "Ada", FamilyName: "Lovelace", Email: "ada@example.com",
	Address: "12 St James's Square, London", City: "Jedburgh", Postcode: "SW1Y 4JH", Company: "Analytical Engines",
}

func TestQuestion_PersonalData_IsTakenOut(t *testing.T) {
	checkQuestions(t, ada, map[string]string{
		"How much did I spend on food in October?":         "How much did I spend on food in October?",
		"Can I afford £1,250.50 for a holiday?":            "Can I afford £1,250.50 for a holiday?",
		"Do I spend more at Tesco than at Netflix?":        "Do I spend more at Tesco than at Netflix?",
		"Mail it to ada@example.com please":                "Mail it to [name] please",
		"Mail it to someone.else+tag@example.co.uk please": "Mail it to [email] please",
		"I am Ada Lovelace, ada.lovelace in the app":       "I am [name], [name] in the app",
		"I live at 12 High Street, SW1A 1AA":               "I live at [address], [postcode]",
		"my account is 12345678 and sort code 12-34-56":    "my account is [account] and sort code [account]",
		"pay GB29 NWBK 6016 1331 9268 19":                  "pay [account]",
		"card 4929 1234 5678 9012 was charged":             "card [account] was charged",
		"call 07700 900123 or +44 7700 900123":             "call [phone] or [phone]",
		"How much did I send to Margaret Hamilton?":        "How much did I send to [name]?",
		"how much did i send to margaret?":                 "how much did i send to [name]?",
		"How much did I send to Zbigniew?":                 "How much did I send to [name]?",
		"I owe Mr Babbage money":                           "I owe [name] money",
		"see https://example.com/me":                       "see [link]",
		"my number is ０７７００９００１２３":                         "my number is [phone]",
		"a\u200bda@example.com":                            "[name]",
		"my NI is QQ 12 34 56 C":                           "my NI is [id]",
		"John's gift":                                      "[name] gift",
		"I work at analytical engines":                     "I work at [name]",
	})
}

func TestMerchant_NamesThatMayBePeoples_StayHere(t *testing.T) {
	for text, want := range map[string]string{
		"CARD PAYMENT TO SQ *ACME COFFEE,3.20 GBP, RATE 1.00/GBP ON 02-07-2026": "acme coffee",
		"TESCO STORES 3127":               "tesco stores",
		"ZIZZI":                           "zizzi",
		"KOWALSKI HAIR":                   "hair", // what is done says the category
		"SHELL KOWALSKI":                  "shell",
		"THE RED LION PUB":                "the red lion pub",
		"NGUYEN":                          "",
		"OKONKWO":                         "",
		"KOWALSKI":                        "",
		"P KOWALSKI HAIR":                 "",
		"BLENKINSOP":                      "",
		"GREEN LEAF":                      "",
		"Доктор":                          "",
		"MARGARET HAMILTON":               "",
		"M SOMERVILLE":                    "",
		"SMITH":                           "",
		"MR J BROWN":                      "",
		"JOHN SMITH PLUMBING LTD":         "",
		"To A/C 12345678 Via Mobile Xfer": "",
		"ZBIGNIEW KOWALSKI":               "",
	} {
		name, ok := scrub.Merchant(text)
		if ok != (want != "") || ok && name != want {
			t.Errorf("%q became %q, %t", text, name, ok)
		}
	}
}

// checkQuestions fails the test unless the questions of a person leave as these texts.
func checkQuestions(t *testing.T, person tables.User, questions map[string]string) {
	t.Helper()
	for text, want := range questions {
		if got := scrub.Question(text, person); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
}
