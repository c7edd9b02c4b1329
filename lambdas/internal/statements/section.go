package statements

import (
	"context"
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
	// headings are the columns of the last headings. columns are those of the table that is being read, nil
	// outside of one.
	headings, columns places
	// lines are the lines of the table on this page, not yet made rows.
	lines []tableLine
	// number is the page that is being read, from 0, and hasTable says which pages have rows.
	number   int
	hasTable map[int]bool
	// count is how many rows were read.
	count int
	// date is that of the last row.
	date time.Time
	// last is the last date of a row, or of a marker above the first row. It has a printed year if lastPrinted, or one
	// that follows from a printed year.
	last        time.Time
	lastPrinted bool
	// year is a year that is printed alone, for the next date.
	year int
}

// readSections reads every table of a file.
func readSections(ctx context.Context, l *layout, pages []pdftext.Page, p period) ([]*section, error) {
	r := &tableReader{layout: l, period: p, sections: []*section{{}}, hasTable: map[int]bool{}}
	for i, page := range pages {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		r.number = i
		if err := r.page(page); err != nil {
			return nil, err
		}
	}
	return r.sections, checkComplete(pages, r.hasTable)
}

// current returns the section that is being read.
func (r *tableReader) current() *section { return r.sections[len(r.sections)-1] }

// page reads one page. Where the table goes on without headings, they are those of the page before.
func (r *tableReader) page(page pdftext.Page) error {
	if r.layout.continues {
		r.columns = r.headings
	}
	for _, line := range page.Lines {
		if err := r.line(line); err != nil {
			return err
		}
	}
	return r.endTable()
}

// line reads one line: a title, headings, a line of the table, or another text.
func (r *tableReader) line(line pdftext.Line) error {
	text := textOf(line.Words)
	if matches(r.layout.section, text) {
		if err := r.endTable(); err != nil {
			return err
		}
		r.startSection()
		return nil
	}
	if headings, ok := placesOf(r.layout.headings, line.Words); ok {
		err := r.endTable()
		r.headings, r.columns = headings, headings
		return err
	}
	if r.columns != nil {
		if row, inTable := splitLine(r.layout, r.columns, line); inTable {
			r.lines = append(r.lines, row)
			return nil
		}
		if err := r.endTable(); err != nil {
			return err
		}
	}
	r.current().takeTotals(r.layout.totals, text)
	return nil
}

// startSection starts another account, unless nothing of this one was read.
func (r *tableReader) startSection() {
	if s := r.current(); len(s.rows) > 0 || s.closing != nil {
		r.sections = append(r.sections, &section{})
		r.date, r.last, r.lastPrinted, r.year = time.Time{}, time.Time{}, false, 0
	}
}

// endTable makes rows of the lines of a table that ends.
func (r *tableReader) endTable() error {
	lines := r.lines
	r.lines, r.columns = nil, nil
	rows, err := r.rowsOf(lines)
	if err != nil {
		return err
	}
	s := r.current()
	s.rows = append(s.rows, rows...)
	if r.count += len(rows); r.count > maxRows {
		return fmt.Errorf("%w: more than %d rows", ErrTooLong, maxRows)
	}
	r.hasTable[r.number] = r.hasTable[r.number] || len(rows) > 0
	return nil
}

// setYear returns the date with its year: the printed one, that of the period, or the one that follows from the date
// before.
func (r *tableReader) setYear(t tableLine) (time.Time, error) {
	d, exists := t.date, true
	fitting := r.period.years(t.date)
	switch {
	case t.hasYear:
		r.lastPrinted = true
	case r.year > 0:
		d, exists = inYear(t.date, r.year)
		r.lastPrinted = true
	case len(fitting) > 1:
		return d, fmt.Errorf("%w: the date of a row fits two years of the period", ErrUnproven)
	case len(fitting) == 1:
		d = fitting[0]
	case r.lastPrinted:
		d, exists = nextTo(r.last, t.date, r.layout.newestFirst)
	default:
		return d, fmt.Errorf("%w: the date of a row has no year", ErrUnproven)
	}
	if !exists {
		return d, fmt.Errorf("%w: the date of a row is none of its year", ErrUnproven)
	}
	r.last, r.year = d, 0
	return d, nil
}
