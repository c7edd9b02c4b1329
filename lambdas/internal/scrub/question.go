package scrub

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// patterns are what is personal by its form. Earlier ones win.
var patterns = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile(`(?i)[^\s@<>()"]+(?:@|\s?\(at\)\s?|\s\[at\]\s)[^\s@<>()"]+`), "[email]"},
	{regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+`), "[link]"},
	{regexp.MustCompile(`(?i)\b[a-z]{2}\d{2}(?:\s?[a-z0-9]{4}){3,7}(?:\s?[a-z0-9]{1,3})?\b`), "[account]"},
	{regexp.MustCompile(`(?:\+|00)\d[\d\s().-]{7,}\d`), "[phone]"},
	{regexp.MustCompile(`\b\d{2}[-–. ]\d{2}[-–. ]\d{2}\b`), "[account]"},
	{regexp.MustCompile(`\b(?:\d[ -]?){11,18}\d\b`), "[account]"},
	{regexp.MustCompile(`\b0\d{2,4}[\s-]?\d{3,4}[\s-]?\d{3,4}\b`), "[phone]"},
	{regexp.MustCompile(`\b\d{6,}\b`), "[account]"},
	{regexp.MustCompile(`(?i)\b(?:[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2})\b`), "[postcode]"},
	{regexp.MustCompile(`(?i)\b(?:[a-z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[a-d])\b`), "[id]"},
	{regexp.MustCompile(`(?i)\b\d+[a-z]?,?\s+(?:[a-z'’-]+\s+){1,3}(?:street|st|road|rd|lane|ln|avenue|ave|close|drive|court|crescent|gardens|terrace|place|square|way|hill|mews)\b`), "[address]"},
}

// Question returns a question of a user without personal data. The person is the user.
func Question(text string, person tables.User) string {
	text = norm.NFKC.String(text)
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) && r != '\n' {
			return -1
		}
		return r
	}, text)
	text = withoutOwn(text, person)
	for _, p := range patterns {
		text = p.pattern.ReplaceAllString(text, p.replacement)
	}
	return withoutNames(text)
}

// withoutOwn removes what the account says of the user, wherever it stands.
func withoutOwn(text string, person tables.User) string {
	for _, own := range []string{
		string(person.Address), person.Name, string(person.Email), string(person.PhoneNumber), person.Username, person.GivenName, person.FamilyName,
		string(person.Postcode), string(person.City), string(person.Birthdate), person.Company,
	} {
		if own = strings.TrimSpace(own); len(own) > 1 {
			text = regexp.MustCompile(`(?i)(^|[^\pL\pN])`+regexp.QuoteMeta(own)+`($|[^\pL\pN])`).ReplaceAllString(text, "${1}[name]${2}")
		}
	}
	return text
}

var (
	// token is a word with its apostrophes and hyphens.
	token = regexp.MustCompile(`\[[a-z]+\]|[\pL][\pL'’-]*`)
	// sentenceStart is what stands in front of the first word of a sentence.
	sentenceStart = regexp.MustCompile(`(?:^|[.!?:;"“(\n])\s*$`)
)

// withoutNames replaces first names, what follows a first name or a title with a
// capital, and capitalised words inside sentences that are not known ones.
func withoutNames(text string) string {
	var out strings.Builder
	from, inName, afterTitle := 0, false, false
	for _, at := range token.FindAllStringIndex(text, -1) {
		gap, word := text[from:at[0]], text[at[0]:at[1]]
		from = at[1]
		follows := inName && strings.TrimSpace(gap) == ""
		if word != "[name]" && !isName(word, follows || afterTitle, sentenceStart.MatchString(text[:at[0]])) {
			inName, afterTitle = false, isTitle()[strings.ToLower(word)]
			out.WriteString(gap + word)
			continue
		}
		if !follows {
			out.WriteString(gap + "[name]")
		}
		inName, afterTitle = true, false
	}
	out.WriteString(text[from:])
	return out.String()
}

// isName reports whether a word may be a person's name. expected says that a name or a
// title stands in front of it.
func isName(word string, expected, startsSentence bool) bool {
	if word[0] == '[' {
		return false
	}
	lower := strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(word, "'s"), "’s"))
	isCapital := unicode.IsUpper([]rune(word)[0])
	return isFirstName()[lower] || expected && isCapital || isCapital && !startsSentence && !isKnown(lower)
}

// knownWords are words with a capital that are no names of people.
var knownWords = setOf(`i i'm i've i'd i'll january february march april may june july august september october november december monday tuesday
wednesday thursday friday saturday sunday christmas easter uk gbp england scotland wales britain london english pin atm tv isa ok ai vat hmrc
expenzez apple google paypal lloyds barclays hsbc natwest santander monzo starling halifax nationwide revolut tsb experian equifax transunion
goal goals budget budgets bill bills food dining`)

// isKnown reports whether a capitalised word is a known one: of the calendar, a category
// or a well-known merchant.
func isKnown(lower string) bool {
	if knownWords()[lower] {
		return true
	}
	if _, known := categories.Known(lower); known {
		return true
	}
	_, known := merchants.Category(lower)
	return known
}
