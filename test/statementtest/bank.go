package statementtest

import "time"

// columnKind is what a column holds.
type columnKind int

const (
	columnDate columnKind = iota
	columnSecondDate
	columnCode
	columnText
	columnOut
	columnIn
	columnAmount
	columnBalance
)

func (k columnKind) isMoney() bool { return k >= columnOut }

// column is a column of the table. x is the left edge of texts, the right edge of amounts.
type column struct {
	kind    columnKind
	heading string
	x       float64
}

// textSide says on which line of a row's text the amount stands.
type textSide int

const (
	amountFirst textSide = iota
	amountLast
	amountCentred
)

type amountStyle int

const (
	amountsInTwoColumns amountStyle = iota
	amountsSigned
	amountsOfCard
)

type balanceStyle int

const (
	balanceEachRow balanceStyle = iota
	balanceLastOfDay
	balanceNever
)

// bank is a layout.
type bank struct {
	issuer string
	// names are what tells the bank's statements from others'.
	names []string
	// card is true for credit cards: spending is positive and lowers the balance.
	card     bool
	texts    []textKind
	shops    []string
	masthead func(*Statement) []string
	// period prints what {period} stands for in the masthead.
	period  func(start, end time.Time) string
	columns []column
	// shift is how far the columns of every second page stand to the right.
	shift              float64
	headingsOnEachPage bool
	// date prints the date of a row; longDate that of the first row.
	date, longDate func(time.Time) string
	dateOnEachRow  bool
	yearApart      bool
	side           textSide
	amounts        amountStyle
	// sign stands before each amount, plus before money in.
	sign string
	plus bool
	// creditSuffix stands behind money in, creditBelow on the line below.
	creditSuffix, creditBelow string
	// whiteBlanks is hidden text in the blank column.
	whiteBlanks  string
	splitsDigits bool
	balance      balanceStyle
	// balanceText prints a balance, and the mark of an overdrawn one.
	balanceText func(pence int64) (text, mark string)
	newestFirst bool
	gap         float64
	// opening to endOfDay are the texts of rows that are no transactions.
	opening, closing, carried, brought, endOfDay string
	markersHaveDates                             bool
	continued                                    string
	// noise is a line that stands below some rows and belongs to none.
	noise string
	// totals are printed behind the table.
	totals         func(Section) []string
	sidebar        []string
	sidebarX       float64
	footer, terms  []string
	foreignSection bool
	// summary is printed before the table of a section.
	summary func(Section) []string
	// pots is true where some statements have the section of a pot behind the account's.
	pots bool
}

// banks are the layouts by name, each of them in a file of its own.
var banks = map[string]*bank{}

// register adds a layout.
func register(name string, b *bank) bool {
	banks[name] = b
	return true
}

// deposits is the text about the compensation scheme that many statements end with. It has amounts in it.
var deposits = []string{
	"Important information about compensation arrangements",
	"Your eligible deposits are protected up to a total of \u00a385,000.00 by the FSCS.",
	"Arranged overdraft usage fee example: borrow \u00a3500.00 for 30 days at 39.90% cost \u00a315.10",
	"Call us on 0800 123 4567 from 9.00 to 17.00",
}

const long = "2 January 2006"

// plainBalance prints an overdrawn balance with a minus sign.
func plainBalance(pence int64) (text, mark string) { return signed(pence), "" }

// owed prints the balance of a card: what the holder owes is positive.
func owed(pence int64) string { return signed(-pence) }

// markedBalance prints an overdrawn balance with a mark behind it.
func markedBalance(mark string) func(int64) (string, string) {
	return func(pence int64) (string, string) {
		if pence < 0 {
			return pounds(pence), mark
		}
		return pounds(pence), ""
	}
}

// textWidth returns how wide the column of texts is. An amount needs 50 points.
func (b *bank) textWidth() float64 {
	left, right := 0.0, float64(pageWidth)
	for _, c := range b.columns {
		switch {
		case c.kind == columnText:
			left = c.x
		case left > 0 && c.kind.isMoney():
			right = min(right, c.x-50)
		case left > 0:
			right = min(right, c.x-5)
		}
	}
	return right - left
}

// printsYears reports whether the rows say their year.
func (b *bank) printsYears() bool {
	day := time.Date(2025, time.May, 1, 0, 0, 0, 0, time.UTC)
	return b.yearApart || b.longDate != nil || b.date(day) != b.date(day.AddDate(1, 0, 0))
}

// flows returns what went out and what came in.
func flows(s Section) (out, in int64) {
	for _, row := range s.Rows {
		if row.Pence < 0 {
			out += row.Pence
		} else {
			in += row.Pence
		}
	}
	return out, in
}
