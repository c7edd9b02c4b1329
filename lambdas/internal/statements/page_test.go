package statements_test

import (
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
)

// table makes the pages of a statement line by line: texts begin at a position, amounts end at one.
type table struct {
	lines []pdftext.Line
}

// cell is a text of a line. Amounts end at x.
type cell struct {
	x    float64
	text string
}

const charWidth = 4

// print adds a line.
func (t *table) print(cells ...cell) {
	top := float64(20 * (len(t.lines) + 1))
	line := pdftext.Line{Top: top, Bottom: top + 10}
	for _, c := range cells {
		x := c.x
		if strings.Contains(c.text, ".") || c.text == "Balance" || strings.HasPrefix(c.text, "Money") {
			x -= charWidth * float64(len(c.text))
		}
		for word := range strings.FieldsSeq(c.text) {
			right := x + charWidth*float64(len(word))
			line.Words = append(line.Words, pdftext.Word{Left: x, Right: right, Text: word})
			x = right + charWidth
		}
	}
	t.lines = append(t.lines, line)
}

// text adds a line of text.
func (t *table) text(text string) { t.print(cell{40, text}) }

func (t *table) pages() []pdftext.Page {
	return []pdftext.Page{{Width: 595, Height: 842, Lines: t.lines}}
}

// headings adds the headings of a date, a text, money out, money in and a balance.
func (t *table) headings() {
	t.print(cell{40, "Date"}, cell{120, "Description"}, cell{400, "Money out"}, cell{470, "Money in"}, cell{545, "Balance"})
}

// row adds a row with a balance. An empty amount is not printed.
func (t *table) row(date, text, out, in, balance string) {
	var cells []cell
	for _, c := range []cell{{40, date}, {120, text}, {400, out}, {470, in}, {545, balance}} {
		if c.text != "" {
			cells = append(cells, c)
		}
	}
	t.print(cells...)
}
