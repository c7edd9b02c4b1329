package plaintext

import (
	"net/url"
	"regexp"
	"strings"
)

// shape is the pattern of one kind of secret.
type shape struct {
	what    string
	pattern *regexp.Regexp
}

// shapes are the patterns of keys with issuers' marks, and of addresses that work
// like passwords.
// https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
var shapes = []shape{
	{"an AWS access key", regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{16}\b`)},
	{"a private key", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY`)},
	{"a Stripe key", regexp.MustCompile(`\b[sr]k_(live|test)_\w{16,}|\bwhsec_\w{16,}`)},
	{"a key of OpenAI or Anthropic", regexp.MustCompile(`\bsk-[\w-]{20,}`)},
	{"a GitHub token", regexp.MustCompile(`\bgh[pousr]_\w{36,}|\bgithub_pat_\w{22,}`)},
	{"a GitLab token", regexp.MustCompile(`\bglpat-[\w-]{20,}`)},
	{"a Slack token", regexp.MustCompile(`\bxox[abeprs]-[\w-]{10,}|\bxapp-\d-[\w-]{10,}`)},
	{"a Slack webhook", regexp.MustCompile(`\bhooks\.slack\.com/(services|workflows|triggers)/\w+/\w+/\w+`)},
	{"a Discord webhook", regexp.MustCompile(`\bdiscord(app)?\.com/api/webhooks/\d+/[\w-]{20,}`)},
	{"a Teams webhook", regexp.MustCompile(`\bwebhook\.office\.com/webhookb2/\S{30,}`)},
	{"a Google API key", regexp.MustCompile(`\bAIza[\w-]{35}`)},
	{"a Google client secret", regexp.MustCompile(`\bGOCSPX-[\w-]{20,}`)},
	{"a signed token", regexp.MustCompile(`\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.`)},
	{"a SendGrid key", regexp.MustCompile(`\bSG\.[\w-]{16,}\.[\w-]{16,}`)},
	{"an npm token", regexp.MustCompile(`\bnpm_\w{36}\b`)},
	{"a PyPI token", regexp.MustCompile(`\bpypi-[\w-]{50,}`)},
	{"a Telegram bot token", regexp.MustCompile(`\b\d{8,10}:AA[\w-]{33}\b`)},
	{"a Twilio key", regexp.MustCompile(`\bSK[0-9a-f]{32}\b`)},
	{"a password in a connection string", regexp.MustCompile(`(?i)(^|[;\s])(password|pwd|accountkey|sharedaccesskey)\s*=\s*[^;\s$%{<]`)},
	{"a password in JSON", regexp.MustCompile(`(?i)"(password|passwd|secret|client_?secret|api_?key|private_?key|access_?token)"\s*:\s*"[^"]{4,}"`)},
}

// Known returns the kind of secret that a text contains, by its pattern alone, and
// whether it contains one.
func Known(text string) (what string, found bool) {
	for _, s := range shapes {
		if s.pattern.MatchString(text) {
			return s.what, true
		}
	}
	return inURL(text)
}

var (
	urlPattern = regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://[^\s"'<>]+`)
	// Placeholders that a program replaces by the password at run time.
	placeholder = regexp.MustCompile(`^(\$\{.*|\$[A-Z_]+|%[sv]|\{.*|<.*|\*+|x{3,}|%7B.*)$`)
	// Parameters whose values authorize the request.
	secretParameter = regexp.MustCompile(`(?i)^(access_?token|api_?key|auth|password|secret|sig|signature|token|x-amz-signature)$`)
)

// minParameterLength is the minimum length of a secret parameter's value. Ordinary
// parameters use the same names.
const minParameterLength = 16

// inURL finds the credentials in a URL: a password before the host, or a token
// among the parameters. A Reference in place of a password counts as a password.
func inURL(text string) (string, bool) {
	for _, address := range urlPattern.FindAllString(text, -1) {
		_, rest, _ := strings.Cut(address, "://")
		authority := rest
		if end := strings.IndexAny(rest, "/?#"); end >= 0 {
			authority = rest[:end]
		}
		if at := strings.LastIndex(authority, "@"); at >= 0 {
			_, password, ok := strings.Cut(authority[:at], ":")
			if ok && password != "" && !placeholder.MatchString(password) {
				return "a password in a URL", true
			}
		}
		_, query, _ := strings.Cut(rest, "?")
		query, _, _ = strings.Cut(query, "#")
		parameters, _ := url.ParseQuery(query)
		for name, values := range parameters {
			for _, value := range values {
				if secretParameter.MatchString(name) && len(value) >= minParameterLength && !nameValue.MatchString(value) && !placeholder.MatchString(value) {
					return "a token in a URL", true
				}
			}
		}
	}
	return "", false
}
