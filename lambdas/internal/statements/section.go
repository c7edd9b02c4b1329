package statements

import (
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// section is the table of one account.
type section struct {
	rows             []readRow
	opening, closing *money.Amount
	out, in          *money.Amount
	foreign          bool
}

// readRow is a row with the balance printed beside it, if any.
type readRow struct {
	Row
	balance *money.Amount
}

// tableReader reads the tables of a statement, line by line.
type tableReader struct {
	layout   *layout
	period   period
	sections []*section
	// lines are the lines of the table on this page, not yet made rows.
	lines []tableLine
	// date and year are those of the last row.
	date time.Time
	year int
}

// readSections reads every table of a file. It returns ErrUnknownLayout for a file without one.
func readSections(l *layout, pages []pdftext.Page, p period) ([]*section, error) {
	r := &tableReader{layout: l, period: p}
	var columns places
	for _, page := range pages {
		if !l.continues {
			columns = nil
		}
		if err := r.page(page, columns, &columns); err != nil {
			return nil, err
		}
	}
	if len(r.sections) == 0 || columns == nil && !r.anyTable() {
		return nil, ErrUnknownLayout
	}
	return r.sections, nil
}

func (r *tableReader) anyTable() bool { return len(r.sections) > 0 }

// current returns the section that is being read.
func (r *tableReader) current() *section {
	if len(r.sections) == 0 {
		r.sections = append(r.sections, &section{})
	}
	return r.sections[len(r.sections)-1]
}

// page reads one page. columns are those of the page before where the table goes on without headings.
func (r *tableReader) page(page pdftext.Page, columns places, found *places) error {
	for _, line := range page.Lines {
		text := textOf(line.Words)
		if matches(r.layout.section, text) {
			if err := r.endTable(); err != nil {
				return err
			}
			columns = nil
			if s := r.current(); len(s.rows) > 0 || s.closing != nil {
				r.sections = append(r.sections, &section{})
				r.date, r.year = time.Time{}, 0
			}
			continue
		}
		if at, ok := placesOf(r.layout.headings, line.Words); ok {
			if err := r.endTable(); err != nil {
				return err
			}
			columns, *found = at, at
			continue
		}
		if columns == nil {
			r.current().takeTotals(r.layout.totals, text)
			continue
		}
		row, inTable := splitLine(r.layout, columns, line)
		if !inTable {
			if err := r.endTable(); err != nil {
				return err
			}
			columns = nil
			r.current().takeTotals(r.layout.totals, text)
			continue
		}
		r.lines = append(r.lines, row)
	}
	return r.endTable()
}

// endTable makes rows of the lines of a table that ends.
func (r *tableReader) endTable() error {
	lines := r.lines
	r.lines = nil
	rows, err := r.rowsOf(lines)
	if err != nil {
		return err
	}
	s := r.current()
	s.rows = append(s.rows, rows...)
	return nil
}

// setYear returns the date with its year.
func (r *tableReader) setYear(t tableLine) (time.Time, error) {
	if t.hasYear {
		r.year = t.date.Year()
		return t.date, nil
	}
	if d, ok := r.period.inYear(t.date); ok {
		return d, nil
	}
	if r.year == 0 {
		return time.Time{}, fmt.Errorf("%w: the date of a row has no year", ErrUnproven)
	}
	d := time.Date(r.year, t.date.Month(), t.date.Day(), 0, 0, 0, 0, time.UTC)
	return d, nil
}
