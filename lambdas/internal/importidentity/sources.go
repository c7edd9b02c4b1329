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
// and a transaction belong together when they are of one day, amount and sign, and their
// merchants are the same or share a word. Each transaction is found once, by the row
// whose merchant is the same before others.
//
// The user can change the sign on the device before an import. What is left is therefore
// compared without the sign too: then the merchant and the kind must be the same, and no
// transfer between accounts, whose legs differ in nothing else.
func FromOtherSource(rows []Row, existing []Existing) map[int]string {
	byGroup := map[dayAmount][]unmatched{}
	for _, e := range existing {
		group := dayAmountOf(e.Row)
		byGroup[group] = append(byGroup[group], unmatched{e.ID, paymentOf(e.Row)})
	}
	payments := make([]payment, len(rows))
	for i, row := range rows {
		payments[i] = paymentOf(row)
	}
	found := map[int]string{}
	for _, alike := range []func(a, b payment) bool{sameSignAndMerchant, sameSignAndWord, changedSign} {
		for i, row := range rows {
			if found[i] != "" {
				continue
			}
			left := byGroup[dayAmountOf(row)]
			at := slices.IndexFunc(left, func(u unmatched) bool { return alike(payments[i], u.payment) })
			if at >= 0 {
				found[i] = left[at].id
				byGroup[dayAmountOf(row)] = slices.Delete(slices.Clone(left), at, at+1)
			}
		}
	}
	return found
}

// payment is what is compared of rows of one day and amount.
type payment struct {
	debit    bool
	merchant string
	kind     merchants.Kind
}

func paymentOf(r Row) payment {
	return payment{r.debit(), merchants.Normalise(r.Text), merchants.KindOf(r.Text)}
}

// unmatched is a stored transaction that no row has found yet.
type unmatched struct {
	id string
	payment
}

type dayAmount struct {
	day    dates.Day
	amount string
}

func dayAmountOf(r Row) dayAmount { return dayAmount{r.Day, r.Amount.Abs().String()} }

func sameSignAndMerchant(a, b payment) bool { return a.debit == b.debit && sameMerchant(a, b) }

func sameSignAndWord(a, b payment) bool {
	return a.debit == b.debit && shareWord(a.merchant, b.merchant)
}

// changedSign reports whether the rows may be one payment whose sign the user changed.
func changedSign(a, b payment) bool {
	return sameMerchant(a, b) && a.kind == b.kind && !a.kind.BetweenAccounts()
}

func sameMerchant(a, b payment) bool { return a.merchant == b.merchant && a.merchant != "" }

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
