package statements

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
)

var printedNumber = regexp.MustCompile(`(?i)\bpage (\d{1,3}) of (\d{1,3})\b`)

// pageNumber is a printed number of a page, zero if none is printed.
type pageNumber struct{ number, of int }

func numberOf(page pdftext.Page) (n pageNumber) {
	for _, line := range page.Lines {
		if found := printedNumber.FindStringSubmatch(textOf(line.Words)); found != nil {
			n.number, _ = strconv.Atoi(found[1])
			n.of, _ = strconv.Atoi(found[2])
		}
	}
	return n
}

// checkComplete returns ErrUnproven for a file that lost a page, or the end of one: PDFium reads a damaged page up to
// the damage. hasTable says which pages have rows. A page between them without a text is suspicious. Where pages are
// numbered, those with rows are, and the numbers go on to the last.
func checkComplete(pages []pdftext.Page, hasTable map[int]bool) error {
	last, numbered := 0, false
	numbers := make([]pageNumber, len(pages))
	for i, page := range pages {
		numbers[i] = numberOf(page)
		numbered = numbered || numbers[i].number > 0
		if hasTable[i] {
			last = i
		}
	}
	for i, n := range numbers {
		switch {
		case i < last && len(pages[i].Lines) == 0:
			return fmt.Errorf("%w: page %d has no text", ErrUnproven, i+1)
		case numbered && hasTable[i] && n.number == 0:
			return fmt.Errorf("%w: page %d has no number", ErrUnproven, i+1)
		case n.number > 1 && (i == 0 || numbers[i-1].number != n.number-1):
			return fmt.Errorf("%w: page %d follows another than page %d", ErrUnproven, n.number, n.number-1)
		case n.number > 0 && n.number < n.of && (i+1 == len(pages) || numbers[i+1].number != n.number+1):
			return fmt.Errorf("%w: page %d of %d is missing", ErrUnproven, n.number+1, n.of)
		}
	}
	return nil
}
