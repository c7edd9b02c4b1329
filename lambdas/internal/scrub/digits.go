package scrub

import (
	"regexp"
	"strings"
	"unicode"
)

// asciiDigits returns a text with the digits of every script as 0 to 9.
func asciiDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 || !unicode.IsDigit(r) {
			return r
		}
		for _, of := range unicode.Nd.R16 { // each range begins with a zero
			if r >= rune(of.Lo) && r <= rune(of.Hi) {
				return '0' + (r-rune(of.Lo))%10
			}
		}
		for _, of := range unicode.Nd.R32 {
			if r >= rune(of.Lo) && r <= rune(of.Hi) {
				return '0' + (r-rune(of.Lo))%10
			}
		}
		return r
	}, text)
}

// maxDigits is how many digits in a row may leave. A sort code has six.
const maxDigits = 5

const (
	monthNames = `(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|` +
		`sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`
	ordinal     = `\d{1,2}(?:\s?(?:st|nd|rd|th))?`
	dayAndMonth = ordinal + `[\s-]*(?:of\s+)?` + monthNames
	// groupGap is what people write between the groups of a number.
	groupGap  = `(?:\s{0,2}[-‐‑‒–—−./\\_:*#|~()·•]{0,2}\s{0,2}|,)`
	digitWord = `(?:zero|nought|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)`
)

var (
	digitRun = regexp.MustCompile(`\d(?:` + groupGap + `\d)*`)
	nonDigit = regexp.MustCompile(`\D`)

	// amountBefore and amountAfter are the signs and words of money and percentages.
	amountBefore = regexp.MustCompile(`(?i)(?:[£$€]|\b(?:gbp|eur|usd))\s?[-–−]?$`)
	amountAfter  = regexp.MustCompile(`(?i)^\s?(?:%|(?:per ?cent|pounds?|quid|gbp|pence|p|k|euros?|eur|dollars?|usd)\b)`)
	amountHead   = regexp.MustCompile(`^(?:\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.\d{1,2})?(?:\D|$)`)
	amountTail   = regexp.MustCompile(`(?:^|\s)(?:\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.\d{1,4})?$`)
	// harmless are numbers that may leave without a sign of money: an amount, years, a tax year, a month.
	harmless = regexp.MustCompile(`^(?:\d{1,3},\d{3}(?:\.\d{2})?|\d{1,5}\.\d{2}|` +
		`20[0-4]\d(?:[\s,/–-]{1,3}20[0-4]\d)*|20[0-4]\d\s?[/–-]\s?[0-4]\d|` +
		`20[0-4]\d[/-](?:0[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])[/-]20[0-4]\d)$`)
	// ruleAfter follows a way to divide an income, such as 50/30/20.
	ruleAfter = regexp.MustCompile(`(?i)^\s+(?:budget\w*\s+)?(?:rule|method|split|plan)`)
	division  = regexp.MustCompile(`^\d0/\d0/\d0$`)

	dateInDigits = regexp.MustCompile(`^(?:(?:0?[1-9]|[12]\d|3[01])\s?[./-]\s?(?:0?[1-9]|1[0-2])\s?[./-]\s?` +
		`(?:\d{4}|\d{2})|(?:0?[1-9]|1[0-2])[./-](?:0?[1-9]|[12]\d|3[01])[./-](?:\d{4}|\d{2})|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2})$`)
	dateInWords = regexp.MustCompile(`(?i)\b(?:` + dayAndMonth + `\b[\s,.-]*(?:\d{4}|['’]?\d{2})|` +
		monthNames + `\b[\s.-]*` + ordinal + `[\s,-]+(?:\d{4}|['’]\d{2}))\b`)
	// birth is a date or a part of one after a word about birth.
	birth = regexp.MustCompile(`(?i)\b(born|birth\s?day|birth\s?date|date of birth|d\.?o\.?b\.?|b-?day)` +
		`((?:\W+(?:is|was|on|in|the|of|it|falls))*\W+)` +
		`(?:` + dayAndMonth + `\b|` + monthNames + `\b(?:\s+` + ordinal + `\b)?|\d{1,2}[./ -]\d{1,2}\b|` +
		`(?:19|20)\d\d\b|` + ordinal + `\b)(?:[\s,./-]+(?:19|20)?\d\d\b)?`)
	spelledDigits = regexp.MustCompile(`(?i)\b` + digitWord + `(?:[\s,.-]+` + digitWord + `){5,}\b`)
)

// withoutNumbers replaces dates with a day and a year, and any date of a birth. The model has figures of months only,
// so an answer needs no day. It replaces numbers of more than maxDigits digits, too, however they are grouped, but no
// amounts, percentages and years.
func withoutNumbers(text string) string {
	text = spelledDigits.ReplaceAllString(dateInWords.ReplaceAllString(text, "[date]"), "[account]")
	return birth.ReplaceAllString(withoutRuns(text), "${1}${2}[date]")
}

func withoutRuns(text string) string {
	var out strings.Builder
	from := 0
	for _, at := range digitRun.FindAllStringIndex(text, -1) {
		out.WriteString(text[from:at[0]])
		out.WriteString(numberThatLeaves(text[:at[0]], text[at[0]:at[1]], text[at[1]:]))
		from = at[1]
	}
	out.WriteString(text[from:])
	return out.String()
}

// numberThatLeaves returns a run of digits, or what stands for it. before and after are the text around it.
func numberThatLeaves(before, run, after string) string {
	digits := nonDigit.ReplaceAllString(run, "")
	isAmount := amountBefore.MatchString(before)
	switch {
	case division.MatchString(run) && ruleAfter.MatchString(after):
		return run
	case dateInDigits.MatchString(run) && !isAmount:
		return "[date]"
	case len(digits) <= maxDigits || harmless.MatchString(run) || endsInAmount(run, after):
		return run
	}
	if head := strings.TrimRightFunc(amountHead.FindString(run), isNoDigit); head != "" && isAmount {
		rest := strings.TrimLeftFunc(run[len(head):], isNoDigit)
		if rest == "" {
			return head
		}
		return strings.TrimSuffix(run, rest) + numberThatLeaves("", rest, after)
	}
	if digits[0] == '0' && (len(digits) == 10 || len(digits) == 11) {
		return "[phone]"
	}
	return "[account]"
}

// endsInAmount reports whether a run is an amount in front of its unit, with nothing but years in front of that.
func endsInAmount(run, after string) bool {
	tail := amountTail.FindString(run)
	if tail == "" || !amountAfter.MatchString(after) {
		return false
	}
	head := strings.TrimSuffix(run, tail)
	return head == "" || harmless.MatchString(head)
}

func isNoDigit(r rune) bool { return r < '0' || r > '9' }
