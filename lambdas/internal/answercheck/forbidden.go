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
	{Link, regexp.MustCompile(`(?i)https?:|www\.|://|\]\(|@|\b[a-z0-9-]+\.(?:com|net|org|io|co|uk|app|dev|me|info|biz|xyz|ru|cn|link|site|online|shop|ly|gg|ai)\b`)},
	{Link, regexp.MustCompile(`(?i)\b(?:click|tap here|scan (?:the|this)|download|visit (?:the|this|our|my)|call (?:us|this|the number)|text (?:us|this)|whatsapp|telegram)\b`)},
	{Markup, regexp.MustCompile("[<>{}\\[\\]`|\\\\]|&#|&[a-z]+;|javascript:")},
	{Instructions, regexp.MustCompile(`(?i)\b(?:system (?:message|prompt)|prompts?|instructions?|developer mode|jailbr\w*|api key|openai|chatgpt|language model|json|as an ai|ignore (?:all|any|the|my|previous)|override|policy|policies|configuration|database)\b`)},
	{Instructions, regexp.MustCompile(`(?i)\b(?:passwords?|passcodes?|pins?|security codes?|one-time codes?|card numbers?|sort codes?|account numbers?|cvv|verif\w+|log ?in|sign ?in|suspended|compromised|hacked|locked out|urgent\w*|immediately)\b`)},
	{Instructions, regexp.MustCompile(`(?i)\b(?:send|wire|transfer|move|pay)\b.{0,40}\b(?:to (?:this|the following|account|me|us|him|her)|safe account)\b`)},
	{Advice, regexp.MustCompile(`(?i)\b(?:invest\w*|stocks?|shares? (?:in|of)|buy(?:ing)? shares?|equit(?:y|ies)|bonds?|gilts?|etfs?|funds? (?:that|which)|index funds?|mutual funds?|tracker funds?|hedge funds?|crypto\w*|bitcoins?|btc|ethereum|eth|dogecoin|nfts?|forex|fx|cfds?|spread bet\w*|gold|commodit\w+|trading|traders?|dividends?|portfolios?|brokers?|isas?|premium bonds|leverage)\b`)},
	{Advice, regexp.MustCompile(`(?i)\b(?:pensions?|sipps?|annuit\w+|drawdown|tax(?:es|ed|able|ation)?|hmrc|deductib\w+|allowances?|inheritance|offshore|mortgages?|remortgag\w*|loans?|lend(?:er|ers|ing)?|borrow\w*|payday|refinanc\w*|consolidat\w+|balance transfers?|overdrafts?|credit cards? (?:from|with|offer\w*|appl\w+)|apply for|bankrupt\w*|ivas?|debt relief|insurers?|life (?:cover|insurance)|gambl\w*|bets?|betting|casino|lotter\w+)\b`)},
	{Advice, regexp.MustCompile(`(?i)\b(?:guarante\w+|risk-free|get rich|double your|returns? of|interest rates?|apr|stop paying|do not pay|don't pay)\b`)},
}

// english are words that nearly every English sentence has one of.
var english = regexp.MustCompile(`(?i)\b(?:the|a|an|is|are|was|were|you|your|to|of|in|on|and|for|have|has|had|it|this|that|with|i|can|not|by|be|so|from)\b`)

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

// isEnglish reports whether a sentence is in Latin letters, has no invisible characters,
// and has a word of English where it has four words or more.
func isEnglish(text string) bool {
	letters := 0
	for _, r := range text {
		switch {
		case unicode.IsLetter(r):
			if r > unicode.MaxASCII && r != 'é' {
				return false
			}
			letters++
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cc, r), unicode.Is(unicode.Co, r):
			return false
		case unicode.IsNumber(r) && r > unicode.MaxASCII:
			return false
		}
	}
	return letters > 0 && (len(strings.Fields(text)) < 4 || english.MatchString(text))
}
