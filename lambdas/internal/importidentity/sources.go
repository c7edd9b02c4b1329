package importidentity

import (
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
)

// Existing is a transaction that came from another kind of file of the same bank, such
// as a PDF statement.
type Existing struct {
	ID string
	Row
}

// FromOtherSource returns which rows are stored already from another kind of file, which
// words one payment differently: the id of the transaction by the index of the row. A row
// and a transaction belong together when they are of one day and amount, and their
// merchants are the same or share a word. Each transaction is found once, by the row
// whose merchant is the same before others.
func FromOtherSource(rows []Row, existing []Existing) map[int]string {
	byGroup := map[dayAmount][]Existing{}
	for _, e := range existing {
		byGroup[dayAmountOf(e.Row)] = append(byGroup[dayAmountOf(e.Row)], e)
	}
	found := map[int]string{}
	for _, alike := range []func(a, b string) bool{sameMerchant, shareWord} {
		for i, row := range rows {
			if found[i] != "" {
				continue
			}
			left := byGroup[dayAmountOf(row)]
			at := slices.IndexFunc(left, func(e Existing) bool { return alike(merchants.Normalise(row.Text), merchants.Normalise(e.Text)) })
			if at >= 0 {
				found[i] = left[at].ID
				byGroup[dayAmountOf(row)] = slices.Delete(slices.Clone(left), at, at+1)
			}
		}
	}
	return found
}

type dayAmount struct {
	day    dates.Day
	amount string
}

func dayAmountOf(r Row) dayAmount { return dayAmount{r.Day, r.Amount.Abs().String()} }

func sameMerchant(a, b string) bool { return a == b && a != "" }

// minSharedWord is the length of a word that two texts do not share by chance.
const minSharedWord = 4

func shareWord(a, b string) bool {
	words := strings.Fields(b)
	for _, word := range strings.Fields(a) {
		if len(word) >= minSharedWord && slices.Contains(words, word) {
			return true
		}
	}
	return false
}
