package telemetry

import (
	"regexp"
	"strings"
	"sync"

	"github.com/expenzez/infrastructure/lambdas/internal/redact"
)

// pattern matches one kind of text that must not be logged. It is compiled when a
// text has one of the hints. Most texts have none, and looking for a hint takes
// nanoseconds and does not allocate.
type pattern struct {
	hints   []string
	find    func() *regexp.Regexp
	replace string
}

func compile(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// secretWords are names of secrets that a text may contain. Names of personal data
// would match ordinary words. E-mail addresses and telephone numbers have patterns of
// their own.
const secretWords = `(?:password|passwd|secret|token|authorization|api_?key|cookie|signature|credential)`

var patterns = [...]pattern{
	// "password": "…" in quoted JSON, escaped or not.
	{[]string{`":`, `" :`}, compile(`(?i)(\\?"[\w-]*` + secretWords + `[\w-]*\\?"\s*:\s*\\?")(?:[^"\\]|\\[^"])*`), "${1}" + redact.Marker},
	// password=… in a query, a form or a cookie.
	{[]string{`=`}, compile(`(?i)\b([\w-]*` + secretWords + `[\w-]*=)[^&\s"]+`), "${1}" + redact.Marker},
	// Authorization headers. https://datatracker.ietf.org/doc/html/rfc6750#section-2.1
	{[]string{"earer ", "EARER ", "asic ", "ASIC "}, compile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/-]{8,}=*`), "${1} " + redact.Marker},
	// JWS and JWE: {" in base64url, and the parts. https://datatracker.ietf.org/doc/html/rfc7519#section-3
	{[]string{"eyJ"}, compile(`eyJ[\w-]+(?:\.[\w-]*){1,4}`), redact.Marker},
	// Keys of OpenAI and Stripe, and AWS access key ids.
	{[]string{"sk-", "sk_", "AKIA", "ASIA"}, compile(`\bsk[-_][\w-]{16,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`), redact.Marker},
	// E-mail addresses, also percent-encoded. The last label has letters only, so a module version is none.
	{[]string{"@", "%40"}, compile(`[\pL\pN._%+'-]+(?:@|%40)(?:[\pL\pN-]+\.)+\pL{2,}`), redact.Marker},
	// E.164: a plus and 7 to 15 digits, also grouped or percent-encoded. https://www.itu.int/rec/T-REC-E.164
	{[]string{"+", "%2B", "%2b"}, compile(`(?:\+|%2[Bb])[1-9](?:[ ().-]{0,2}\d){6,14}`), redact.Marker},
}

// RedactText returns the text without its tokens, keys, e-mail addresses and
// telephone numbers. Every other report of an error, such as error tracking, must use
// it.
func RedactText(text string) string {
	for i := range patterns {
		if p := &patterns[i]; p.mayMatch(text) {
			text = p.find().ReplaceAllString(text, p.replace)
		}
	}
	return text
}

func (p *pattern) mayMatch(text string) bool {
	for _, hint := range p.hints {
		if strings.Contains(text, hint) {
			return true
		}
	}
	return false
}
