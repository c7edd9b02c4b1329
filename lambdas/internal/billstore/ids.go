package billstore

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// idForms are the ids that devices make of a merchant: bill_netflix_monthly,
// day_pattern_netflix_day5 and netflix-12.34.
var idForms = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`^bill_(.+?)_(?:weekly|monthly|quarterly|yearly)(?:_\d+)?()$`),
		regexp.MustCompile(`^day_pattern_(.+?)_day\d{1,2}()$`),
		regexp.MustCompile(`^(.+)-(\d+(?:\.\d{1,2})?)$`),
	}
})

// parseID returns the merchant of a device's id of a bill without its punctuation, and
// its amount where the id has one.
func parseID(id string) (merchant string, amount *money.Amount) {
	id = strings.ToLower(id)
	for _, form := range idForms() {
		found := form.FindStringSubmatch(id)
		if found == nil {
			continue
		}
		if parsed, err := money.Parse(found[2]); found[2] != "" && err == nil {
			amount = &parsed
		}
		return bare(merchants.Normalise(strings.ReplaceAll(found[1], "_", " "))), amount
	}
	return bare(merchants.Normalise(id)), nil
}

// bare returns the letters and digits of a text: ids of devices have no others.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// newID returns the id of a detected bill, in the form of devices, that is not taken.
func newID(merchant string, cadence billdetect.Cadence, taken func(string) bool) string {
	slug := strings.Trim(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, merchant), "_")
	id := "bill_" + slug + "_" + Frequency(cadence)
	for n := 2; taken(id); n++ {
		id = "bill_" + slug + "_" + Frequency(cadence) + "_" + string(rune('0'+n))
	}
	return id
}

// Frequency returns the frequency in the contract that is the nearest to a cadence. The
// contract has four.
func Frequency(cadence billdetect.Cadence) string {
	switch cadence {
	case billdetect.Fortnightly:
		return string(billdetect.Weekly)
	case billdetect.FourWeekly:
		return string(billdetect.Monthly)
	}
	return string(cadence)
}

// merchantOf returns the normalised merchant of a text without punctuation.
func merchantOf(text string) string { return bare(merchants.Normalise(text)) }
