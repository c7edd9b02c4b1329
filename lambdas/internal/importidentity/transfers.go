package importidentity

import (
	"cmp"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// MaxTransferDays is how many days a transfer may take from one account to the other: a
// payment on a Friday that is no Faster Payment arrives on Monday.
const MaxTransferDays = 3

// Leg is a transaction that may be one leg of a transfer between the user's accounts.
type Leg struct {
	ID      string
	Account string // the bank
	Day     dates.Day
	Amount  money.Amount // negative for the leg that pays
	Text    string
	// Taken says that the leg is linked already, or that the user said that it is no
	// transfer.
	Taken bool
}

// Pair is both legs of one transfer.
type Pair struct{ Out, In Leg }

// Pairs returns which legs belong together. A pair has the same amount, at most
// MaxTransferDays between its days, and at least one text that says that it is a transfer
// or the payment of a card's bill. Within one bank both texts say so. Each leg is in at
// most one pair: the nearest days first, then the pairs where both texts say so. The
// order of the legs does not matter.
func Pairs(legs []Leg) []Pair {
	possible := candidates(freeLegs(legs))
	slices.SortFunc(possible, compareCandidates)
	taken, pairs := map[string]bool{}, []Pair(nil)
	for _, c := range possible {
		if !taken[c.out.ID] && !taken[c.in.ID] {
			taken[c.out.ID], taken[c.in.ID] = true, true
			pairs = append(pairs, Pair{c.out.Leg, c.in.Leg})
		}
	}
	return pairs
}

// freeLegs returns the legs that may still become one of a pair.
func freeLegs(legs []Leg) []knownLeg {
	free := make([]knownLeg, 0, len(legs))
	for _, l := range legs {
		if day, err := dates.ParseDay(string(l.Day)); err == nil && !l.Taken && !l.Amount.IsZero() {
			free = append(free, knownLeg{l, day, merchants.KindOf(l.Text)})
		}
	}
	return free
}

// knownLeg is a leg with what its text says.
type knownLeg struct {
	Leg
	day  time.Time
	kind merchants.Kind
}

// candidate is two legs that may be a pair.
type candidate struct {
	out, in knownLeg
	days    int
	both    bool // both texts say that it is a transfer
}

func compareCandidates(a, b candidate) int {
	if a.both != b.both && a.days == b.days {
		if a.both {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.days, b.days), cmp.Compare(a.out.ID, b.out.ID), cmp.Compare(a.in.ID, b.in.ID))
}

// maxCandidates is how many legs of one day and amount a leg is compared with. More are
// no transfers, and would take the square of their number in time.
const maxCandidates = 50

// candidates returns all possible pairs. It compares legs of one amount whose days are
// near.
func candidates(legs []knownLeg) (found []candidate) {
	in := map[dayAmount][]knownLeg{}
	for _, l := range legs {
		at := dayAmount{l.Leg.Day, l.Amount.String()}
		if l.Amount.Sign() > 0 && len(in[at]) < maxCandidates {
			in[at] = append(in[at], l)
		}
	}
	for _, out := range legs {
		if out.Amount.Sign() > 0 {
			continue
		}
		for days := -MaxTransferDays; days <= MaxTransferDays; days++ {
			for _, in := range in[dayAmount{dates.DayOf(out.day.AddDate(0, 0, days)), out.Amount.Neg().String()}] {
				if belongTogether(out, in) {
					found = append(found, candidate{out, in, max(days, -days), out.kind.BetweenAccounts() && in.kind.BetweenAccounts()})
				}
			}
		}
	}
	return found
}

// belongTogether reports whether the texts of two legs fit one transfer. The payment of
// a card's bill goes to a card, and money to oneself comes from no employer and no
// machine.
func belongTogether(out, in knownLeg) bool {
	plain := func(k merchants.Kind) bool { return k == merchants.Purchase || k == merchants.OwnTransfer }
	switch {
	case out.kind == merchants.CardBill || in.kind == merchants.CardBillReceipt:
		return (out.kind == merchants.CardBill || plain(out.kind)) && (in.kind == merchants.CardBillReceipt || plain(in.kind)) && out.Account != in.Account
	case out.kind == merchants.OwnTransfer && in.kind == merchants.OwnTransfer:
		return true
	case out.kind == merchants.OwnTransfer || in.kind == merchants.OwnTransfer:
		return plain(out.kind) && plain(in.kind) && out.Account != in.Account
	}
	return false
}
