package pdftext

import (
	"fmt"
	"math"
	"slices"
	"unicode"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// Page is one page of a file. The origin is the upper left corner; units are points.
type Page struct {
	Width, Height float64
	// Lines are the lines from top to bottom.
	Lines []Line
}

// Line is a line of words that stand on one baseline, which may belong to several columns.
type Line struct {
	// Top and Bottom are those of the line's font.
	Top, Bottom float64
	// Words are the words from left to right.
	Words []Word
}

// Word is a text without spaces.
type Word struct {
	Left, Right float64
	Text        string

	height float64
}

// character is one printed character, with the box that its font gives it.
type character struct {
	text                     rune
	left, right, top, bottom float64
	hidden                   bool
}

// readPage returns a page, and its number of characters, of which it reads at most limit.
func readPage(instance pdfium.Pdfium, document references.FPDF_DOCUMENT, index, limit int) (Page, int, error) {
	at := requests.Page{ByIndex: &requests.PageByIndex{Document: document, Index: index}}
	size, err := instance.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: document, Index: index})
	if err != nil {
		return Page{}, 0, unreadable(index, err)
	}
	text, err := instance.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: at})
	if err != nil {
		return Page{}, 0, unreadable(index, err)
	}
	defer func() { _, _ = instance.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text.TextPage}) }()
	count, err := instance.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: text.TextPage})
	if err != nil {
		return Page{}, 0, unreadable(index, err)
	}
	if count.Count > limit {
		return Page{}, 0, fmt.Errorf("%w: more than %d characters", ErrTooLong, maxCharacters)
	}
	characters := make([]character, 0, count.Count)
	for i := range count.Count {
		c, ok, err := readCharacter(instance, text.TextPage, i, size.Height)
		if err != nil {
			return Page{}, 0, unreadable(index, err)
		}
		if !ok {
			continue
		}
		if n := len(characters); n > 0 && follows(characters[n-1], c) {
			c.hidden = characters[n-1].hidden
		} else {
			c.hidden = isHidden(instance, text.TextPage, i)
		}
		characters = append(characters, c)
	}
	visible := slices.DeleteFunc(characters, func(c character) bool { return c.hidden })
	return Page{Width: size.Width, Height: size.Height, Lines: linesOf(visible)}, count.Count, nil
}

func unreadable(page int, err error) error {
	return fmt.Errorf("%w: page %d: %w", ErrUnreadable, page+1, err)
}

// readCharacter returns a character. ok is false for what PDFium made up, such as the ends of lines.
func readCharacter(instance pdfium.Pdfium, page references.FPDF_TEXTPAGE, index int, height float64) (c character, ok bool, err error) {
	code, err := instance.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: page, Index: index})
	if err != nil {
		return c, false, err
	}
	c.text = rune(code.Unicode)
	if c.text != ' ' && !unicode.IsGraphic(c.text) || c.text == unicode.ReplacementChar {
		return c, false, nil
	}
	box, err := instance.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: page, Index: index})
	if err != nil { // PDFium gives characters that it made up no box
		return c, false, nil
	}
	c.left, c.right = float64(box.Rect.Left), float64(box.Rect.Right)
	c.top, c.bottom = height-float64(box.Rect.Top), height-float64(box.Rect.Bottom)
	return c, true, nil
}

// follows reports whether a character goes on with the text of the one before it, in its colour.
func follows(before, c character) bool {
	return c.top == before.top && math.Abs(c.left-before.right) < 0.01
}

// minWhite is the least value of each colour of text that cannot be told from paper.
const minWhite = 250

// isHidden reports whether a reader of the paper does not see a character. One without a colour of its own is
// black.
func isHidden(instance pdfium.Pdfium, page references.FPDF_TEXTPAGE, index int) bool {
	colour, err := instance.FPDFText_GetFillColor(&requests.FPDFText_GetFillColor{TextPage: page, Index: index})
	return err == nil && (colour.A == 0 || min(colour.R, colour.G, colour.B) >= minWhite)
}
