package answercheck

import (
	"regexp"
	"strings"
	"unicode"
)

// rules are the sentences that are never stated, in the order in which they are tried.
var rules = []struct {
	reason  Reason
	pattern *regexp.Regexp
}{
	{Link, link},
	{Link, regexp.MustCompile(`(?i)\b(?:click|tap here|scan (?:the|this)|download|visit (?:the|this|our|my)|call (?:us|this|the number)|text (?:us|this)|whatsapp|telegram)\b`)},
	{Markup, markup},
	{Instructions, regexp.MustCompile(`(?i)\b(?:system (?:message|prompt)|prompts?|instructions?|developer mode|jailbr\w*|api key|openai|chatgpt|language model|json|as an ai|ignore (?:all|any|the|my|previous)|override|policy|policies|configuration|database)\b`)},
	{Instructions, secrets},
	{Instructions, regexp.MustCompile(`(?i)\b(?:verif\w+|log ?in|sign ?in|suspended|compromised|hacked|locked out|urgent\w*|immediately)\b`)},
	{Instructions, regexp.MustCompile(`(?i)\b(?:send|wire|transfer|move|pay)\b.{0,40}\b(?:to (?:this|the following|account|me|us|him|her)|safe account)\b`)},
	{Advice, regexp.MustCompile(`(?i)\b(?:invest\w*|stocks?|shares? (?:in|of)|buy(?:ing)? shares?|equit(?:y|ies)|bonds?|gilts?|etfs?|funds? (?:that|which)|index funds?|mutual funds?|tracker funds?|hedge funds?|crypto\w*|bitcoins?|btc|ethereum|eth|dogecoin|nfts?|forex|fx|cfds?|spread bet\w*|gold|silver|commodit\w+|trading|traders?|dividends?|portfolios?|brokers?|isas?|premium bonds|leverage|ftse|nasdaq|peer-to-peer|crowdfund\w*|real estate|buy-to-let|propert(?:y|ies))\b`)},
	{Advice, regexp.MustCompile(`(?i)\b(?:pensions?|sipps?|annuit\w+|drawdown|tax(?:es|ed|able|ation)?|hmrc|deductib\w+|allowances?|inheritance|offshore|mortgages?|remortgag\w*|loans?|lend(?:er|ers|ing)?|borrow\w*|payday|refinanc\w*|consolidat\w+|balance transfers?|overdrafts?|apply for|bankrupt\w*|ivas?|debt relief|insurers?|life (?:cover|insurance))\b`)},
	{Advice, regexp.MustCompile(`(?i)\b(?:guarante\w+|risk-free|get rich|double your|returns? of|interest rates?|apr|stop paying|do not pay|don't pay)\b`)},
	{Advice, credit},
	{Advice, purchase},
	{Advice, betting},
}

var (
	// link is an address, or words with a point between them that is not in a number: a
	// list of top-level domains would never be complete. "e.g." has one letter behind its
	// point, and a missing space behind a sentence is put in before (missingSpace).
	link    = regexp.MustCompile(`(?i)https?:|www\.|://|\]\(|@|[。｡]|[\p{L}\d]\.\p{L}[\p{L}\d-]|\b\d+(?:\.\d+){2}|\b[a-z0-9-]+ (?:dot|\(dot\)) [a-z]`)
	markup  = regexp.MustCompile("[<>{}\\[\\]`|\\\\]|&#|&[a-z]+;|(?i)javascript:")
	secrets = regexp.MustCompile(`(?i)\b(?:passwords?|passcodes?|pins?|security codes?|one-time codes?|card numbers?|sort codes?|account numbers?|cvv)\b`)
)

var (
	// credit is new credit: cards, payment in parts and later.
	credit = regexp.MustCompile(`(?i)\b(?:klarna|clearpay|afterpay|laybuy|zilch|affirm|paypal|bnpl|pay(?:ing)? later|pay(?:ing)? in (?:\d|two|three|four)|instal?lments?|hire purchase|(?:car|store|0%) finance|(?:store|charge|new|another|second|rewards?|cashback|0%|interest-free) cards?|cash advances?|pawn\w*|guarantors?|credit unions?|lines? of credit)\b|` +
		`\b(?:get|gets|open|take|taking|try|switch|use|using|consider|choose|apply|put|pay|cover|new|another|second|different|on) .{0,30}\bcredit cards?\b|\bcredit cards? (?:from|with|offer\w*|appl\w+)\b`)
	// purchase is the advice to buy, sell or keep a thing with a name.
	purchase = regexp.MustCompile(`\b(?:[Bb]uy|[Ss]ell|[Hh]old|[Pp]urchase)(?:ing)?\s+(?:(?:some|more|into|a few|your|the)\s+)?[A-Z]|(?i:\b(?:buy|sell)\b.{0,40}\bhold\b|\bhold (?:it|them|on to)\b)`)
	betting  = regexp.MustCompile(`(?i)\b(?:gambl\w*|bets?|betting|casinos?|lotter(?:y|ies)|lotto|roulette|poker|blackjack|bingo|jackpots?|slot machines?|scratch ?cards?|wagers?|bookmakers?|bookies?|horses?|racecourses?|odds|all in|accumulators?)\b|\bput .{0,30}\bon (?:a |the )?(?:horses?|red|black|football|match|race|number|winner)\b|\bput (?:it|them|everything) all on\b`)
)

// forbidden returns why a sentence is not allowed whatever the facts are, or "".
func forbidden(sentence string) Reason {
	plain := strings.NewReplacer("*", "", "_", " ", "’", "'").Replace(sentence)
	for _, rule := range rules {
		if rule.pattern.MatchString(plain) {
			return rule.reason
		}
	}
	if !isEnglish(plain) {
		return Language
	}
	return ""
}

// AllowsTitle reports whether a title that the user gave may stand in an answer to that
// user. The title is theirs and no claim of the model, so only what harms is refused:
// links, markup, control characters, and requests for secrets.
func AllowsTitle(title string) bool {
	for _, r := range title {
		if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) && r != zeroWidthJoiner || unicode.Is(unicode.Co, r) {
			return false
		}
	}
	return strings.TrimSpace(title) != "" && !link.MatchString(title) && !markup.MatchString(title) && !secrets.MatchString(title)
}

// zeroWidthJoiner joins the parts of an emoji.
const zeroWidthJoiner = '\u200d'
