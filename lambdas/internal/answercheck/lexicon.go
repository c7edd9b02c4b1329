package answercheck

import (
	"regexp"
	"strings"
	"sync"
)

// sign is what a word says of the figures beside it.
type sign string

// The signs. A word without one only joins others.
const (
	joins     sign = ""
	spending  sign = "spending"
	income    sign = "income"
	surplus   sign = "surplus"
	deficit   sign = "deficit"
	target    sign = "target"
	outOf     sign = "out of"
	saved     sign = "saved"
	saving    sign = "saving"
	toGo      sign = "to go"
	done      sign = "done"
	budget    sign = "budget"
	used      sign = "used"
	over      sign = "over"
	left      sign = "left"
	due       sign = "due"
	debt      sign = "debt"
	balance   sign = "balance"
	limit     sign = "limit"
	ofLimit   sign = "utilisation"
	repaying  sign = "repaying"
	card      sign = "card"
	goal      sign = "goal"
	score     sign = "score"
	highest   sign = "highest"
	health    sign = "health"
	counted   sign = "transactions"
	days      sign = "days"
	holds     sign = "has"
	average   sign = "average"
	monthly   sign = "monthly"
	up        sign = "up"
	down      sign = "down"
	largest   sign = "largest"
	category  sign = "category"
	pronoun   sign = "pronoun"
	aloneWord sign = "total"
)

// lexicon has every word that a sentence with a figure may have, beside figures, months,
// and the names of categories, goals and bureaus. A sentence with any other word is left
// out: a merchant, a person, another time or "can" changes what the figure is said of.
var lexicon = map[sign]string{
	joins: "a an the you your is are was were come comes came of in on at for with to by during and but while whereas which than " +
		"from against versus vs also about around roughly approximately now currently already only still towards toward " +
		"compared went so",
	spending:  "spent spend spending cost costs expense expenses expenditure outgoings",
	income:    "income earned earnings received",
	surplus:   "surplus",
	deficit:   "deficit shortfall overspent",
	target:    "target",
	outOf:     "outof",
	saved:     "saved",
	saving:    "saving savings",
	toGo:      "togo need",
	done:      "done",
	budget:    "budget",
	used:      "used using",
	over:      "over above",
	left:      "left remaining",
	due:       "due upcoming",
	debt:      "owe debt debts",
	balance:   "balance balances",
	limit:     "limit limits",
	ofLimit:   "utilisation",
	repaying:  "payments repayments",
	card:      "card cards",
	goal:      "goal goals",
	score:     "score",
	highest:   "maximum highestpossible possible",
	health:    "credithealth",
	counted:   "transaction transactions",
	days:      "day days",
	holds:     "have has",
	average:   "average",
	monthly:   "monthly",
	up:        "more higher up rose risen increased increase rise grew grown climbed",
	down:      "less lower down fell fallen dropped drop decreased decrease reduced fewer",
	largest:   "largest biggest highest themost",
	category:  "category categories area areas",
	pronoun:   "it they",
	aloneWord: "total overall altogether",
}

var signs = sync.OnceValue(func() map[string]sign {
	all := map[string]sign{}
	for says, words := range lexicon {
		for word := range strings.FieldsSeq(words) {
			all[word] = says
		}
	}
	return all
})

// synonym is a phrase that is read as another.
type synonym struct {
	pattern *regexp.Regexp
	by      string
}

func synonymsOf(pairs ...string) (all []synonym) {
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, synonym{regexp.MustCompile(`(?i)` + pairs[i]), pairs[i+1]})
	}
	return all
}

// spokenSynonyms are the phrases that are read before names, months and figures are marked.
var spokenSynonyms = synonymsOf(
	`^(?:overall|in short|good news|great news|well done)[,:!]\s+`, "",
	`^(?:based on|according to) your (?:data|figures|transactions|records),\s+`, "",
	`\byou've\b`, "you have",
	`\byou're\b`, "you are",
	`\bsavings (goals?)\b`, "$1",
	`\bcredit health(?: score)?\b`, "credithealth",
	`\bcredit scores?\b`, "score",
	`\b(?:credit card|card|credit) utili[sz]ation\b`, "utilisation",
	`\bcredit (cards?)\b`, "$1",
	`\bcredit limits?\b`, "card limit",
	`\bhighest possible\b`, "highestpossible",
	`\bleft over\b`, "surplus",
	`\b(?:left to spend|remains of)\b`, "left of",
	`\b(?:left|still) to (?:save|reach|go)\b|\bto go\b|\bshort of\b|\bstill need\b|\bremains to be saved\b`, "togo",
	`\b(?:put|set) aside\b`, "saved",
	`\b(?:gone|went) over\b`, "over",
	`\b(?:have )?(?:gone|went) (£[\d.,]*\d) over\b`, "$1 over",
	`\bout of\b`, "outof",
	`\bof your total spending\b`, "of your spending",
	`\b(?:makes? up|made up|accounts? for|accounted for)\b`, "are",
	`\b(?:amounts?|adds? up|added up) to\b`, "come to",
	`\bin total\b`, "total",
	`\bincome less (?:your )?spending\b`, "income for spending",
	`\bleaves (?:you )?(?:with )?(a (?:surplus|deficit|shortfall))\b`, "is $1",
	`\bthat (?:is|are) due\b`, "due",
	`\bto reach\b`, "for",
	`\b(?:an average month|(?:a|per|each|every) month)\b`, "monthly",
	`\b(?:have|has) been\b`, "is",
	`\bthe most\b`, "themost",
	`\bthere (?:is|are|was|were)\b`, "are",
	`\b(1|one) (upcoming )?bill\b`, "$1 ${2}bills",
	`\b(?:cards? and debts?|debts? and cards?)\b`, "debt",
	`\b(?:have|has) ((?:now |already |so far |only )*(?:spent|saved|used|earned|received|over|reached)\b)`, "$1",
)

// markedSynonyms are the phrases that are read after everything is marked.
var markedSynonyms = synonymsOf(
	`⟧'s?`, "⟧",
	`(⟦%\d+⟧) (?:complete|of the way|saved|done)\b`, "$1 done",
	`\b(?:reached|saved) ((?:about |around |roughly )?⟦%\d+⟧)`, "done $1",
	`\btakes?(?: up)? (⟦%)`, "are $1",
	`\bmade (⟦#\d+⟧ transactions?\b)`, "$1",
	`\bfrom (⟦£\d+⟧(?: in)? ⟦t:[^⟧]*⟧) to (⟦£\d+⟧(?:(?: in)? ⟦t:[^⟧]*⟧)?)`, "to $2 against $1",
	// what a sentence begins with belongs to its first clause
	`^((?:(?:in|for|on|during|with) )?(?:⟦[a-z][^⟧]*⟧[ ]?)+|on average),`, "$1",
)

// replaceSynonyms returns a text with each phrase replaced by what it is read as.
func replaceSynonyms(text string, all []synonym) string {
	for _, s := range all {
		text = s.pattern.ReplaceAllString(text, s.by)
	}
	return text
}

var (
	token = regexp.MustCompile(`⟦[^⟧]*⟧|[\p{L}']+`)
	// between is what stands between words.
	between = regexp.MustCompile(`^[ .,;:!()"“”–—-]*$`)
	// spend is allowed as what an average is of, and as a noun.
	spendAllowed = regexp.MustCompile(`\b(?:you(?: now| currently| already| only| still)*|(?:your|the|total|overall|average|monthly)(?: ⟦[a-z-]+⟧)?) spend\b`)
	spendAtAll   = regexp.MustCompile(`\bspend\b`)
	// presentTense tells a habit, which only an average is.
	presentTense = regexp.MustCompile(`\byou(?: now| currently| already| only| still)* spend\b`)
	// misplaced are words of the lexicon at places where they say something else: "to
	// spend", "by October", "than £900".
	misplaced = regexp.MustCompile(`\bto (?:need|owe|come|have|spent|⟦t:)|\bby ⟦t:|^from ⟦t:|\bup to ⟦|\bthan (?:the |your |a )?⟦[£%#]`)
)

// isClosed reports whether a text has words of the lexicon only.
func isClosed(text string) bool {
	if misplaced.MatchString(text) || !between.MatchString(token.ReplaceAllString(text, "")) {
		return false
	}
	if spendAtAll.MatchString(spendAllowed.ReplaceAllString(text, "")) {
		return false
	}
	for _, word := range token.FindAllString(text, -1) {
		if _, known := signs()[word]; !known && !strings.HasPrefix(word, "⟦") {
			return false
		}
	}
	return true
}
