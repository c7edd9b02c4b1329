package answercheck

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/facts"
)

// figure is a number of a sentence.
type figure struct {
	unit  facts.Unit
	value decimal.Decimal
	// whole reports that the number is written without decimals.
	whole bool
	// negative reports a sign in front of it.
	negative bool
	// noun is the word behind it, in lower case.
	noun string
	// from and to are where it stands, its noun not included.
	from, to int
}

var (
	number = regexp.MustCompile(`(?i)([-−]\s?)?(gbp\s?|[£$€¥₹]\s?)?([-−])?(\d[\d,]*(?:\.\d+)?)(\s?(?:k|m|bn|thousand|million|billion|grand|hundred)\b)?(\s?(?:%|percent\b|per cent\b|pence\b|p\b|pounds?\b|quid\b|gbp\b|usd\b|eur\b|dollars?\b|euros?\b|yen\b|rupees?\b))?(\s+[a-z]+)?`)
	// grouped is a number with its commas in the right places.
	grouped = regexp.MustCompile(`^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d{1,2})?$`)
	// digitLike is anything that reads as a digit.
	digitLike = regexp.MustCompile(`[0-9]|[$€¥₹₿¢]`)
	// inWords are numbers, fractions and multiples in words.
	inWords = regexp.MustCompile(`(?i)\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half|halves|halved|a third|thirds|one third|a quarter|quarters|one quarter|a fifth|a tenth|tenths|doubl\w+|tripl\w+|quadrupl\w+|twice|thrice|tenfold|twofold|threefold|\w+-fold|grand|quid|fiver|tenner)\b(\s+[a-z]+)?`)
	// foreign are currencies in words.
	foreign = regexp.MustCompile(`(?i)\b(?:dollars?|euros?|usd|eur|yen|rupees?|cents?|btc|bucks?)\b`)
	// adviceNouns are what an answer may count without a fact: parts of itself.
	adviceNouns = regexp.MustCompile(`^(?:tips?|ways?|ideas?|steps?|things?|suggestions?|options?|simple|small|easy|quick|practical)$`)
)

// smallNumbers are the numbers in words that may be counts.
var smallNumbers = map[string]int64{
	"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}

// readFigures returns the figures of a text. It reports false when something reads as a
// figure and cannot be one of a fact.
func readFigures(text string) (found []figure, ok bool) {
	if foreign.MatchString(text) {
		return nil, false
	}
	rest := []byte(text)
	for _, at := range number.FindAllStringSubmatchIndex(text, -1) {
		read, ok := readNumber(text, at)
		if !ok {
			return nil, false
		}
		if !read.countsTheAnswer() {
			found = append(found, read)
		}
		for i := at[0]; i < at[1]; i++ {
			rest[i] = ' '
		}
	}
	if digitLike.Match(rest) {
		return nil, false
	}
	for _, at := range inWords.FindAllStringSubmatchIndex(text, -1) {
		value, small := smallNumbers[strings.ToLower(text[at[2]:at[3]])]
		read := figure{unit: facts.Count, value: decimal.NewFromInt(value), whole: true, noun: word(text, at[4], at[5]), from: at[2], to: at[3]}
		switch {
		case !small:
			return nil, false
		case !read.countsTheAnswer():
			found = append(found, read)
		}
	}
	return found, true
}

// readNumber returns the number of a match of the pattern number.
func readNumber(text string, at []int) (figure, bool) {
	group := func(i int) string {
		if at[2*i] < 0 {
			return ""
		}
		return strings.ToLower(strings.TrimSpace(text[at[2*i]:at[2*i+1]]))
	}
	sign, currency, digits, scale, unit := group(1)+group(3), group(2), group(4), group(5), group(6)
	digits = strings.TrimSuffix(digits, ",")
	if !grouped.MatchString(digits) || scale != "" || glued(text, at[8]) || at[9] < len(text) && letter(text[at[9]]) && unit == "" {
		return figure{}, false
	}
	value, err := decimal.NewFromString(strings.ReplaceAll(digits, ",", ""))
	if err != nil {
		return figure{}, false
	}
	read := figure{value: value, whole: !strings.Contains(digits, "."), negative: sign != "", noun: group(7), from: at[0], to: max(at[9], at[13])}
	switch {
	case currency == "£" || currency == "gbp":
		read.unit = facts.GBP
		return read, unit == "" || unit == "gbp"
	case currency != "":
		return figure{}, false
	}
	switch unit {
	case "%", "percent", "per cent":
		read.unit = facts.Percent
	case "pound", "pounds", "gbp", "quid":
		read.unit = facts.GBP
	case "":
		read.unit = facts.Count
	default:
		return figure{}, false
	}
	return read, true
}

// glued reports whether a letter stands directly in front of a number, as in "x100".
func glued(text string, at int) bool { return at > 0 && letter(text[at-1]) }

func letter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

func word(text string, from, to int) string {
	if from < 0 {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(text[from:to]))
}

// countsTheAnswer reports whether a figure counts parts of the answer, as "three tips".
func (f figure) countsTheAnswer() bool {
	return f.unit == facts.Count && f.value.LessThanOrEqual(decimal.NewFromInt(10)) && adviceNouns.MatchString(f.noun)
}

// equals reports whether the figure is the fact's, as it is or rounded to a whole
// number. The sign is left to the words of the sentence.
func (f figure) equals(fact facts.Fact) bool {
	if f.unit != fact.Unit || f.negative && !fact.Value.IsNegative() {
		return false
	}
	value := fact.Value.Abs()
	return f.value.Equal(value) || f.whole && f.unit != facts.Count && f.value.Equal(value.Round(0)) && !f.value.IsZero()
}
