package statements

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
)

// Issuers returns the banks with a layout.
func Issuers() []string {
	var issuers []string
	for _, l := range layouts {
		issuers = append(issuers, l.issuer)
	}
	return issuers
}

// Mutant is a reader with a planted fault.
type Mutant struct {
	Name string
	// Proven is true for a fault of amounts: the balances must refuse every statement that it would read wrongly.
	Proven bool
	Read   func([]pdftext.Page) (Statement, error)
}

// Mutants returns readers with one fault each. Faults in what a word means are planted by taking the word away.
func Mutants() []Mutant {
	return []Mutant{
		{"money out and in are swapped", true, ofLayout(func(l *layout) {
			for i, h := range l.headings {
				switch h.column {
				case columnOut:
					l.headings[i].column = columnIn
				case columnIn:
					l.headings[i].column = columnOut
				}
			}
		})},
		{"the newest row is taken for the oldest", true, ofLayout(func(l *layout) { l.newestFirst = !l.newestFirst })},
		{"the opening balance is not found", true, ofLayout(func(l *layout) { l.opening, l.totals.opening = nil, nil })},
		{"credits of cards are taken for debits", true, ofPages(withoutMark("CR"))},
		{"overdrafts are taken for balances", true, ofPages(withoutMark("D", "OD"))},
		{"minus signs are ignored", true, ofPages(func(pages []pdftext.Page) {
			eachWord(pages, func(w *pdftext.Word) {
				if _, isAmount := parseAmount(w.Text); isAmount {
					w.Text = strings.Trim(w.Text, "-")
				}
			})
		})},
		{"the first line of a page is lost", true, ofPages(func(pages []pdftext.Page) {
			for i := 1; i < len(pages); i++ {
				for n, line := range pages[i].Lines {
					if n > 0 && slices.ContainsFunc(line.Words, isAmountWord) {
						pages[i].Lines = slices.Delete(pages[i].Lines, n, n+1)
						break
					}
				}
			}
		})},
		{"the last page is lost", true, ofPages(func(pages []pdftext.Page) { pages[len(pages)-1].Lines = nil })},
		// Amounts and balances share this fault, so that they may still add up: only the round trips catch it.
		{"thousands are lost", false, ofPages(func(pages []pdftext.Page) {
			eachWord(pages, func(w *pdftext.Word) {
				if head, tail, has := strings.Cut(w.Text, ","); has && isAmountWord(*w) {
					w.Text = strings.TrimRight(head, "0123456789") + tail
				}
			})
		})},
		{"the turn of the year is ignored", false, func(pages []pdftext.Page) (Statement, error) {
			l := layoutsOf(pages)[0]
			p := periodOf(pages)
			p.start = time.Date(p.end.Year(), 1, 11, 0, 0, 0, 0, time.UTC) // the delay of bookings reaches 1 January
			p.end = time.Date(p.end.Year(), 12, 20, 0, 0, 0, 0, time.UTC)
			return readIn(context.Background(), l, pages, p)
		}},
		{"lines below the amount are dropped", false, ofLayout(func(l *layout) { l.skipped = regexp.MustCompile(`.`) })},
		{"text is looked for on the other side of the amount", false, ofLayout(func(l *layout) {
			l.side = map[side]side{amountFirst: amountLast, amountLast: amountFirst, amountCentred: amountFirst}[l.side]
		})},
	}
}

// ofLayout returns a reader whose layout is changed.
func ofLayout(change func(*layout)) func([]pdftext.Page) (Statement, error) {
	return func(pages []pdftext.Page) (Statement, error) {
		mutant := *layoutsOf(pages)[0]
		mutant.headings = slices.Clone(mutant.headings)
		change(&mutant)
		return readWith(context.Background(), &mutant, pages)
	}
}

// ofPages returns a reader that sees pages otherwise than they are.
func ofPages(change func([]pdftext.Page)) func([]pdftext.Page) (Statement, error) {
	return func(pages []pdftext.Page) (Statement, error) {
		seen := make([]pdftext.Page, len(pages))
		for i, page := range pages {
			seen[i] = page
			seen[i].Lines = slices.Clone(page.Lines)
			for n := range seen[i].Lines {
				seen[i].Lines[n].Words = slices.Clone(page.Lines[n].Words)
			}
		}
		change(seen)
		return Read(context.Background(), seen)
	}
}

func eachWord(pages []pdftext.Page, change func(*pdftext.Word)) {
	for _, page := range pages {
		for _, line := range page.Lines {
			for i := range line.Words {
				change(&line.Words[i])
			}
		}
	}
}

func isAmountWord(w pdftext.Word) bool {
	_, is := parseAmount(w.Text)
	return is
}

// withoutMark takes marks of amounts away, whether they stand apart or behind the digits.
func withoutMark(marks ...string) func([]pdftext.Page) {
	return func(pages []pdftext.Page) {
		for p := range pages {
			for n := range pages[p].Lines {
				line := &pages[p].Lines[n]
				line.Words = slices.DeleteFunc(line.Words, func(w pdftext.Word) bool { return slices.Contains(marks, w.Text) && w.Left > 300 })
				for i := range line.Words {
					for _, mark := range marks {
						if cut, has := strings.CutSuffix(line.Words[i].Text, mark); has && isAmountWord(pdftext.Word{Text: cut}) {
							line.Words[i].Text = cut
						}
					}
				}
			}
		}
	}
}
