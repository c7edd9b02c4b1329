package statements

import (
	"regexp"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
)

// printedAccount matches an account number behind its name, or the last digits of a card.
var printedAccount = regexp.MustCompile(`(?i)(?:account (?:no\.?|number):?|membership number|card number)\s+(?:[xX*]+[- ]?)*[xX*]*(\d{4,8})\b`)

// accountOf returns the first account number of a file.
func accountOf(pages []pdftext.Page) string {
	for _, line := range pages[0].Lines {
		if found := printedAccount.FindStringSubmatch(textOf(line.Words)); found != nil {
			return found[1]
		}
	}
	return ""
}
