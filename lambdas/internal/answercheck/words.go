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

// subjectWords are the names of categories. A part of a category ("taxis", "rent") is
// none: the figure of the category is not the figure of the part.
var subjectWords = map[categories.Code][]string{
	categories.Food:          {"food and dining", "food & dining", "food", "dining", "eating out"},
	categories.Groceries:     {"grocer(?:y|ies)", "food shopping"},
	categories.Transport:     {"transport(?:ation)?"},
	categories.Fuel:          {"fuel"},
	categories.Travel:        {"travel"},
	categories.Shopping:      {"shopping"},
	categories.PersonalCare:  {"personal care"},
	categories.Home:          {"home", "household"},
	categories.Gifts:         {"gifts and donations", "gifts & donations", "gifts"},
	categories.Entertainment: {"entertainment"},
	categories.Subscriptions: {"subscriptions"},
	categories.Bills:         {"bills and utilities", "bills & utilities", "bills"},
	categories.Housing:       {"housing"},
	categories.Insurance:     {"insurance"},
	categories.Financial:     {"financial"},
	categories.Healthcare:    {"healthcare", "health"},
	categories.Education:     {"education"},
	categories.Other:         {"other spending", "other"},
	categories.Salary:        {"salary", "wages"},
	categories.Freelance:     {"freelance"},
	categories.Business:      {"business"},
	categories.Rental:        {"rental"},
	categories.Transfer:      {"transfers"},
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
		return cmp.Or(len(b.word)-len(a.word), strings.Compare(a.word, b.word))
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
	sentence = bureaus.ReplaceAllStringFunc(sentence, func(name string) string {
		return "⟦bureau:" + strings.ToLower(name) + "⟧"
	})
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

var (
	monthWithYear = regexp.MustCompile(`(?i)\b(January|February|March|April|May|June|July|August|September|October|November|December),? (20\d\d)\b`)
	isoMonth      = regexp.MustCompile(`\b20\d\d-(?:0[1-9]|1[0-2])\b(-\d\d)?`)
	monthAlone    = regexp.MustCompile(`\b(?:January|February|April|June|July|August|September|October|November|December)\b`)
	// mayOrMarch leaves out the verbs.
	mayOrMarch = regexp.MustCompile(`\b(in|of|for|during|than|from|to|and) (May|March)\b`)
	thisMonth  = regexp.MustCompile(`(?i)\b(?:this month|so far|month to date|(?:the )?current month|at the moment|right now)\b`)
	lastMonth  = regexp.MustCompile(`(?i)\b(?:last month|(?:the )?previous month|the month before)\b`)
	// nextDays is the time of the facts about bills that are due.
	nextDays = regexp.MustCompile(`(?i)\b(?:the|your) (?:next|coming) (?:30|thirty) days\b`)
)

const (
	// otherMonth is a month that no fact is of.
	otherMonth = "?"
	// timePrefix begins the mark of a month.
	timePrefix = "t:"
	// days30 are the next 30 days, among the months that a text names.
	days30 = "30"
)

// markTimes returns a text with each month that it names replaced by a mark. The next 30
// days are one of them.
func markTimes(text, current string) string {
	outside := func(pattern *regexp.Regexp, month func(found string) string) {
		text = outsideMarks(text, func(part string) string {
			return pattern.ReplaceAllStringFunc(part, func(found string) string { return timeMark(month(found)) })
		})
	}
	outside(isoMonth, func(found string) string {
		if len(found) != len(dates.MonthLayout) {
			return otherMonth
		}
		return found
	})
	outside(nextDays, func(string) string { return days30 })
	outside(monthWithYear, func(found string) string {
		m := monthWithYear.FindStringSubmatch(found)
		return m[2] + monthNumber(m[1])
	})
	text = outsideMarks(text, func(part string) string {
		return mayOrMarch.ReplaceAllStringFunc(part, func(found string) string {
			m := mayOrMarch.FindStringSubmatch(found)
			return m[1] + " " + timeMark(latest(monthNumber(m[2]), current))
		})
	})
	outside(monthAlone, func(found string) string { return latest(monthNumber(found), current) })
	outside(thisMonth, func(string) string { return current })
	outside(lastMonth, func(string) string { return before(current) })
	return text
}

func timeMark(month string) string { return "⟦" + timePrefix + month + "⟧" }

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
