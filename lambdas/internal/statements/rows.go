package statements

import (
	"fmt"
	"math"

	"github.com/expenzez/infrastructure/lambdas/money"
)

// block is the lines of one row.
type block struct {
	amountLine tableLine
	lines      []tableLine
}

// rowsOf groups the lines of a table into rows, by the side of the text on which the amounts stand.
func (r *tableReader) rowsOf(lines []tableLine) ([]readRow, error) {
	lines, err := r.takeMarkers(lines)
	if err != nil {
		return nil, err
	}
	var blocks []block
	if r.layout.side == amountCentred {
		blocks, err = centredBlocks(lines)
	} else {
		blocks, err = r.blocksOf(lines)
	}
	if err != nil {
		return nil, err
	}
	rows := make([]readRow, 0, len(blocks))
	for _, b := range blocks {
		row, err := r.rowOf(b)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// takeMarkers takes the lines that are no part of a transaction: balances brought forward, and others.
func (r *tableReader) takeMarkers(lines []tableLine) ([]tableLine, error) {
	kept := lines[:0:0]
	s := r.current()
	for _, line := range lines {
		for _, a := range line.amounts {
			if a.foreign && r.layout.section == nil {
				return nil, fmt.Errorf("%w: a table has amounts in several currencies", ErrUnproven)
			}
			s.foreign = s.foreign || a.foreign
		}
		balance, hasBalance := line.amounts[columnBalance]
		switch {
		case line.hasAmount():
			kept = append(kept, line)
		case matches(r.layout.opening, line.text) && hasBalance:
			r.takeDate(line)
			if value := balance.balance(); s.opening == nil || len(s.rows) == 0 && len(kept) == 0 {
				s.opening = &value
			}
		case matches(r.layout.closing, line.text) && hasBalance:
			value := balance.balance()
			s.closing = &value
		case matches(r.layout.skipped, line.text):
		case hasBalance:
			return nil, fmt.Errorf("%w: a line has a balance and no amount", ErrUnproven)
		case line.text == "" && line.code == "" && !line.creditBelow:
			if line.year > 0 {
				kept = append(kept, line)
			}
		default:
			kept = append(kept, line)
		}
	}
	return kept, nil
}

// takeDate keeps the date of a marker above the first row, if its year is printed: the year of the row follows from it.
func (r *tableReader) takeDate(line tableLine) {
	if r.last.IsZero() && !r.layout.newestFirst && line.hasYear {
		r.last, r.lastPrinted = line.date, true
	}
	if line.year > 0 {
		r.year = line.year
	}
}

// blocksOf groups lines whose text stands on one side of the amount.
func (r *tableReader) blocksOf(lines []tableLine) ([]block, error) {
	var blocks []block
	var pending []tableLine
	for _, line := range lines {
		switch {
		case r.layout.side == amountFirst && line.hasAmount():
			blocks = append(blocks, block{line, append(pending, line)})
			pending = nil
		case r.layout.side == amountFirst && line.year > 0:
			pending = append(pending, line)
		case r.layout.side == amountFirst:
			if len(blocks) == 0 {
				return nil, fmt.Errorf("%w: a text stands above the first amount", ErrUnproven)
			}
			last := &blocks[len(blocks)-1]
			last.lines = append(last.lines, line)
		case line.hasAmount():
			blocks = append(blocks, block{line, append(pending, line)})
			pending = nil
		default:
			pending = append(pending, line)
		}
	}
	if len(pending) > 0 {
		return nil, fmt.Errorf("%w: a text has no amount", ErrUnproven)
	}
	return blocks, nil
}

// centredBlocks gives each line of text to the nearest amount.
func centredBlocks(lines []tableLine) ([]block, error) {
	var amounts []int
	for i, line := range lines {
		if line.hasAmount() {
			amounts = append(amounts, i)
		}
	}
	if len(amounts) == 0 && len(lines) > 0 {
		return nil, fmt.Errorf("%w: a text has no amount", ErrUnproven)
	}
	blocks := make([]block, len(amounts))
	for n, at := range amounts {
		blocks[n].amountLine = lines[at]
	}
	nearest := 0 // lines go down the page, and so does what is nearest
	for i := range lines {
		away := func(n int) float64 { return math.Abs(lines[amounts[n]].middle - lines[i].middle) }
		for nearest > 0 && away(nearest-1) <= away(nearest) {
			nearest--
		}
		for nearest+1 < len(amounts) && away(nearest+1) < away(nearest) {
			nearest++
		}
		blocks[nearest].lines = append(blocks[nearest].lines, lines[i])
	}
	return blocks, nil
}

// maxOffCentre is how far, in points, an amount may stand from the middle of its text.
const maxOffCentre = 2

// check returns an error if the lines are no row of a table whose amounts stand on this side. Dates stand on
// the first line, or beside the amount in the middle of the text.
func (b block) check(s side) error {
	var texts []tableLine
	for _, line := range b.lines {
		if line.text != "" {
			texts = append(texts, line)
		}
	}
	for i, line := range texts {
		if !line.date.IsZero() && i > 0 && s != amountCentred {
			return fmt.Errorf("%w: a date stands below the first line of its row", ErrUnproven)
		}
	}
	if s != amountCentred || len(texts) == 0 {
		return nil
	}
	middle := (texts[0].middle + texts[len(texts)-1].middle) / 2
	if math.Abs(middle-b.amountLine.middle) > maxOffCentre {
		return fmt.Errorf("%w: an amount does not stand in the middle of its text", ErrUnproven)
	}
	return nil
}

// rowOf makes a row of its lines.
func (r *tableReader) rowOf(b block) (readRow, error) {
	var row readRow
	if err := b.check(r.layout.side); err != nil {
		return row, err
	}
	dates := 0
	for _, line := range b.lines {
		if line.year > 0 {
			r.year = line.year
		}
		if !line.date.IsZero() {
			dates++
			date, err := r.setYear(line)
			if err != nil {
				return row, err
			}
			r.date = date
		}
		if line.code != "" && row.Code == "" {
			row.Code = line.code
		}
		if line.text != "" {
			row.Lines = append(row.Lines, line.text)
		}
	}
	if known := r.layout.codes; row.Code != "" && known != nil && !known[row.Code] {
		return row, fmt.Errorf("%w: a row has an unknown code", ErrUnproven)
	}
	if r.date.IsZero() || dates > 1 {
		return row, fmt.Errorf("%w: a row has %d dates", ErrUnproven, dates)
	}
	row.Date = r.date
	var err error
	if row.Amount, err = r.amountOf(b); err != nil {
		return row, err
	}
	if balance, ok := b.amountLine.amounts[columnBalance]; ok {
		value := balance.balance()
		row.balance = &value
	}
	return row, nil
}

// amountOf returns the signed amount of a row.
func (r *tableReader) amountOf(b block) (money.Amount, error) {
	out, isOut := b.amountLine.amounts[columnOut]
	in, isIn := b.amountLine.amounts[columnIn]
	a := b.amountLine.amounts[columnAmount]
	switch {
	case isOut && isIn:
		return money.Amount{}, fmt.Errorf("%w: a row has money out and money in", ErrUnproven)
	case isOut:
		return out.value.Neg(), nil
	case isIn:
		return in.value, nil
	case !r.layout.card:
		return a.value, nil
	}
	for _, line := range b.lines {
		a.credit = a.credit || line.creditBelow
	}
	if a.credit {
		return a.value, nil
	}
	return a.value.Neg(), nil
}
