package statementtest

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"
)

// Statement is a made statement.
type Statement struct {
	// Bank is the layout's name.
	Bank string
	// Issuer is the bank's name as users know it.
	Issuer string
	// Account is the account number, or a card's last digits.
	Account string
	// Start and End are the first and the last day of the period.
	Start, End time.Time
	// Sections are the accounts of the statement: one, or more where a bank prints several. Sections in
	// another currency than GBP are left out.
	Sections []Section
	// Undated is true where nothing says the years of the rows.
	Undated bool
	// Pages are what is printed.
	Pages []Page

	periodHidden bool
}

// Section is the history of one account.
type Section struct {
	// Opening and Closing are the balances in pence.
	Opening, Closing int64
	// Rows are the transactions, oldest first.
	Rows []Row
}

// Row is one transaction.
type Row struct {
	// Date is the day of the booking.
	Date time.Time
	// Code is the printed type, such as DD. Most banks print none.
	Code string
	// Lines are the printed lines of the text.
	Lines []string
	// Pence is the amount: negative for money out.
	Pence int64
}

// Page is one printed page. The origin is the upper left corner; units are points.
type Page struct {
	Width, Height float64
	Runs          []Run
}

// Run is a text that is printed at once.
type Run struct {
	// X is the left edge, Y the baseline.
	X, Y float64
	// Size is the font's size.
	Size float64
	// Text is what is printed.
	Text string
	// Right is true for text that ends where its column ends.
	Right bool
	// White is true for text that no reader of the paper sees.
	White bool
}

// Banks returns the names of the layouts, sorted.
func Banks() []string {
	names := make([]string, 0, len(banks))
	for name := range banks {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// New returns the statement of a bank's layout and a seed: a month, a quarter or a year, with or without a printed
// period. It panics for an unknown layout.
func New(bank string, seed uint64) Statement {
	name := fnv.New64a()
	_, _ = name.Write([]byte(bank))
	return newStatement(bank, seed, anyVariety(rand.New(rand.NewPCG(seed, name.Sum64()))))
}

// NewOfRows returns a month's statement with its period and this many transactions in its first section.
func NewOfRows(bank string, seed uint64, rows int) Statement {
	return newStatement(bank, seed, plain(rows))
}

func newStatement(bank string, seed uint64, v variety) Statement {
	layout, known := banks[bank]
	if !known {
		panic(fmt.Sprintf("no layout %q: use one of %v", bank, Banks()))
	}
	b := *layout
	b.shops = v.shops
	random := rand.New(rand.NewPCG(seed, uint64(len(bank))))
	history := newHistory(random, &b, v)
	made := Statement{
		Bank: bank, Issuer: b.issuer, Account: fmt.Sprintf("%08d", 10_000_000+random.IntN(89_999_999)),
		Start: history.start, End: history.end, Sections: []Section{history.section},
		Undated: v.periodHidden && !b.printsYears(), periodHidden: v.periodHidden,
	}
	if b.pots && random.IntN(3) == 0 {
		made.Sections = append(made.Sections, newSection(random, &b, history.start, history.end, int64(random.IntN(50_000)), 1+random.IntN(6)))
	}
	if b.card {
		made.Account = made.Account[4:]
	}
	p := &printer{bank: &b, random: random, statement: &made}
	p.print()
	return made
}
