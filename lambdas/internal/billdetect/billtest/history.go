package billtest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// WorkSeed is the only seed with which a detector is developed.
const WorkSeed = 1

// FigureSeeds are for the figures.
var FigureSeeds = []uint64{20264, 20265, 20266}

// Users is how many users the figures are of, for each seed.
const Users = 1000

// Today is the last day of each history.
const Today = dates.Day("2026-06-17")

var (
	last  = date(2026, time.June, 17)
	first = date(2024, time.June, 18)
)

// Transaction is a transaction of a history. Amount is negative for a debit.
type Transaction struct {
	ID     string
	Day    dates.Day
	Amount money.Amount
	// Text is what the bank wrote.
	Text string
	// Merchant is the normalised merchant. It is empty for own transfers, which are
	// excluded from spending.
	Merchant string
}

// Bill is what is true about a bill.
type Bill struct {
	// Merchant is the normalised merchant.
	Merchant string
	Cadence  billdetect.Cadence
	// Kind says what kind of bill it is, such as "utility", for lists of what is missed.
	Kind string
	// Payments are the ids of its payments. A payment that was returned is none.
	Payments []string
	// Ended says that the user cancelled it.
	Ended bool
	// Next is the nominal day of the first payment after Today, before it moves for a
	// weekend. Empty when it ended.
	Next dates.Day
	// Rose says that the price changed and two payments or more had the new price.
	Rose bool
}

// History is the transactions of a user, the oldest first, and the bills among them.
type History struct {
	Transactions []Transaction
	Bills        []Bill
	// Missing says that the user did not import the transactions of some months.
	Missing bool
}

// Merchants returns the payments of each normalised merchant, the oldest first, without
// own transfers.
func (h History) Merchants() map[string][]billdetect.Payment {
	all := map[string][]billdetect.Payment{}
	for _, t := range h.Transactions {
		if t.Merchant != "" {
			all[t.Merchant] = append(all[t.Merchant], billdetect.Payment{ID: t.ID, Day: t.Day, Amount: t.Amount})
		}
	}
	return all
}

// merchantOf returns the normalised merchant of a text, or "" for an own transfer. Texts
// that differ in digits only have the same one, which a test shows.
func merchantOf(text string) string {
	form := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '0'
		}
		return r
	}, text)
	if known, has := forms.Load(form); has {
		return known.(string)
	}
	merchant := ""
	if !merchants.KindOf(text).BetweenAccounts() {
		merchant = merchants.Normalise(text)
	}
	forms.Store(form, merchant)
	return merchant
}

// forms has the merchants of texts without their digits: normalising each text would take
// longer than the detection.
var forms sync.Map

// Make returns the history of a user.
func Make(seed uint64, user int) History {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, uint64(user)))}
	m.leaveOutMonths()
	m.addBills()
	m.addHabits()
	m.addOwnMoney()
	slices.SortStableFunc(m.history.Transactions, func(a, b Transaction) int { return cmp.Compare(a.Day, b.Day) })
	return m.history
}

// maker makes one history.
type maker struct {
	*rand.Rand
	history History
	names   map[string]bool // that are taken
	// The transactions from gap to gapEnd, without gapEnd, are not imported.
	gap, gapEnd time.Time
}

// leaveOutMonths leaves out two to eight months for some users, who import statements by
// hand. The months after them are two at least.
func (m *maker) leaveOutMonths() {
	if !m.chance(12) {
		return
	}
	months := m.between(2, 8)
	m.gap = date(first.Year(), first.Month()+time.Month(m.between(4, 22-months)), 1)
	m.gapEnd = m.gap.AddDate(0, months, 0)
	m.history.Missing = true
}

// chance reports true in so many of a hundred cases.
func (m *maker) chance(percent int) bool { return m.IntN(100) < percent }

// between returns a number from low to high.
func (m *maker) between(low, high int) int { return low + m.IntN(high-low+1) }

func pick[T any](m *maker, from ...T) T { return from[m.IntN(len(from))] }

// fresh returns a name that no other bill or habit of the user has, of a list or made up.
func (m *maker) fresh(names ...string) string {
	if m.names == nil {
		m.names = map[string]bool{}
	}
	for range 20 {
		name := pick(m, names...)
		if !m.names[merchants.Normalise(name)] {
			m.names[merchants.Normalise(name)] = true
			return name
		}
	}
	for {
		name := pick(m, "OAK", "ELM", "RIVER", "STONE", "NORTH", "BRIGHT", "SWIFT", "HOLLY", "MAPLE", "AMBER") + " " +
			pick(m, "HOUSE", "FIELD", "GATE", "BROOK", "HILL", "WELL", "BRIDGE", "MILL") + " " + pick(m, "CO", "CARE", "GROUP", "STUDIO", "WORKS", "CLUB")
		if !m.names[merchants.Normalise(name)] {
			m.names[merchants.Normalise(name)] = true
			return name
		}
	}
}

// add adds a transaction of so many pence, negative for a debit, and returns its id. Days
// outside of the history, and those that are not imported, add none.
func (m *maker) add(day time.Time, pence int, text string) string {
	if day.Before(first) || day.After(last) || !day.Before(m.gap) && day.Before(m.gapEnd) {
		return ""
	}
	id := fmt.Sprintf("t%05d", len(m.history.Transactions))
	m.history.Transactions = append(m.history.Transactions, Transaction{
		ID: id, Day: dates.DayOf(day), Amount: money.FromMinor(int64(pence), 2), Text: text, Merchant: merchantOf(text),
	})
	return id
}

// text returns one of the forms in which banks write a payment by card or by direct debit.
func (m *maker) text(style int, merchant string, day time.Time, pence int) string {
	switch style {
	case 0:
		return fmt.Sprintf("CARD PAYMENT TO %s,%d.%02d GBP, RATE 1.00/GBP ON %s", merchant, pence/100, pence%100, day.Format("02-01-2006"))
	case 1:
		return fmt.Sprintf("%s CD 4821 %s", merchant, day.Format("02Jan06"))
	case 2:
		return fmt.Sprintf("DIRECT DEBIT PAYMENT TO %s REF %08d, MANDATE NO 0015", merchant, m.IntN(1e8))
	case 3:
		return fmt.Sprintf("%s ON %s BCC", merchant, day.Format("02 Jan"))
	}
	return merchant
}
