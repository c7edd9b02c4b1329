package statements

import (
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
)

// tableLine is one line of a table, by columns.
type tableLine struct {
	// middle is the height of the line's middle on the page.
	middle float64
	// date is zero on lines without one; year is the year alone.
	date    time.Time
	hasYear bool
	year    int
	code    string
	text    string
	amounts map[column]amount
	// creditBelow is true for a line that says that the amount above is a credit.
	creditBelow bool
}

// hasAmount reports whether the line has the amount of a row.
func (l tableLine) hasAmount() bool {
	for c := range l.amounts {
		if c != columnBalance {
			return true
		}
	}
	return false
}

// splitLine returns a line of the table. ok is false for a line outside of the table.
func splitLine(l *layout, p places, line pdftext.Line) (t tableLine, ok bool) {
	t = tableLine{middle: (line.Top + line.Bottom) / 2, amounts: map[column]amount{}}
	words := wordsLeftOf(line.Words, p.right())
	if len(words) == 0 {
		return t, true
	}
	words, ok = t.takeDates(l, p, words)
	if !ok {
		return t, false
	}
	var texts, codes []string
	for i := 0; i < len(words); i++ {
		w := words[i]
		if a, isAmount := parseAmount(w.Text); isAmount {
			if c, inColumn := p.moneyAt(w); inColumn {
				if i+1 < len(words) && isMark(words[i+1].Text) && words[i+1].Left-w.Right < markGap {
					i++
					a.mark(words[i].Text)
				}
				if _, twice := t.amounts[c]; twice {
					return t, false
				}
				t.amounts[c] = a
				continue
			}
		}
		if w.Text == "CR" {
			if c, inColumn := p.moneyAt(w); inColumn && c == columnAmount {
				t.creditBelow = true
				continue
			}
		}
		if takesCode(l, p, w, len(codes)) {
			codes = append(codes, w.Text)
			continue
		}
		texts = append(texts, w.Text)
	}
	t.code, t.text = strings.Join(codes, " "), strings.Join(texts, " ")
	return t, true
}

// wordsLeftOf returns the words that begin left of an edge: others are in a box beside the table.
func wordsLeftOf(words []pdftext.Word, edge float64) []pdftext.Word {
	for i, w := range words {
		if w.Left > edge {
			return words[:i]
		}
	}
	return words
}

// takeDates takes the date columns of a line. ok is false if they hold anything but dates.
func (t *tableLine) takeDates(l *layout, p places, words []pdftext.Word) (rest []pdftext.Word, ok bool) {
	for len(words) > 0 {
		at := p.textAt(words[0])
		if at != columnDate && at != columnOtherDate {
			return words, true
		}
		if year, isYear := yearAlone(words[0].Text); isYear && at == columnDate && (len(words) == 1 || p.textAt(words[1]) != columnDate) {
			t.year = year
			words = words[1:]
			continue
		}
		date, f, isDate := parseDate(l.dates, words)
		if !isDate {
			return nil, false
		}
		if at == columnDate {
			t.date, t.hasYear = date, f.hasYear
		}
		words = words[f.words:]
	}
	return words, true
}

func yearAlone(text string) (int, bool) {
	at, err := time.Parse("2006", text)
	return at.Year(), err == nil && at.Year() > 1990
}

// takesCode reports whether a word is a part of the code of the type of transaction, of which n words are known.
func takesCode(l *layout, p places, w pdftext.Word, n int) bool {
	if p.has(columnCode) {
		return p.textAt(w) == columnCode
	}
	at, _ := p.of(columnText)
	return n == 0 && l.codes[w.Text] && w.Left < at.left+textSlack
}
