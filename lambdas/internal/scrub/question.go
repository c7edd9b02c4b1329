package scrub

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// patterns are what is personal by its form. Earlier ones win.
var patterns = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile(`(^|\s)@[\pL\pN_.-]+`), "${1}[name]"},
	{regexp.MustCompile(`(?i)[^\s@<>()"]+(?:\s?@\s?|\s?\(at\)\s?|\s?\[at\]\s)[^\s@<>()"]+`), "[email]"},
	{regexp.MustCompile(`(?i)\b[\w.+-]+\s+at\s+[\w-]+(?:\s+dot\s+\w+)+`), "[email]"},
	{regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+`), "[link]"},
	{regexp.MustCompile(`(?i)\b[a-z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[a-d]\b`), "[id]"},                               // National Insurance
	{regexp.MustCompile(`(?i)\b[a-z]{2}\d{2}\s?[a-z]{3}\b`), "[id]"},                                               // a vehicle
	{regexp.MustCompile(`(?i)\b[a-z]{2}\d{2}(?:[\s.-]?[a-z0-9]{4}){3,7}(?:[\s.-]?[a-z0-9]{1,3})?\b`), "[account]"}, // an IBAN
	{regexp.MustCompile(`\+\s?\d(?:` + groupGap + `\d){8,}`), "[phone]"},
	{regexp.MustCompile(`(?i)\b(?:[a-z]{1,2}\d[a-z\d]?[\s.-]*\d[a-z]{2})\b`), "[postcode]"},
	{regexp.MustCompile(`(?i)\b(?:flat|apartment|apt\.?|p\.?\s?o\.?\s?box)\s+(?:number\s+|no\.?\s*)?\d+\s?[a-z]?\b`), "[address]"},
}

// Question returns a question of a user without personal data. The person is the user.
func Question(text string, person tables.User) string {
	text = norm.NFKC.String(text)
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cc, r):
			return -1
		}
		return r
	}, text)
	text = asciiDigits(text)
	text = withoutOwn(text, person)
	for _, p := range patterns {
		text = p.pattern.ReplaceAllString(text, p.replacement)
	}
	text = host.ReplaceAllStringFunc(text, withoutHost)
	text = withoutStreets(text)
	text = reference.ReplaceAllStringFunc(text, withoutReference)
	return withoutNames(withoutNumbers(text))
}

// withoutOwn removes what the account says of the user, wherever it stands.
func withoutOwn(text string, person tables.User) string {
	all := []string{
		string(person.Address), person.Name, string(person.Email), string(person.PhoneNumber), person.Username,
		person.GivenName, person.FamilyName, string(person.Postcode), string(person.City), string(person.Birthdate),
		person.Company,
	}
	all = append(append(all, strings.Split(string(person.Address), ",")...), strings.Fields(person.Name)...)
	for _, own := range all {
		if own = strings.TrimSpace(own); len(own) > 1 {
			text = regexp.MustCompile(`(?i)(^|[^\pL\pN])`+regexp.QuoteMeta(own)+`($|[^\pL\pN])`).ReplaceAllString(text, "${1}[name]${2}")
		}
	}
	return text
}

// host is an address of the Web without its beginning.
var host = regexp.MustCompile(`(?i)\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|uk|org|net|io|me|app|dev|info|eu)\b(?:/\S*)?`)

func withoutHost(found string) string {
	if merchants.WellKnown(merchants.Fold(found)) == merchants.Fold(found) {
		return found
	}
	return "[link]"
}

var (
	// reference is a word with letters and digits, such as the number of a licence.
	reference = regexp.MustCompile(`[\pL\d]{6,}`)
	// quantity is a number with its unit.
	quantity = regexp.MustCompile(`(?i)^\d{1,7}(?:gbp|eur|usd|pounds?|quid|pence|euros?|dollars?|k|p|days?|weeks?|months?|years?|th)$`)
)

func withoutReference(found string) string {
	if digits := len(nonDigit.ReplaceAllString(found, "")); digits < 3 || digits == len(found) || quantity.MatchString(found) {
		return found
	}
	return "[id]"
}
