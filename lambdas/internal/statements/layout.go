package statements

import (
	"regexp"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
)

// column is what a column of the table holds.
type column int

const (
	columnDate column = iota
	columnOtherDate
	columnCode
	columnText
	columnOut
	columnIn
	columnAmount
	columnBalance
)

func (c column) isMoney() bool { return c >= columnOut }

// heading is the heading of a column, in lower case, as printed.
type heading struct {
	column column
	text   string
}

// side says on which line of a row's text the amount stands.
type side int

const (
	// amountFirst means that the text goes on below the amount.
	amountFirst side = iota
	// amountLast means that the amount stands beside the last line.
	amountLast
	// amountCentred means that the amount stands beside the middle of the text.
	amountCentred
)

// layout says how a bank prints its statements.
type layout struct {
	// issuer is the bank's name as users know it. Its first word is the code of the bank's files, if the app reads them
	// (package statementjob).
	issuer string
	// marks are texts in lower case that all stand on the first page of the bank's statements, outside of the table.
	marks []string
	// headings are the headings of the table from left to right.
	headings []heading
	// dates are the formats of the dates of rows.
	dates []dateFormat
	side  side
	// card is true for credit cards: spending has no sign, a credit is marked CR on its line or the next, and
	// what the holder owes is a positive balance.
	card bool
	// newestFirst is true where the table begins with the newest row.
	newestFirst bool
	// codes are the codes of the type of transaction. Nil means any. Without a heading of their own they begin
	// the text.
	codes map[string]bool
	// opening and closing match the texts of the rows with the first and the last balance of a section.
	opening, closing *regexp.Regexp
	// skipped matches the texts of lines that belong to no transaction.
	skipped *regexp.Regexp
	// continues is true where the table goes on without headings on the next page.
	continues bool
	// section matches the title of a section: another account in the same file.
	section *regexp.Regexp
	// totals are what the statement says before or behind the table of a section.
	totals totals
}

// totals are the patterns of a statement's sums. Each has one group, the amount. A nil pattern is not printed.
type totals struct {
	opening, closing, out, in *regexp.Regexp
}

// layouts are the known layouts, each of them in a file of its own.
var layouts []*layout

// register adds a layout.
func register(l *layout) bool {
	layouts = append(layouts, l)
	return true
}

// layoutsOf returns the layouts that a file may have: the headings stand in it, and the marks on its first page.
func layoutsOf(pages []pdftext.Page) []*layout {
	var fitting []*layout
	for _, l := range layouts {
		if l.fits(l.textOutside(pages[0])) && l.hasTable(pages) {
			fitting = append(fitting, l)
		}
	}
	return fitting
}

// textOutside returns the text of a page outside of the table, in lower case. The texts of rows name other banks.
func (l *layout) textOutside(page pdftext.Page) string {
	var text strings.Builder
	var columns places
	for _, line := range page.Lines {
		if headings, ok := placesOf(l.headings, line.Words); ok {
			columns = headings
			continue
		}
		if columns != nil {
			if _, inTable := splitLine(l, columns, line); inTable {
				continue
			}
			columns = nil
		}
		text.WriteString(strings.ToLower(textOf(line.Words)))
		text.WriteByte('\n')
	}
	return text.String()
}

// hasTable reports whether the headings stand on a page.
func (l *layout) hasTable(pages []pdftext.Page) bool {
	for _, page := range pages {
		for _, line := range page.Lines {
			if _, ok := placesOf(l.headings, line.Words); ok {
				return true
			}
		}
	}
	return false
}

func (l *layout) fits(text string) bool {
	_, ok := l.named().at(text)
	return ok
}

func (l *layout) named() named { return named{l.issuer, l.marks} }

// textOf joins words with spaces.
func textOf(words []pdftext.Word) string {
	texts := make([]string, 0, len(words))
	for _, w := range words {
		texts = append(texts, w.Text)
	}
	return strings.Join(texts, " ")
}

// matches reports whether a pattern that may be nil matches.
func matches(pattern *regexp.Regexp, text string) bool {
	return pattern != nil && pattern.MatchString(text)
}
