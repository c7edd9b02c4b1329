package statements

import (
	"regexp"
	"strings"

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

// printedSortCode matches a sort code behind its name.
var printedSortCode = regexp.MustCompile(`(?i)sort ?code:?\s+(\d\d-\d\d-\d\d)\b`)

// originOf returns the first sort code of a file and the headings of its table.
func originOf(pages []pdftext.Page, headings []heading) string {
	var origin []string
	for _, line := range pages[0].Lines {
		if found := printedSortCode.FindStringSubmatch(textOf(line.Words)); found != nil {
			origin = append(origin, found[1])
			break
		}
	}
	for _, h := range headings {
		origin = append(origin, h.text)
	}
	return strings.Join(origin, "\n")
}
