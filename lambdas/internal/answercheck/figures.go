package answercheck

import (
	"regexp"
	"strconv"
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
}

var (
	number = regexp.MustCompile(`(?i)([-−])?(gbp\s?|[£$€¥₹]\s?)?([-−])?(\d[\d,]*(?:\.\d+)?)(\s?(?:k|m|bn|thousand|million|billion|grand|hundred)\b)?(\s?(?:%|percent\b|per cent\b|pence\b|p\b|pounds?\b|quid\b|gbp\b|usd\b|eur\b|dollars?\b|euros?\b|yen\b|rupees?\b))?`)
	// grouped is a number with its commas in the right places.
	grouped = regexp.MustCompile(`^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d{1,2})?$`)
	// digitLike is anything that reads as a digit.
	digitLike = regexp.MustCompile(`[0-9]|[$€¥₹₿¢]`)
	// inWords are numbers, fractions and multiples in words.
	inWords = regexp.MustCompile(`(?i)\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|couple|zero|nil|nought|none|single|pair|half|halves|halved|a third|thirds|a quarter|quarters|a fifth|a tenth|tenths|doubl\w+|tripl\w+|quadrupl\w+|twice|thrice|tenfold|twofold|threefold|multipl(?:y|ied|ying)|no (?:bills?|(?:savings )?goals?|debts?|transactions?|income|spending|budgets?|savings)|\w+-fold|grand|quid|fiver|tenner)\b`)
	// foreign are currencies in words.
	foreign = regexp.MustCompile(`(?i)\b(?:dollars?|euros?|usd|eur|yen|rupees?|cents?|btc|bucks?)\b`)
	// partsOfTheAnswer are what an answer may count without a fact.
	partsOfTheAnswer = regexp.MustCompile(`(?i)^(?:(?:(?:here|there|these|below) (?:are|is) |(?:please )?(?:try|consider) (?:these )?)(?:a couple of|one|two|three|four|five|[1-5])|one) (?:(?:simple|small|easy|quick|practical|more|other) )*(?:tips?|ways?|ideas?|steps?|things?|suggestions?|options?)\b`)
)

// smallNumbers are the numbers in words that may be counts.
var smallNumbers = map[string]int64{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}

// figureMarks begin the marks of figures.
const figureMarks = "£%#"

var unitMarks = map[facts.Unit]string{facts.GBP: "£", facts.Percent: "%", facts.Count: "#"}

// markFigures returns the figures of a text whose names and months are marked, and the
// text with them marked as well. It reports false when something reads as a figure and
// cannot be one of a fact.
func markFigures(text string) (found []figure, marked string, ok bool) {
	if foreign.MatchString(text) {
		return nil, "", false
	}
	text, ok = partsOfTheAnswer.ReplaceAllString(text, ""), true
	add := func(read figure) string {
		found = append(found, read)
		return "⟦" + unitMarks[read.unit] + strconv.Itoa(len(found)-1) + "⟧"
	}
	marked = outsideMarks(text, func(part string) string {
		return replaceAll(part, number, func(at []int) (string, int) {
			read, isOne := readNumber(part, at)
			ok = ok && isOne
			digits := strings.TrimSuffix(part[at[8]:at[9]], ",")
			return add(read), max(at[8]+len(digits), at[13])
		})
	})
	marked = outsideMarks(marked, func(part string) string {
		ok = ok && !digitLike.MatchString(part)
		return inWords.ReplaceAllStringFunc(part, func(word string) string {
			value, small := smallNumbers[strings.ToLower(word)]
			ok = ok && small
			return add(figure{unit: facts.Count, value: decimal.NewFromInt(value), whole: true})
		})
	})
	return found, marked, ok
}

// replaceAll replaces each match of a pattern by what by returns for it, up to the end
// that by returns.
func replaceAll(text string, pattern *regexp.Regexp, by func(at []int) (string, int)) string {
	var out strings.Builder
	from := 0
	for _, at := range pattern.FindAllStringSubmatchIndex(text, -1) {
		instead, to := by(at)
		out.WriteString(text[from:at[0]] + instead)
		from = to
	}
	return out.String() + text[from:]
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
	read := figure{value: value, whole: !strings.Contains(digits, "."), negative: sign != ""}
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

// equals reports whether the figure is the fact's, as it is or rounded to a whole
// number. The sign is left to the words of the sentence.
func (f figure) equals(fact facts.Fact) bool {
	if f.unit != fact.Unit || f.negative && !fact.Value.IsNegative() {
		return false
	}
	value := fact.Value.Abs()
	return f.value.Equal(value) || f.whole && f.unit != facts.Count && f.value.Equal(value.Round(0)) && !f.value.IsZero()
}
