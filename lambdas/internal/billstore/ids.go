package billstore

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
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
		regexp.MustCompile(`^bill_(?P<merchant>.+?)_(?:weekly|monthly|quarterly|yearly)(?:_\d+)?$`),
		regexp.MustCompile(`^day_pattern_(?P<merchant>.+?)_day(?P<day>\d{1,2})$`),
		regexp.MustCompile(`^(?P<merchant>.+)-(?P<amount>\d+(?:\.\d{1,2})?)$`),
	}
})

// hint is what an id, or a device, says of a bill: which one of a merchant is meant.
type hint struct {
	merchant string        // without punctuation
	amount   *money.Amount // nil for none
	day      int           // of the month, zero for none
}

// parseID returns what a device's id of a bill says.
func parseID(id string) hint {
	id = strings.ToLower(id)
	for _, form := range idForms() {
		found := form.FindStringSubmatch(id)
		if found == nil {
			continue
		}
		parsed := hint{merchant: bare(merchants.Normalise(strings.ReplaceAll(found[form.SubexpIndex("merchant")], "_", " ")))}
		if at := form.SubexpIndex("amount"); at > 0 {
			if amount, err := money.Parse(found[at]); err == nil {
				parsed.amount = &amount
			}
		}
		if at := form.SubexpIndex("day"); at > 0 {
			parsed.day, _ = strconv.Atoi(found[at]) // the form has digits
		}
		return parsed
	}
	return hint{merchant: bare(merchants.Normalise(id))}
}

// nearDays is how many days a payment is from its due day at most for a device to take
// another day for it: a direct debit of a Saturday is booked on Monday, or Tuesday.
const nearDays = 3

// meant returns which of some bills is meant: one that is due near the day, of the
// nearest amount, the nearest to the day.
func (h hint) meant(bills []Bill, among []int) int {
	return slices.MinFunc(among, func(i, j int) int {
		one, other := bills[i], bills[j]
		byDay := cmp.Compare(h.daysFrom(one), h.daysFrom(other))
		if (h.daysFrom(one) <= nearDays) != (h.daysFrom(other) <= nearDays) || h.amount == nil {
			return byDay
		}
		return cmp.Or(one.Amount.Sub(*h.amount).Abs().Cmp(other.Amount.Sub(*h.amount).Abs()), byDay)
	})
}

// daysFrom returns by how many days a bill is due on another day of the month, in the
// shorter direction. A bill without such a day, or a hint without, is far away.
func (h hint) daysFrom(bill Bill) int {
	if h.day == 0 || bill.Schedule.DayOfMonth == 0 {
		return 31
	}
	away := max(h.day-bill.Schedule.DayOfMonth, bill.Schedule.DayOfMonth-h.day)
	return min(away, 31-away)
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
