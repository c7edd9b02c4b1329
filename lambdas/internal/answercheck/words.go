package answercheck

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/facts"
)

// subjectWords are the words by which answers name a category, beside its code.
var subjectWords = map[categories.Code][]string{
	categories.Food:          {"food and dining", "food & dining", "food", "dining out", "dining", "eating out", "restaurants?", "takeaways?", "meals?"},
	categories.Groceries:     {"grocer(?:y|ies)", "supermarkets?", "food shop(?:ping)?"},
	categories.Transport:     {"transport(?:ation)?", "commut\\w+", "trains?", "bus(?:es)?", "taxis?"},
	categories.Fuel:          {"fuel", "petrol", "diesel"},
	categories.Travel:        {"travel(?:ling)?", "flights?", "hotels?"},
	categories.Shopping:      {"shopping", "clothes"},
	categories.PersonalCare:  {"personal care"},
	categories.Home:          {"home", "household", "furniture"},
	categories.Gifts:         {"gifts and donations", "gifts & donations", "gifts?", "donations?"},
	categories.Entertainment: {"entertainment", "cinema", "leisure"},
	categories.Subscriptions: {"subscriptions?", "streaming"},
	categories.Bills:         {"bills and utilities", "bills & utilities", "utilit(?:y|ies)", "bills?"},
	categories.Housing:       {"housing", "rent"},
	categories.Insurance:     {"insurance"},
	categories.Financial:     {"financial", "bank fees", "fees"},
	categories.Healthcare:    {"healthcare", "health", "pharmac\\w+", "medical"},
	categories.Education:     {"education", "tuition", "courses?"},
	categories.Other:         {"other spending", "other"},
	categories.Salary:        {"salary", "wages?"},
	categories.Freelance:     {"freelance"},
	categories.Business:      {"business"},
	categories.Rental:        {"rental"},
	categories.Transfer:      {"transfers?"},
}

type subjectPattern struct {
	pattern *regexp.Regexp
	about   categories.Code
}

// subjectPatterns finds the names of categories, the longest first.
var subjectPatterns = sync.OnceValue(func() (all []subjectPattern) {
	type named struct {
		word string
		code categories.Code
	}
	var words []named
	for code, of := range subjectWords {
		for _, word := range of {
			words = append(words, named{word, code})
		}
	}
	slices.SortFunc(words, func(a, b named) int {
		if d := len(b.word) - len(a.word); d != 0 {
			return d
		}
		return strings.Compare(a.word, b.word)
	})
	for _, w := range words {
		all = append(all, subjectPattern{regexp.MustCompile(`(?i)\b(?:` + w.word + `)\b`), w.code})
	}
	return all
})

var (
	goalName = regexp.MustCompile(`\b[Gg]oals? ([A-Z])\b`)
	bureaus  = regexp.MustCompile(`(?i)\b(experian|equifax|transunion)\b`)
	mark     = regexp.MustCompile(`⟦([^⟧]*)⟧`)
)

// markSubjects returns a sentence with each name of a category, goal or bureau replaced
// by a mark, so that "food and dining" is not cut at its "and".
func markSubjects(sentence string) string {
	sentence = goalName.ReplaceAllString(sentence, "⟦goal:$1⟧")
	sentence = bureaus.ReplaceAllStringFunc(sentence, func(name string) string { return "⟦bureau:" + strings.ToLower(name) + "⟧" })
	for _, s := range subjectPatterns() {
		sentence = outsideMarks(sentence, func(text string) string {
			return s.pattern.ReplaceAllString(text, "⟦"+string(s.about)+"⟧")
		})
	}
	return sentence
}

// outsideMarks changes the text between marks.
func outsideMarks(text string, change func(string) string) string {
	var out strings.Builder
	from := 0
	for _, at := range mark.FindAllStringIndex(text, -1) {
		out.WriteString(change(text[from:at[0]]))
		out.WriteString(text[at[0]:at[1]])
		from = at[1]
	}
	out.WriteString(change(text[from:]))
	return out.String()
}

// subjectsOf returns the subjects that marks of a text name.
func subjectsOf(text string) map[string]bool {
	found := map[string]bool{}
	for _, m := range mark.FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return found
}

// keyOf returns the name of a subject in a mark.
func keyOf(about facts.Subject) string {
	switch {
	case about.Category != "":
		return string(about.Category)
	case about.Goal != "":
		return "goal:" + about.Goal
	case about.Bureau != "":
		return "bureau:" + strings.ToLower(string(about.Bureau))
	case about.Bills: // which answers name by the word of the category
		return string(categories.Bills)
	default:
		return ""
	}
}

const monthNames = `January|February|March|April|May|June|July|August|September|October|November|December`

var (
	monthWithYear = regexp.MustCompile(`(?i)\b(` + monthNames + `),? (20\d\d)\b`)
	isoMonth      = regexp.MustCompile(`\b20\d\d-(?:0[1-9]|1[0-2])\b(-\d\d)?`)
	// monthAlone leaves out "may" and "march" as verbs.
	monthAlone = regexp.MustCompile(`\b(January|February|April|June|July|August|September|October|November|December)\b|\b(?:in|of|for|since|during|than|by|until|from|to|and|last) (May|March)\b`)
	thisMonth  = regexp.MustCompile(`(?i)\b(?:this month|so far|month to date|current month|at the moment|right now)\b`)
	lastMonth  = regexp.MustCompile(`(?i)\b(?:last month|previous month|the month before)\b`)
	otherTime  = regexp.MustCompile(`(?i)\b(?:(?:a|per|each|every|this|last|next|the) (?:day|week|fortnight|year|quarter)|weekly|daily|yearly|annual\w*|today|yesterday|tomorrow|next month|months? ago|month before last|since (?:january|the start))\b|\b(?:day|week|year)s?\b`)
	// nextDays is the time of the facts about bills that are due.
	nextDays = regexp.MustCompile(`(?i)\b(?:the|your) (?:next|coming) (?:30|thirty) days\b`)
	perMonth = regexp.MustCompile(`(?i)\b(?:average|typical(?:ly)?|usual(?:ly)?|normal(?:ly)?|on average|a month|per month|monthly)\b`)
)

const (
	// otherMonth is a month that no fact is of.
	otherMonth = "?"
	// days30 are the next 30 days, among the months that a text names.
	days30 = "30"
)

// cutMonths returns the months that a text names, and the text without dates. The next 30
// days are one of them.
func cutMonths(text string, current string) (months map[string]bool, rest string) {
	months = map[string]bool{}
	rest = isoMonth.ReplaceAllStringFunc(text, func(found string) string {
		months[found[:min(len(found), len(dates.MonthLayout))]] = len(found) == len(dates.MonthLayout)
		return " "
	})
	rest = nextDays.ReplaceAllStringFunc(rest, func(string) string {
		months[days30] = true
		return " "
	})
	rest = monthWithYear.ReplaceAllStringFunc(rest, func(found string) string {
		m := monthWithYear.FindStringSubmatch(found)
		months[m[2]+monthNumber(m[1])] = true
		return " "
	})
	for _, m := range monthAlone.FindAllStringSubmatch(rest, -1) {
		months[latest(monthNumber(m[1]+m[2]), current)] = true
	}
	if thisMonth.MatchString(rest) {
		months[current] = true
	}
	if lastMonth.MatchString(rest) {
		months[before(current)] = true
	}
	return months, rest
}

// monthNumber returns the number of a month as it ends YYYY-MM: "-11".
func monthNumber(name string) string {
	at, err := time.Parse("January", strings.ToUpper(name[:1])+strings.ToLower(name[1:]))
	if err != nil {
		return otherMonth
	}
	return at.Format("-01")
}

// latest returns the last month with a number that has begun.
func latest(number, current string) string {
	year, _ := strconv.Atoi(current[:4])
	if number > current[4:] {
		year--
	}
	return strconv.Itoa(year) + number
}

func before(month string) string { return cmp.Or(dates.AddMonths(month, -1), otherMonth) }

// measureWords are the words by which answers name a measure.
var measureWords = map[facts.Measure]*regexp.Regexp{
	facts.Spent:     regexp.MustCompile(`(?i)\b(?:spen[dt]\w*|costs?|paid|outgoings?|expenses?|expenditure)\b`),
	facts.Income:    regexp.MustCompile(`(?i)\b(?:incomes?|earn(?:ed|s|ings)?|received|came in|paid in|took home)\b`),
	facts.Net:       regexp.MustCompile(`(?i)\b(?:net|left over|surplus|deficit|shortfall|more than (?:you earned|your income)|overspent|less than (?:you earned|your income))\b`),
	facts.Target:    regexp.MustCompile(`(?i)\b(?:targets?|aim(?:ing)?|out of|goal of)\b`),
	facts.Saved:     regexp.MustCompile(`(?i)\b(?:saved|put aside|set aside)\b`),
	facts.Remaining: regexp.MustCompile(`(?i)\b(?:remain\w*|to go|left|still need|still to save|short of)\b`),
	facts.Limit:     regexp.MustCompile(`(?i)\bbudget(?:ed|s)?\b`),
	facts.Used:      regexp.MustCompile(`(?i)\bbudget(?:ed|s)?\b`),
	facts.Over:      regexp.MustCompile(`(?i)\b(?:over|exceed\w*|above)\b`),
	facts.Left:      regexp.MustCompile(`(?i)\b(?:left|remain\w*)\b`),
	facts.Due:       regexp.MustCompile(`(?i)\b(?:due|upcoming)\b`),
	facts.Debt:      regexp.MustCompile(`(?i)\b(?:owe|owed|owing|debts?)\b`),
	facts.Balance:   regexp.MustCompile(`(?i)\b(?:balances?)\b`),
	facts.Credit:    regexp.MustCompile(`(?i)\b(?:limits?)\b`),
	facts.Borrowing: regexp.MustCompile(`(?i)\b(?:utili[sz]\w+|credit limits?)\b`),
	facts.Repaying:  regexp.MustCompile(`(?i)\b(?:payments|repay\w*)\b`),
}

// confusable are the measures of money of which a clause may name several. The figure is
// of the one that stands next to it.
var confusable = []facts.Measure{
	facts.Spent, facts.Income, facts.Target, facts.Saved, facts.Remaining, facts.Limit, facts.Left, facts.Over, facts.Due, facts.Debt,
	facts.Balance, facts.Credit,
}

// mustSay are the measures that a sentence has to name for their figures.
var mustSay = []facts.Measure{
	facts.Net, facts.Income, facts.Limit, facts.Left, facts.Over, facts.Used, facts.Due, facts.Debt, facts.Balance, facts.Credit, facts.Borrowing, facts.Repaying,
}

var (
	upWords   = regexp.MustCompile(`(?i)\b(?:more|higher|up|rose|risen|rise|increas\w+|grew|grown|jump\w*|climb\w*)\b`)
	downWords = regexp.MustCompile(`(?i)\b(?:less|lower|down|fell|fallen|drop\w*|decreas\w+|reduc\w+|cut|fewer)\b`)
	negation  = regexp.MustCompile(`(?i)\b(?:not|never|no longer|nothing|without|neither|nor|false|wrong|hardly|cannot|if|would|could|should|might|imagine|suppose|assum\w+)\b|n't\b`)
	overspent = regexp.MustCompile(`(?i)\b(?:deficit|shortfall|more than (?:you earned|your income)|overspent|negative|minus)\b|[-−]\s?£`)
	cutAt     = regexp.MustCompile(`(?i),\s|;|\s[-–—]\s|\band\b|\bbut\b|\bwhile\b|\bwhereas\b|\bcompared (?:with|to)\b|\bthan\b|\bversus\b|\bvs\.?\b|\bfrom\b|\bagainst\b|\bof which\b|\bwhich\b`)
)
