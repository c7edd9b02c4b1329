package statements

import (
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
)

// place is where a column stands on a page.
type place struct {
	column      column
	left, right float64
}

// places are the columns of a page from left to right.
type places []place

// placesOf returns the columns if the line has all headings in their order.
func placesOf(headings []heading, words []pdftext.Word) (places, bool) {
	found := make(places, 0, len(headings))
	for _, h := range headings {
		parts := strings.Fields(h.text)
		i := indexOf(words, parts)
		if i < 0 {
			return nil, false
		}
		found = append(found, place{h.column, words[i].Left, words[i+len(parts)-1].Right})
		words = words[i+len(parts):]
	}
	return found, true
}

// indexOf returns where the words have these texts one after the other.
func indexOf(words []pdftext.Word, texts []string) int {
search:
	for i := 0; i+len(texts) <= len(words); i++ {
		for j, text := range texts {
			if !strings.EqualFold(words[i+j].Text, text) {
				continue search
			}
		}
		return i
	}
	return -1
}

const (
	// textSlack is how far left of its heading a text may begin.
	textSlack = 6
	// moneySlack is how far from the right edge of its heading an amount may end.
	moneySlack = 12
	// markGap is how far behind an amount its mark may stand.
	markGap = 8
)

func (p places) has(c column) bool {
	_, ok := p.of(c)
	return ok
}

func (p places) of(c column) (place, bool) {
	for _, at := range p {
		if at.column == c {
			return at, true
		}
	}
	return place{}, false
}

// moneyAt returns the column of an amount, by its right edge.
func (p places) moneyAt(w pdftext.Word) (column, bool) {
	for _, at := range p {
		if at.column.isMoney() && w.Right > at.right-moneySlack && w.Right < at.right+moneySlack {
			return at.column, true
		}
	}
	return 0, false
}

// textAt returns the column of a text, by its left edge.
func (p places) textAt(w pdftext.Word) column {
	at := p[0].column
	for _, candidate := range p {
		if !candidate.column.isMoney() && w.Left >= candidate.left-textSlack {
			at = candidate.column
		}
	}
	return at
}

// right returns the right edge of the table.
func (p places) right() float64 {
	edge := 0.0
	for _, at := range p {
		edge = max(edge, at.right)
	}
	return edge + moneySlack
}
