package answercheck

import (
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/facts"
)

// statesFacts reports whether each figure of a sentence is a fact's, and the fact is
// about what the sentence says.
func statesFacts(sentence string, known facts.Facts) bool {
	plain := strings.NewReplacer("*", "", "_", " ", "’", "'", "−", "-").Replace(sentence)
	named := markTimes(markSubjects(replaceSynonyms(plain, spokenSynonyms)), known.Month())
	figures, text, ok := markFigures(named)
	if !ok {
		return false
	}
	if len(figures) == 0 && !strings.Contains(text, timeMark(days30)) {
		return true
	}
	text = replaceSynonyms(outsideMarks(text, strings.ToLower), markedSynonyms)
	if !isClosed(text) {
		return false
	}
	r := readSentence(text, figures)
	if !r.isLargest(known) {
		return false
	}
	for i, c := range r.clauses {
		if len(c.figures) == 0 && !r.addsNothing(c, known) {
			return false
		}
		for _, at := range c.figures {
			if !r.states(i, at, known) {
				return false
			}
		}
	}
	return true
}

// states reports whether a fact has the figure and is about what stands beside it.
func (r reading) states(i, at int, known facts.Facts) bool {
	c, f := r.clauses[i], r.figureAt(r.clauses[i].tokens[at])
	return slices.ContainsFunc(known.List, func(fact facts.Fact) bool {
		return f.equals(fact) && r.isSubject(fact, i) && r.isMonth(fact, c, known.Month()) &&
			r.isMeasure(fact, c, at) && isPlaced(fact, c, at) && isDirection(fact, c, at, known)
	})
}

// ownSubject are the measures of which there is none for all of the user's money: a
// clause that names no subject is then about the only one of the sentence.
var ownSubject = []facts.Measure{
	facts.Target, facts.Saved, facts.Remaining, facts.Progress, facts.DaysLeft, facts.Score, facts.ScoreOf,
	facts.Due, facts.BillsDue,
}

// ofBudget are the measures of budgets.
var ofBudget = []facts.Measure{facts.Limit, facts.Left, facts.Used, facts.Over}

// isSubject reports whether a fact is about the subject of its clause. A clause without
// one has the only subject of the sentence, or is about the total when it says what it
// measures.
func (r reading) isSubject(fact facts.Fact, i int) bool {
	c, key := r.clauses[i], keyOf(fact.About)
	isBudget := slices.Contains(ofBudget, fact.Measure)
	switch {
	case len(c.subjects) > 0:
		return len(c.subjects) == 1 && c.subjects[key]
	case key != "":
		isClear := len(c.measures()) == 0 || c.compares || isBudget || slices.Contains(ownSubject, fact.Measure)
		return isClear && key == r.onlySubject()
	case len(r.whole.subjects) == 0:
		return !c.signs[pronoun]
	default:
		return !c.signs[pronoun] && !isBudget && len(c.measures()) > 0 && r.isTotal(fact, i)
	}
}

// isTotal reports whether a clause without a subject is about the total though others
// have subjects: none of those is without a figure, and the clause says so when one
// stands before it.
func (r reading) isTotal(fact facts.Fact, i int) bool {
	for at, c := range r.clauses {
		if len(c.subjects) == 0 {
			continue
		}
		if len(c.figures) == 0 || at < i && fact.Measure == facts.Spent && !r.clauses[i].signs[aloneWord] {
			return false
		}
	}
	return true
}

// isMonth reports whether a fact is of the month of its clause, or of the sentence. A
// sentence without a month is about the current one.
func (r reading) isMonth(fact facts.Fact, c clause, current string) bool {
	isAverage := fact.Measure == facts.Average
	if c.signs[average] != isAverage || c.signs[monthly] != isAverage && fact.Measure != facts.Limit {
		return false
	}
	months := c.months
	if len(months) == 0 {
		months = r.whole.months
	}
	switch {
	case fact.About.Bills:
		return isOnly(months, days30)
	case fact.Month == "":
		return len(c.months) == 0
	case len(months) == 0:
		return fact.Month == current && r.isCompared(fact)
	default:
		return isOnly(months, fact.Month) && r.isCompared(fact)
	}
}

// isCompared reports whether a sentence compares a change with its earlier month, and
// other figures with no other month.
func (r reading) isCompared(fact facts.Fact) bool {
	for _, c := range r.clauses {
		if !c.compares || len(c.figures) > 0 {
			continue
		}
		switch fact.Measure {
		case facts.Change:
			if !isOnly(c.months, fact.Against) || c.signs[income] {
				return false
			}
		case facts.Net:
			if len(c.months) > 0 && !isOnly(c.months, fact.Month) {
				return false
			}
		}
	}
	return true
}

func isOnly(months map[string]bool, month string) bool { return len(months) == 1 && months[month] }

// addsNothing reports whether a clause without a figure claims nothing of its own: it
// joins others, is what another clause is compared with, or says truly where the
// spending went.
func (r reading) addsNothing(c clause, known facts.Facts) bool {
	isOne := len(c.months) <= 1 && (len(c.subjects) == 0 || r.onlySubject() != "")
	if !isOne || c.signs[average] || c.signs[monthly] || c.signs[pronoun] {
		return false
	}
	measures := c.measures()
	switch {
	case c.compares:
		names := len(c.months)+len(measures) > 0
		delete(measures, spending)
		delete(measures, income)
		return names && len(measures) == 0 && !c.moves() && r.hasMove()
	case c.signs[largest]: // isLargest has looked at it
		delete(measures, spending)
		return len(measures) == 0
	case c.moves():
		all := r.whole.measures()
		return (len(all) == 0 || len(all) == 1 && all[spending]) && r.goes(c, known)
	default:
		return len(measures) == 0 && len(c.months) == 0
	}
}

// moves reports whether a clause says that something rose or fell.
func (c clause) moves() bool { return c.signs[up] || c.signs[down] }

// hasMove reports whether a clause with a figure says that something rose or fell.
func (r reading) hasMove() bool {
	return slices.ContainsFunc(r.clauses, func(c clause) bool { return len(c.figures) > 0 && c.moves() })
}

// goes reports whether the spending of the sentence goes the way of a clause, from the
// month before to the current one.
func (r reading) goes(c clause, known facts.Facts) bool {
	for _, fact := range known.List {
		if fact.Measure == facts.Change && fact.Month == known.Month() && keyOf(fact.About) == r.onlySubject() {
			isNow := len(r.whole.months) == 0 || isOnly(r.whole.months, fact.Month)
			return isNow && len(r.whole.subjects) <= 1 && turns(fact, c)
		}
	}
	return false
}

// isDirection reports whether a change is told the right way up. A sum that "rose to" or
// "fell to" needs the change that says so.
func isDirection(fact facts.Fact, c clause, at int, known facts.Facts) bool {
	switch {
	case fact.Measure == facts.Net:
		return true // told by isNet
	case fact.Measure == facts.Change:
		return turns(fact, c)
	case !c.moves():
		return true
	default:
		before, _ := c.around(at)
		change, has := known.Find(fact.About, facts.Change, fact.Month)
		return has && fact.Measure == facts.Spent && strings.HasSuffix(before, " to ") && turns(change, c)
	}
}

// turns reports whether a change goes the way that a clause says.
func turns(change facts.Fact, c clause) bool {
	return c.signs[up] != c.signs[down] && c.signs[up] == change.Value.IsPositive() && !change.Value.IsZero()
}
