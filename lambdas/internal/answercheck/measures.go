package answercheck

import (
	"regexp"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/facts"
)

// wording is how a clause has to speak of a measure.
type wording struct {
	// says are the signs of which the clause has one, or the sentence when the clause
	// has none at all.
	says []sign
	// about is a sign that the sentence has as well.
	about sign
	// beside are the only other signs that the clause may have.
	beside []sign
}

var wordings = map[facts.Measure]wording{
	facts.Spent:     {[]sign{spending, used}, "", []sign{budget}},
	facts.Income:    {[]sign{income}, "", []sign{holds}},
	facts.Share:     {[]sign{spending}, "", nil},
	facts.Average:   {[]sign{spending}, "", nil},
	facts.Change:    {[]sign{spending}, "", nil},
	facts.Payments:  {[]sign{counted}, "", []sign{holds}},
	facts.Target:    {[]sign{target, outOf}, "", []sign{saved, done, toGo, goal, holds}},
	facts.Saved:     {[]sign{saved}, "", []sign{target, outOf, done, goal, holds}},
	facts.Remaining: {[]sign{toGo}, "", []sign{target, goal, holds}},
	facts.Progress:  {[]sign{done}, "", []sign{target, saved, goal, holds}},
	facts.DaysLeft:  {[]sign{left, toGo}, days, []sign{days, target, goal, holds}},
	facts.Goals:     {[]sign{goal}, "", []sign{saving, holds}},
	facts.Limit:     {[]sign{budget}, "", []sign{spending, used, left, over, holds}},
	facts.Left:      {[]sign{left}, budget, []sign{budget, holds}},
	facts.Used:      {[]sign{used, spending}, budget, []sign{budget}},
	facts.Over:      {[]sign{over}, budget, []sign{budget, spending}},
	facts.Due:       {[]sign{due}, "", []sign{holds}},
	facts.BillsDue:  {[]sign{due}, "", []sign{holds}},
	facts.Score:     {[]sign{score}, "", []sign{outOf, highest, holds}},
	facts.ScoreOf:   {[]sign{score}, "", []sign{outOf, highest, holds}},
	facts.Health:    {[]sign{health}, "", []sign{holds}},
	facts.Debt:      {[]sign{debt}, "", []sign{holds}},
	facts.Balance:   {[]sign{balance}, card, []sign{card, holds}},
	facts.Credit:    {[]sign{limit}, card, []sign{card, holds}},
	facts.Borrowing: {[]sign{ofLimit, used}, "", []sign{card, limit}},
	facts.Repaying:  {[]sign{repaying}, income, []sign{income, debt, card}},
}

// isMeasure reports whether a fact measures what its clause, or else the sentence, says
// of the figure.
func (r reading) isMeasure(fact facts.Fact, c clause, at int) bool {
	if fact.Measure == facts.Net {
		return r.isNet(fact, c)
	}
	said, words := c.measures(), wordings[fact.Measure]
	if len(said) == 0 {
		said = r.whole.measures()
	}
	if words.about != "" && !r.whole.signs[words.about] {
		return false
	}
	says := func(s sign) bool { return said[s] }
	if !slices.ContainsFunc(words.says, says) {
		isSpending := fact.Measure == facts.Spent || fact.Measure == facts.Change
		return isSpending && fact.About.Category != "" && len(said) == 0
	}
	for s := range said {
		if !slices.Contains(words.says, s) && !slices.Contains(words.beside, s) {
			return false
		}
	}
	return fact.Unit != facts.GBP || isNearest(words.says, c, at)
}

// sums are the signs of measures of money of which a clause may have several. The figure
// is of the one that stands next to it.
var sums = []sign{spending, income, target, outOf, saved, toGo, budget, used, left, over, due, debt, balance, limit}

// isNearest reports whether no sign of another measure stands nearer to a figure. A clause
// without a sign has none.
func isNearest(says []sign, c clause, at int) bool {
	nearest, found := 0, false
	for _, s := range says {
		if gap, is := c.distance(s, at); is && (!found || gap < nearest) {
			nearest, found = gap, true
		}
	}
	for _, s := range sums {
		if gap, is := c.distance(s, at); is && !slices.Contains(says, s) && (!found || gap < nearest) {
			return false
		}
	}
	return true
}

// isNet reports whether a clause tells what is left of the income: as a surplus or a
// deficit, or by comparing income and spending.
func (r reading) isNet(fact facts.Fact, c clause) bool {
	said := c.measures()
	delete(said, holds)
	isNegative := fact.Value.IsNegative()
	if said[surplus] != said[deficit] && !c.signs[up] && !c.signs[down] {
		delete(said, surplus)
		delete(said, deficit)
		delete(said, spending)
		delete(said, income)
		return len(said) == 0 && c.signs[deficit] == isNegative
	}
	if len(said) != 1 || c.signs[up] == c.signs[down] {
		return false
	}
	isLess := c.signs[down] == said[spending]
	return slices.ContainsFunc(r.clauses, func(other clause) bool {
		with := other.measures()
		isOther := len(with) == 1 && with[income] != said[income] && with[spending] != said[spending]
		return other.compares && len(other.figures) == 0 && isOther
	}) && isLess != isNegative
}

// placements are what has to stand directly behind the figure of a measure. Without an
// entry anything may.
var placements = map[facts.Measure]*regexp.Regexp{
	facts.Payments: regexp.MustCompile(`^ transactions? `),
	facts.Goals:    regexp.MustCompile(`^ goals? `),
	facts.DaysLeft: regexp.MustCompile(`^ days? `),
	facts.BillsDue: regexp.MustCompile(`^ (?:upcoming )?⟦bills⟧ `),
	facts.Repaying: regexp.MustCompile(`^ of your income `),
	facts.Share: regexp.MustCompile(`^ of (?:(?:your|the|total|overall|⟦t:[^⟧]*⟧) )*` +
		`(?:spending|spend|expenses|outgoings|expenditure|costs) `),
}

var (
	changeBefore = regexp.MustCompile(` (?:by|up|down|rose|risen|fell|fallen|increased|decreased|dropped|reduced|grew|grown|climbed|` +
		`(?:increase|rise|drop|decrease) of)(?: about| around| roughly| approximately)? $`)
	changeBehind = regexp.MustCompile(`^ (?:more|less|lower|higher|up|down|fewer|increase|rise|drop|decrease) `)
	ofCategory   = regexp.MustCompile(`^ of (?:(?:your|the|total|overall|⟦t:[^⟧]*⟧) )*[a-z]+ (?:(?:in )?⟦t:[^⟧]*⟧ )?(?:on|for|in|with|at) ⟦[a-z-]+⟧`)
	ofSomething  = regexp.MustCompile(`^ of `)
	ofTarget     = regexp.MustCompile(`^ of (?:(?:your|the) )?(?:⟦£\d+⟧ )?(?:target|goal|⟦goal:)`)
	ofABudget    = regexp.MustCompile(`^ of (?:(?:your|the) )?(?:⟦£\d+⟧ )?⟦[a-z-]+⟧ budget `)
	ofTheBudget  = regexp.MustCompile(`^ of (?:(?:your|the|total|overall|monthly) )*(?:⟦£\d+⟧ )?budget `)
	usedBefore   = regexp.MustCompile(` (?:used|using|spent)(?: about| around| roughly| approximately| only| already| now)? $`)
	ofTheLimit   = regexp.MustCompile(`^ of (?:(?:your|the|total) )*(?:⟦£\d+⟧ )?card limit `)
	highestScore = regexp.MustCompile(`^ (?:the )?(?:maximum|highestpossible) score (?:with|from|at|for|of) ⟦bureau:[a-z]+⟧ (?:is|of) $`)
	ofHighest    = regexp.MustCompile(` outof |maximum|possible`)
	outOfScore   = regexp.MustCompile(` outof (?:a )?(?:(?:maximum|possible)(?: of)? )?$`)
)

// parts are the signs of what a clause tells of a limit or a target.
var parts = []sign{spending, used, left, over, saved, done, toGo}

// isPlaced reports whether a figure of a measure stands where the clause says it of that
// measure: a percentage is of the right whole, and a limit or a target is not the sum that
// the clause tells.
func isPlaced(fact facts.Fact, c clause, at int) bool {
	before, behind := c.around(at)
	if pattern, has := placements[fact.Measure]; has && !pattern.MatchString(behind) {
		return false
	}
	if presentTense.MatchString(c.text) && fact.Measure != facts.Average {
		return false
	}
	isFirst := c.figures[0] == at
	switch fact.Measure {
	case facts.Change:
		return (changeBefore.MatchString(before) || changeBehind.MatchString(behind)) && !ofSomething.MatchString(behind)
	case facts.Share:
		return !ofCategory.MatchString(behind)
	case facts.Limit, facts.Target:
		return !isFirst || !slices.ContainsFunc(parts, func(s sign) bool { return c.signs[s] })
	case facts.Spent:
		return !c.signs[used] || c.signs[budget]
	case facts.Progress:
		return !ofSomething.MatchString(behind) || ofTarget.MatchString(behind)
	case facts.Used:
		isWhole := ofABudget.MatchString(behind) || fact.About == facts.Total && ofTheBudget.MatchString(behind)
		return usedBefore.MatchString(before) && isWhole
	case facts.Due:
		return !strings.HasPrefix(behind, " ⟦bills⟧ ")
	case facts.Repaying:
		return c.signs[debt] || c.signs[card]
	case facts.Borrowing:
		return !ofSomething.MatchString(behind) && c.signs[ofLimit] || ofTheLimit.MatchString(behind)
	case facts.Score:
		return !ofHighest.MatchString(before)
	case facts.ScoreOf:
		return highestScore.MatchString(before) || !isFirst && outOfScore.MatchString(before)
	default:
		return true
	}
}

var (
	largestNoun    = regexp.MustCompile(`\b(?:largest|biggest|highest) (?:spending )?(?:category|cost|expense|area)\b|\bspent themost on ⟦[a-z-]+⟧`)
	largestNouns   = regexp.MustCompile(`\b(?:largest|biggest|highest) (?:spending )?(?:categories|costs|expenses|areas)\b`)
	largestOfASort = regexp.MustCompile(`\b(?:categor(?:y|ies)|costs?|expenses?|areas?) (?:on|for|in|of|with|at) ⟦[a-z-]+⟧`)
)

// isLargest reports whether the categories of a sentence that speaks of the largest ones
// are those. Facts have a month's largest categories when they have its total.
func (r reading) isLargest(known facts.Facts) bool {
	if !r.whole.signs[largest] {
		return true
	}
	text, names := r.whole.text, r.whole.subjects
	one, several := largestNoun.MatchString(text), largestNouns.MatchString(text)
	if one == several || one && len(names) != 1 || largestOfASort.MatchString(text) {
		return false
	}
	if len(r.whole.months) > 1 || len(r.against) > 0 {
		return false
	}
	month := known.Month()
	for named := range r.whole.months {
		month = named
	}
	return namesLargest(names, month, known)
}

// namesLargest reports whether no other category has more of a month's spending than one
// of those with these names.
func namesLargest(names map[string]bool, month string, known facts.Facts) bool {
	if _, has := known.Find(facts.Total, facts.Spent, month); !has || len(names) == 0 {
		return false
	}
	spent := map[string]facts.Fact{}
	for _, fact := range known.List {
		if fact.Measure == facts.Spent && fact.Month == month && fact.About.Category != "" {
			spent[keyOf(fact.About)] = fact
		}
	}
	for name := range names {
		of, has := spent[name]
		if !has {
			return false
		}
		for other, fact := range spent {
			if !names[other] && fact.Value.GreaterThan(of.Value) {
				return false
			}
		}
	}
	return true
}
