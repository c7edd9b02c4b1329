package pdftext

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

const (
	// maxGap is how far apart, in heights of the font, the characters of one word may stand. A space has
	// 0.25 to 0.28.
	maxGap = 0.17
	// maxSplit is how far apart two words may stand that are one, printed in two parts.
	maxSplit = 0.12
	// minOverlap is the share of the lower font's height that two characters of one line have in common.
	minOverlap = 0.6
)

// linesOf groups characters by their heights on the page. The characters of a line keep the order in which
// the file prints them.
func linesOf(characters []character) []Line {
	order := make([]int, len(characters))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(characters[a].bottom, characters[b].bottom) })
	var lines [][]int
	for _, i := range order {
		if n := len(lines); n > 0 && onOneLine(characters[lines[n-1][0]], characters[i]) {
			lines[n-1] = append(lines[n-1], i)
			continue
		}
		lines = append(lines, []int{i})
	}
	grouped := make([]Line, 0, len(lines))
	for _, line := range lines {
		slices.Sort(line)
		if words := wordsOf(characters, line); len(words) > 0 {
			grouped = append(grouped, Line{
				Top:    median(characters, line, func(c character) float64 { return c.top }),
				Bottom: median(characters, line, func(c character) float64 { return c.bottom }),
				Words:  words,
			})
		}
	}
	return grouped
}

// median returns the middle of an edge of a line's characters. Single ones, such as spaces of other fonts, have
// other boxes.
func median(characters []character, line []int, edge func(character) float64) float64 {
	edges := make([]float64, 0, len(line))
	for _, i := range line {
		edges = append(edges, edge(characters[i]))
	}
	slices.Sort(edges)
	return edges[len(edges)/2]
}

func onOneLine(a, b character) bool {
	common := min(a.bottom, b.bottom) - max(a.top, b.top)
	return common >= minOverlap*min(a.bottom-a.top, b.bottom-b.top)
}

// wordsOf parts the characters of a line at spaces, at gaps, and where the file goes on elsewhere. So texts
// that overlap stay apart.
func wordsOf(characters []character, line []int) []Word {
	var words []Word
	var text strings.Builder
	var word Word
	end := func() {
		if text.Len() > 0 {
			word.Text = text.String()
			words = append(words, word)
		}
		text.Reset()
	}
	for _, i := range line {
		c := characters[i]
		if c.text == ' ' || c.text == '\u00a0' {
			end()
			continue
		}
		if gap := c.left - word.Right; text.Len() > 0 && math.Abs(gap) > maxGap*(c.bottom-c.top) {
			end()
		}
		if text.Len() == 0 {
			word = Word{Left: c.left, height: c.bottom - c.top}
		}
		text.WriteRune(c.text)
		word.Right = c.right
	}
	end()
	return joined(words)
}

// joined orders words from left to right and joins the parts of words that are printed apart.
func joined(words []Word) []Word {
	slices.SortStableFunc(words, func(a, b Word) int { return cmp.Compare(a.Left, b.Left) })
	whole := words[:0]
	for len(words) > 0 {
		n := 1
		for n < len(words) && math.Abs(words[n].Left-words[n-1].Right) < maxSplit*words[n].height {
			n++
		}
		w := words[0]
		w.Text, w.Right = textOf(words[:n]), words[n-1].Right
		whole, words = append(whole, w), words[n:]
	}
	return whole
}

// textOf returns the texts of words as one.
func textOf(words []Word) string {
	if len(words) == 1 {
		return words[0].Text
	}
	var text strings.Builder
	for _, w := range words {
		text.WriteString(w.Text)
	}
	return text.String()
}
