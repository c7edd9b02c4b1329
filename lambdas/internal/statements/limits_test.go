package statements_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
	"github.com/expenzez/infrastructure/lambdas/internal/statements"
	"github.com/expenzez/infrastructure/test/statementtest"
)

// page returns a page of this many rows.
func page(rows int) pdftext.Page {
	var s table
	s.headings()
	for range rows {
		s.row("2 Mar 2026", "ACME", "1.00", "", "")
	}
	return s.pages()[0]
}

func TestRead_TooManyLinesOrRows_IsTooLong(t *testing.T) {
	var many []pdftext.Page
	for range 31 {
		many = append(many, page(990))
	}
	for name, pages := range map[string][]pdftext.Page{"a page of 100,000 lines": {page(100_000)}, "31 pages of 990 rows": many} {
		if _, err := statements.Read(t.Context(), pages); !errors.Is(err, statements.ErrTooLong) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Of a known bank and of an unknown one.
func TestRead_ContextEnds_ReturnsItsCause(t *testing.T) {
	ended := errors.New("ended")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(ended)
	made := statementtest.NewOfRows("chase", 1, 5)
	for name, statement := range map[string]statementtest.Statement{"known": made, "unknown": made.Anonymous()} {
		pages, err := pdfs().Read(t.Context(), statement.PDF())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := statements.Read(ctx, pages); !errors.Is(err, ended) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Words of a code and of a text may be as many as a file has.
func TestRead_LineOfManyWords_IsReadInLinearSpace(t *testing.T) {
	var s table
	s.print(cell{40, "Date"}, cell{100, "Type"}, cell{400, "Money out"}, cell{470, "Money in"}, cell{545, "Balance"}, cell{600, "Details"})
	line := s.pages()[0]
	words := make([]pdftext.Word, 20_000)
	for i := range words {
		words[i] = pdftext.Word{Left: 100, Right: 104, Text: fmt.Sprint("W", i)}
	}
	line.Lines = append(line.Lines, pdftext.Line{Top: 40, Bottom: 50, Words: words})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _ = statements.Read(t.Context(), []pdftext.Page{line})
	runtime.ReadMemStats(&after)
	if allocated, limit := after.TotalAlloc-before.TotalAlloc, uint64(2_000*len(words)); allocated > limit {
		t.Errorf("%d bytes allocated, more than %d", allocated, limit)
	}
}
