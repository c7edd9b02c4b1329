package statementjob_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/statementjob"
)

// The codes are those of the files that the app reads.
func TestBankOf_BanksOfTheApp_HaveTheCodesOfTheirFiles(t *testing.T) {
	api, err := os.ReadFile("../../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`(?m)^ +- monzo\n(?: +- [a-z]+\n)+`).FindString(string(api))
	codes := strings.Fields(strings.ReplaceAll(list, "-", ""))
	if len(codes) < 10 {
		t.Fatalf("the API has the codes %q", codes)
	}
	for _, code := range codes {
		if got := statementjob.BankOf(strings.ToUpper(code) + " Bank"); got != code {
			t.Errorf("%s has the code %s", code, got)
		}
	}
}

func TestBankOf_Issuers_HaveTheirCodes(t *testing.T) {
	for issuer, want := range map[string]string{
		"HSBC credit card": "hsbc", "Lloyds Bank": "lloyds", "Halifax": "halifax", "Bank of Scotland": "generic", "American Express": "generic",
		"Barclaycard": "generic", "": "generic",
	} {
		if got := statementjob.BankOf(issuer); got != want {
			t.Errorf("%s: got %s, want %s", issuer, got, want)
		}
	}
}
