package answercheck

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// clause is a part of a sentence.
type clause struct {
	text   string
	tokens []string
	// compares reports that the clause stands behind "than", "from" and their like.
	compares bool
	subjects map[string]bool
	months   map[string]bool
	signs    map[sign]bool
	// figures are the places of its figures among the tokens.
	figures []int
}

// reading is a sentence as it is understood.
type reading struct {
	figures []figure
	clauses []clause
	// whole has what all clauses name. The months of comparisons are in against.
	whole   clause
	against map[string]bool
}

var (
	cutAt       = regexp.MustCompile(`,\s|;|\s[-–—]\s|\band\b|\bbut\b|\bwhile\b|\bwhereas\b|\bcompared (?:with|to)\b|\bthan\b|\bversus\b|\bvs\b\.?|\bfrom\b|\bagainst\b|\bof which\b|\bwhich\b`)
	comparisons = regexp.MustCompile(`^(?:compared|than|versus|vs|from|against)`)
)

// readSentence returns what a text says whose names, months and figures are marked.
func readSentence(text string, figures []figure) reading {
	r := reading{figures: figures, whole: newClause(text), against: map[string]bool{}}
	r.whole.months = map[string]bool{}
	from, compares := 0, false
	for _, cut := range append(cutAt.FindAllStringIndex(text, -1), []int{len(text), len(text)}) {
		c := newClause(text[from:cut[0]])
		c.compares = compares && len(c.tokens) > 0
		r.clauses = append(r.clauses, c)
		for month := range c.months {
			if c.compares {
				r.against[month] = true
			} else {
				r.whole.months[month] = true
			}
		}
		// a comma inside "compared with X, …" ends the comparison
		from, compares = cut[1], comparisons.MatchString(text[cut[0]:cut[1]])
	}
	return r
}

func newClause(text string) clause {
	c := clause{text: strings.TrimSpace(text), tokens: token.FindAllString(text, -1)}
	c.subjects, c.months, c.signs = map[string]bool{}, map[string]bool{}, map[sign]bool{}
	for i, word := range c.tokens {
		inside, isMark := strings.CutPrefix(strings.TrimSuffix(word, "⟧"), "⟦")
		month, isTime := strings.CutPrefix(inside, timePrefix)
		switch {
		case !isMark:
			c.signs[signs()[word]] = true
		case strings.IndexAny(inside, figureMarks) == 0:
			c.figures = append(c.figures, i)
		case isTime:
			c.months[month] = true
		default:
			c.subjects[inside] = true
		}
	}
	delete(c.signs, joins)
	return c
}

// figureAt returns the figure of a mark.
func (r reading) figureAt(mark string) figure {
	number, _ := strconv.Atoi(strings.TrimLeft(strings.Trim(mark, "⟦⟧"), figureMarks))
	return r.figures[number]
}

func isFigure(mark string) bool {
	return strings.IndexAny(strings.TrimPrefix(mark, "⟦"), figureMarks) == 0
}

// around returns the words of the clause before and behind a place, with a space at each
// end.
func (c clause) around(at int) (before, behind string) {
	return " " + strings.Join(c.tokens[:at], " ") + " ", " " + strings.Join(c.tokens[at+1:], " ") + " "
}

// modifiers are the signs that say nothing of what is measured.
var modifiers = []sign{average, monthly, up, down, largest, category, pronoun, aloneWord}

// measures are the signs of a clause that say what is measured.
func (c clause) measures() map[sign]bool {
	found := map[sign]bool{}
	for s := range c.signs {
		if !slices.Contains(modifiers, s) {
			found[s] = true
		}
	}
	return found
}

// distance returns how many words of a clause lie between a place and the nearest word
// with the sign, and whether there is one. Names do not count.
func (c clause) distance(s sign, from int) (nearest int, found bool) {
	for at, word := range c.tokens {
		if strings.HasPrefix(word, "⟦") || signs()[word] != s {
			continue
		}
		gap := 0
		for _, between := range c.tokens[min(at, from)+1 : max(at, from)] {
			if !strings.HasPrefix(between, "⟦") || isFigure(between) {
				gap++
			}
		}
		if !found || gap < nearest {
			nearest, found = gap, true
		}
	}
	return nearest, found
}

// onlySubject returns the subject of a sentence that has one.
func (r reading) onlySubject() string {
	if len(r.whole.subjects) == 1 {
		for subject := range r.whole.subjects {
			return subject
		}
	}
	return ""
}
