package merchants

import (
	"regexp"
	"strings"
	"sync"
)

// rule replaces what it matches in a folded text, unless the text is an exception. It is
// named if the words of the bank say that the rest is a name, which may then be short.
type rule struct {
	pattern *regexp.Regexp
	to      string
	except  *regexp.Regexp
	needs   []string
	named   bool
}

// mayMatch reports whether a text has one of the parts without which the rule does not
// match. Looking for them takes a tenth of the time of the pattern.
func (r rule) mayMatch(text string, hasDigit bool) bool {
	for _, part := range r.needs {
		if part == digit && hasDigit || part != digit && strings.Contains(text, part) {
			return true
		}
	}
	return len(r.needs) == 0
}

// digit among the needs of a rule is any digit.
const digit = "0-9"

// Parts of patterns. A date may be cut at its end, as whole texts are.
const (
	month = `(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*`
	date  = `(?:\d{1,2}(?:st|nd|rd|th)?[-/ ]?` + month + `(?:[-/ ]?\d{2,4})?|\d{4}-\d{2}-\d{2}|\d{1,2}[-/.]\d{1,2}(?:[-/.]\d{0,4})?)`
	clock = `\d{1,2}:\d{2}(?::\d{2})?`
	code3 = `(?:eur|usd|chf|aud|cad|jpy|sek|nok|dkk|pln|czk|huf|try|zar|inr|aed|thb|ron|bgn|nzd|hkd|sgd)`
)

// Patterns of rules whose rest is a name, because the words of the bank say so.
const (
	receiptHead = `^faster payments? receipt .*\bfrom ` // the last "from": a reference may have one
	debitHead   = `^direct debit (?:payment )?(?:to )?`
	reference   = `[ ,]+(?:reference|ref|mandate no)(?:[.:,#/ ].*)?$`
)

// patterns are the rules in order: the whole text, the words of banks before the
// merchant, processors, and then what follows the merchant.
var patterns = []struct{ needs, pattern, to, except string }{
	// Cash of any machine. A key of cash is final.
	{"cash|atm|lnk|cpt", `^(?:cash withdrawal|cash machine|cashpoint|atm|lnk|cpt)\b.*$`, "cash withdrawal", ""},
	{"cash|counter", `^(?:cash paid in|counter credit)\b.*$`, "cash paid in", ""},
	// Brands whose head says who they are and whose tail varies.
	{"am", `^(?:amznmktplace|amzn ?mktp(?:lace)?|amazon marketplace|amazon mktplace|amazon\.co\.uk|amazon\* ?|amzn)\b.*$`, "amazon", ""},
	{"amazon", `^amazon ?\*.*$`, "amazon", ""},
	{"uber", `^uber ?\*? ?eats\b.*$`, "uber eats", ""},
	{"uber", `^uber ?\* ?.*$`, "uber", ""},
	{"airbnb", `^airbnb ?\*.*$`, "airbnb", ""},
	{"apple", `^apple\.com/bill\b.*$`, "apple.com/bill", ""},

	// A standing order to a person keeps its reference: rent and a shared dinner go to
	// the same person.
	{"standing", `^standing order (?:payment )?(?:via faster payment )?to (.+?) ref(?:erence)? ([a-z ]+?)(?:,.*)?$`, "$1 $2", ""},
	{"standing", `^standing order (?:payment )?(?:via faster payment )?(?:to )?`, "", ""},
	{"faster", receiptHead, "", ""},
	{"faster", `^faster payments? (?:to|from) `, "", ""},
	{"bill", `^bill payment (?:via faster payment )?to `, "", ""},
	{"bank", `^bank giro credit (?:ref )?([^,]+)(?:,.*)?$`, "$1", ""},
	{"direct", debitHead, "", ""},
	{"refund", `^(?:debit )?card payment refund (?:from )?`, "", ""},
	{"refund", `^refund (?:from )?`, "", ""},
	{"payment|purchase|transaction", `^(?:debit card |card |contactless |visa |online |mobile )(?:payment|purchase|transaction) (?:to |at |from )?`, "", ""},
	{"received", `^received from `, "", ""},
	{"automated", `^automated credit `, "", ""},
	{"0-9", `^\d{4} ` + date + ` (?:cd|c|d) ?,? ?([^,]+)(?:,.*)?$`, "$1", ""}, // card, date, kind, shop, town
	{"intl", `^intl \d[\dx#]*\s*`, "", ""},
	{")", `^\)+ ?`, "", ""},
	{"", `^(?:vis|d/d|s/o|dd|pos|bgc|fpo|fpi|deb|ddr) `, "", ""}, // not SO and CR: So Energy, CR Smith

	// Processors: the tail is the merchant. Each needs its separator: SQ FOOT LTD is a
	// shop.
	{"*", `^(?:sq|sumup|i?zettle_?|iz|paypal|pp|crv|lsp|srt|tst|ccv|bck|google|klarna|dojo|sp) ?\* ?`, "", ""},

	// What follows the merchant, the longest first.
	{"via", ` ?,? ?\(?via (?:apple|google|samsung) pay\)?.*$`, "", ""},
	{" gbp", `, ?[\d.,]+ gbp\b.*$`, "", ""},
	{"pymt", ` via mobile - pymt\b.*$`, "", ""},
	{"visaxr", ` [\d.,]+ visaxr\b.*$`, "", ""},
	{" cd ", ` cd \d{4}\b.*$`, "", ""},
	{"@", ` ` + code3 + ` ?-?[\d.,]+ ?@.*$`, "", ""},
	{"¦", ` (?:purchase|refund|payment) ¦.*$`, "", ""},
	{"¦", ` ¦.*$`, "", ""},
	{"rate", ` ?\([^()]*\brate\b[^()]*\)?$`, "", ""},
	{"amount", ` amount: ` + code3 + `.*$`, "", ""},
	{"%", ` \d+(?:\.\d+)?%.*$`, "", ""},
	{"ref|mandate", reference, "", ""},
	{"timed", ` timed at\b.*$`, "", ""},
	{" on ", ` on ` + date + `.*$`, "", ""},
	{"0-9", ` ` + date + ` ?(?:` + clock + `)?$`, "", ""},
	{"0-9", ` ` + clock + `$`, "", ""},
	{"xx|**|##|x*|*x|x#|#x|*#|#*", ` ?[x*#]{2,}[x*#\d]*$`, "", ""},
	{"", ` (?:bcc|cpm|clp|bbp|ddr|sto|bgc|ft|cr|dr|dd|so)$`, "", ""}, // not BP: it is a petrol brand
	{"gb|uk", `[ ,]+(?:gb|gbr|uk)$`, "", ""},
	{"ltd|limited|plc", `(ltd|limited|plc)(?:` + townPattern() + `)$`, "$1", ""},                 // glued
	{townPattern(), `[ ,]+(?:` + townPattern() + `)$`, "", `\b(?:of|for|the|in|to|new) [a-z]+$`}, // not Transport for London
	{"ltd|limited|plc|llp", ` (?:ltd|limited|plc|llp)$`, "", ""},
	{"0-9", ` (?:store|branch|no)?\.? ?#?\d{3,}(?: \d{1,2})?$`, "", `^trading 212$`},
	{"0-9", ` (?:[a-z]*\d){2,}[a-z0-9]{3,}$`, "", ""}, // a reference
	{"0-9", `([a-z]{3,})\d{4,}$`, "$1", ""},           // glued
	{"*", `\*[a-z0-9]*\d[a-z0-9]*$`, "", ""},          // a reference
	{"www", `^www\.`, "", ""},
	{".co.uk", `\.co\.uk\b.*$`, "", ""},
}

// towns are ends of texts that say where the merchant is.
var towns = []string{
	"london", "manchester", "birmingham", "leeds", "glasgow", "edinburgh", "liverpool", "bristol", "sheffield", "cardiff", "belfast",
	"nottingham", "leicester", "newcastle", "brighton", "cambridge", "oxford", "reading", "southampton", "portsmouth", "coventry",
	"aberdeen", "dundee", "swansea", "norwich", "exeter", "plymouth", "york", "bath", "croydon", "milton keynes", "luxembourg", "dublin",
}

func townPattern() string { return strings.Join(towns, "|") }

// rules are compiled at the first use, because most functions need none.
var rules = sync.OnceValue(func() (compiled []rule) {
	for _, p := range patterns {
		next := rule{pattern: regexp.MustCompile(p.pattern), to: p.to}
		next.named = p.pattern == receiptHead || p.pattern == debitHead || p.pattern == reference
		if p.needs != "" {
			next.needs = strings.Split(p.needs, "|")
		}
		if p.except != "" {
			next.except = regexp.MustCompile(p.except)
		}
		compiled = append(compiled, next)
	}
	return compiled
})
