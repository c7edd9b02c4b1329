package statementtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// variety is what differs between the statements of a bank.
type variety struct {
	// rows is the number of transactions of the first section. A negative number leaves it to the seed.
	rows int
	// months is how long the period is.
	months int
	// periodHidden is true where the period is not printed.
	periodHidden bool
	// shops are the payees.
	shops []string
}

// plain is a month's statement of this many transactions.
func plain(rows int) variety { return variety{rows: rows, months: 1, shops: shops} }

// anyVariety returns months, quarters and years, some without a printed period, some with banks among the payees.
func anyVariety(random *rand.Rand) variety {
	v := variety{rows: -1, months: []int{1, 1, 1, 3, 12}[random.IntN(5)], periodHidden: random.IntN(6) == 0, shops: shops}
	if random.IntN(2) == 0 {
		v.shops = slices.Concat(shops, bankNames)
	}
	return v
}

// history is what an account has in a period.
type history struct {
	start, end time.Time
	section    Section
}

func newHistory(random *rand.Rand, b *bank, v variety) history {
	start := time.Date(2024+random.IntN(3), time.Month(1+random.IntN(12)), 1+random.IntN(28), 0, 0, 0, 0, time.UTC)
	if random.IntN(4) == 0 { // over the turn of the year
		start = time.Date(start.Year(), time.December, 5+random.IntN(24), 0, 0, 0, 0, time.UTC)
	}
	h := history{start: start, end: start.AddDate(0, v.months, -1)}
	rows := v.rows
	if rows < 0 {
		rows = []int{0, 1, 2, 5 + random.IntN(20), 20 + random.IntN(40), 60 + random.IntN(90)}[min(random.IntN(12), 5)]
	}
	opening := int64(random.IntN(400_000)) - int64(random.IntN(2)*100_000)
	if b.card {
		opening = -int64(random.IntN(300_000))
	}
	h.section = newSection(random, b, h.start, h.end, opening, rows)
	return h
}

func newSection(random *rand.Rand, b *bank, start, end time.Time, opening int64, rows int) Section {
	s := Section{Opening: opening, Closing: opening}
	days := int(end.Sub(start)/(24*time.Hour)) + 1
	for i := range rows {
		row := newRow(random, b, start.AddDate(0, 0, i*days/rows))
		if i > 0 && random.IntN(12) == 0 { // the same purchase once more, on the same day
			row = s.Rows[i-1]
		}
		s.Rows = append(s.Rows, row)
		s.Closing += row.Pence
	}
	return s
}

// newRow returns a transaction with the text of one of the bank's kinds.
func newRow(random *rand.Rand, b *bank, date time.Time) Row {
	kind := b.texts[random.IntN(len(b.texts))]
	pence := int64(1 + random.IntN(9_999))
	switch random.IntN(10) {
	case 0:
		pence = int64(100_000 + random.IntN(9_900_000))
	case 1:
		pence = int64(100 * (1 + random.IntN(200)))
	}
	if kind.zero {
		pence = 0
	}
	if !kind.in {
		pence = -pence
	}
	return Row{Date: date, Code: kind.code, Lines: wrap(kind.lines(random, b.shops, date, pence), b.textWidth()), Pence: pence}
}

// textKind makes the printed lines of one kind of transaction.
type textKind struct {
	// code is printed in the column of types.
	code string
	// in is true for money in.
	in bool
	// zero is true for a row of 0.00.
	zero bool
	// formats are the lines. {shop}, {person}, {town}, {ref}, {card}, {day}, {foreign} and {rate} are replaced.
	formats []string
}

func out(code string, formats ...string) textKind { return textKind{code: code, formats: formats} }

func in(code string, formats ...string) textKind {
	return textKind{code: code, in: true, formats: formats}
}

func zero(code string, formats ...string) textKind {
	return textKind{code: code, zero: true, formats: formats}
}

var (
	shops = []string{"CORNER GROCER", "O'MALLEY'S", "BOOTH & SONS", "CAFE 42", "NORTHERN RAIL 123", "PLUM TREE LTD", "SQ *BAKER ST", "WWW.BOOKS.CO.UK", "7 ELEVENTH", "HILL ENERGY", "THE 99 CLUB", "A1 GARAGE", "SUMUP  *MARKET"}
	// bankNames are payees that are banks: cards, loans and transfers.
	bankNames = []string{
		"BARCLAYS PRTNR FIN", "AMERICAN EXPRESS", "LLOYDS BANK PLC", "HSBC UK BANK PLC", "NATWEST LOANS", "SANTANDER CARDS", "NATIONWIDE BUILDING SOCIETY",
		"TSB BANK PLC", "MONZO", "STARLING BANK", "REVOLUT", "HALIFAX", "BANK OF SCOTLAND",
	}
	persons = []string{"J DOE", "MISS A N OTHER", "R ROE", "M MUSTERMANN", "SAM SAMPLE"}
	towns   = []string{"LEEDS", "YORK", "LONDON", "BATH", "ST ALBANS"}
)

// lines returns the printed lines.
func (k textKind) lines(random *rand.Rand, shops []string, date time.Time, pence int64) []string {
	if pence < 0 {
		pence = -pence
	}
	values := map[string]string{
		"shop":    shops[random.IntN(len(shops))],
		"person":  persons[random.IntN(len(persons))],
		"town":    towns[random.IntN(len(towns))],
		"ref":     fmt.Sprintf("REF%06d", random.IntN(1_000_000)),
		"card":    fmt.Sprintf("%04d", random.IntN(10_000)),
		"day":     date.Format("02Jan06"),
		"foreign": fmt.Sprintf("%d.%02d", 1+random.IntN(900), random.IntN(100)),
		"rate":    fmt.Sprintf("1.%04d", 500+random.IntN(4000)),
		"pounds":  fmt.Sprintf("%d.%02d", pence/100, pence%100),
	}
	printed := make([]string, 0, len(k.formats))
	for _, format := range k.formats {
		printed = append(printed, expand(format, values))
	}
	return printed
}
