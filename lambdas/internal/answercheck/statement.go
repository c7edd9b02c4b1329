package answercheck

import (
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/facts"
)

// context is what a sentence or a clause says around its figures.
type context struct {
	text     string
	subjects map[string]bool
	months   map[string]bool
	measures []facts.Measure
}

func contextOf(marked, current string) context {
	months, rest := cutMonths(marked, current)
	c := context{text: rest, subjects: subjectsOf(marked), months: months}
	for measure, words := range measureWords {
		if words.MatchString(rest) {
			c.measures = append(c.measures, measure)
		}
	}
	return c
}

// statesFacts reports whether each figure of a sentence is a fact's, and the fact is
// about what the sentence says.
func statesFacts(sentence string, known facts.Facts) bool {
	plain := strings.NewReplacer("*", "", "_", " ", "’", "'", "−", "-").Replace(sentence)
	marked := markSubjects(plain)
	whole := contextOf(marked, known.Month())
	figures, ok := readFigures(withoutMarks(whole.text))
	if !ok {
		return false
	}
	if len(figures) == 0 {
		return true
	}
	if negation.MatchString(whole.text) {
		return false
	}
	for _, clause := range cutAt.Split(marked, -1) {
		c := contextOf(clause, known.Month())
		inClause, ok := readFigures(withoutMarks(c.text))
		if !ok {
			return false
		}
		for _, f := range inClause {
			if !stated(f, c, whole, known) {
				return false
			}
		}
	}
	return true
}

func withoutMarks(text string) string { return mark.ReplaceAllString(text, "") }

// stated reports whether a fact has the figure and is about what stands beside it.
func stated(f figure, clause, sentence context, known facts.Facts) bool {
	return slices.ContainsFunc(known.List, func(fact facts.Fact) bool {
		return f.equals(fact) && isSubject(fact, clause, sentence) && isMonth(fact, clause, sentence, known.Month()) &&
			isMeasure(fact, f, clause, sentence) && isDirection(fact, clause, sentence, known)
	})
}

// isSubject reports whether a fact is about the subject of its clause. A clause without
// one has the only subject of the sentence, or is about the total when it says what it
// measures.
func isSubject(fact facts.Fact, clause, sentence context) bool {
	key := keyOf(fact.About)
	switch {
	case len(clause.subjects) > 0:
		return clause.subjects[key]
	case key == "":
		return len(sentence.subjects) == 0 || len(clause.measures) > 0 || fact.Unit == facts.Count
	default:
		return len(sentence.subjects) == 1 && sentence.subjects[key] && (len(clause.measures) == 0 || sentence.text == clause.text)
	}
}

// isMonth reports whether a fact is of the month of its clause, or of the sentence. A
// sentence without a month is about the current one.
func isMonth(fact facts.Fact, clause, sentence context, current string) bool {
	isDays := fact.Measure == facts.DaysLeft
	if otherTime.MatchString(clause.text) != isDays || otherTime.MatchString(sentence.text) && !isDays {
		return false
	}
	if fact.Measure == facts.Average {
		return perMonth.MatchString(sentence.text) && len(clause.months) == 0
	}
	if perMonth.MatchString(clause.text) && fact.Month != "" {
		return false
	}
	months := clause.months
	if len(months) == 0 {
		months = sentence.months
	}
	switch {
	case fact.About.Bills:
		return !perMonth.MatchString(clause.text) && onlyOf(months, days30, days30)
	case fact.Month == "":
		return len(clause.months) == 0
	case fact.Measure == facts.Change:
		later := len(clause.months) == 0 && fact.Month == current || clause.months[fact.Month]
		return later && onlyOf(sentence.months, fact.Month, fact.Against)
	case len(months) == 0:
		return fact.Month == current
	default:
		return months[fact.Month] && len(months) == 1
	}
}

// onlyOf reports whether all months are one of two.
func onlyOf(months map[string]bool, one, other string) bool {
	for month := range months {
		if month != one && month != other {
			return false
		}
	}
	return true
}

// isMeasure reports whether a fact measures what its clause, or else the sentence, says
// of the figure.
func isMeasure(fact facts.Fact, f figure, clause, sentence context) bool {
	said := clause.measures
	if len(said) == 0 {
		said = sentence.measures
	}
	switch {
	case fact.Measure == facts.BillsDue: // not paid ones
		return isCounted(fact, clause) && slices.Contains(said, facts.Due) && !slices.Contains(said, facts.Spent)
	case fact.Unit == facts.Count:
		return isCounted(fact, clause)
	case fact.Measure == facts.Net && fact.Value.IsNegative() != overspent.MatchString(sentence.text):
		return false
	case fact.Measure == facts.Share:
		return !slices.Contains(said, facts.Limit)
	case fact.Measure == facts.Used && slices.Contains(clause.measures, facts.Left):
		return false
	case slices.Contains(mustSay, fact.Measure) && !slices.Contains(said, fact.Measure):
		return false
	case slices.Contains(confusable, fact.Measure):
		return len(said) == 0 || slices.Contains(said, fact.Measure) && isNearest(fact.Measure, f, clause)
	default: // a change and an average: the other rules tell
		return true
	}
}

// isNearest reports whether no word of another measure stands nearer to the figure. A
// clause that names no measure has none.
func isNearest(measure facts.Measure, f figure, clause context) bool {
	own, found := distance(measure, f, clause)
	for _, other := range confusable {
		if to, is := distance(other, f, clause); is && (!found || to < own) {
			return false
		}
	}
	return true
}

// distance returns how far the nearest word of a measure is from the figure, and whether
// there is one.
func distance(measure facts.Measure, f figure, clause context) (nearest int, found bool) {
	for _, at := range measureWords[measure].FindAllStringIndex(withoutMarks(clause.text), -1) {
		gap := max(f.from-at[1], at[0]-f.to, 0)
		if !found || gap < nearest {
			nearest, found = gap, true
		}
	}
	return nearest, found
}

// countedNouns are the nouns of counts.
var countedNouns = map[facts.Measure][]string{
	facts.Payments: {"transaction", "payment", "purchase"},
	facts.Goals:    {"goal", "savings goal", "active"},
	facts.DaysLeft: {"day"},
	facts.BillsDue: {"bill"},
	facts.Score:    {"score"},
	facts.ScoreOf:  {"score", "out of"},
	facts.Health:   {"health"},
}

func isCounted(fact facts.Fact, clause context) bool {
	text := strings.ToLower(clause.text)
	return slices.ContainsFunc(countedNouns[fact.Measure], func(noun string) bool { return strings.Contains(text, noun) })
}

// isDirection reports whether a change is told the right way up. A sum that "rose to" or
// "is down" needs the change that says so.
func isDirection(fact facts.Fact, clause, sentence context, known facts.Facts) bool {
	up, down := upWords.MatchString(clause.text), downWords.MatchString(clause.text)
	if fact.Measure != facts.Change {
		if !up && !down || fact.Measure == facts.Net {
			return true
		}
		of, has := known.Find(fact.About, facts.Change, fact.Month)
		return has && fact.Measure == facts.Spent && goes(of, up, down)
	}
	if !up && !down {
		up, down = upWords.MatchString(sentence.text), downWords.MatchString(sentence.text)
	}
	return goes(fact, up, down)
}

// goes reports whether a change goes the way that words say.
func goes(change facts.Fact, up, down bool) bool {
	return up != down && up == change.Value.IsPositive() && !change.Value.IsZero()
}
