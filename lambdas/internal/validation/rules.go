package validation

import (
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"regexp"
	"sync"
	"time"
)

// rules are the project's own rules over strings, by tag.
var rules = map[string]func(string) bool{
	"username":  isUsername,
	"phone":     isPhone,
	"plaintext": isPlainText,
	"birthdate": isBirthdate,
	"pin":       isPIN,
	"deviceid":  isDeviceID,
	"instant":   dates.IsInstant,
	"day":       dates.IsDay,
	"month":     dates.IsMonth,
	"adult":     func(text string) bool { return isAdult(text, time.Now()) },
}

var (
	// Usernames are ASCII. They have no "@", which marks an e-mail address at
	// sign-in, and no ">", "?" or "~", which the app's base64 decoder cannot read in
	// a token.
	isUsername = matches(`^[A-Za-z0-9._-]{3,30}$`)
	// The app makes device ids and puts them into paths unchanged. So they have only
	// characters that a path keeps (RFC 3986, section 2.3). They do not begin with a
	// dot, because "." and ".." are not path segments.
	isDeviceID = matches(`^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$`)
	// The profile editor sends numbers as people type them.
	isPhone = matches(`^\+?[0-9 ()-]{5,24}$`)
	isPIN   = matches(`^[0-9]{5}$`)
)

// IsUsername reports whether an account can have the text as its username: 3 to 30
// ASCII letters, digits, dots, hyphens and underscores.
func IsUsername(text string) bool { return isUsername(text) }

// IsPlainText reports whether a text is safe to display, as the rule "plaintext" does.
func IsPlainText(text string) bool { return isPlainText(text) }

// matches returns a rule for texts that match an expression. The expression is
// compiled at its first use, because most functions use few rules and every cold
// start would pay for all.
func matches(expression string) func(string) bool {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
	return func(text string) bool { return compiled().MatchString(text) }
}

// ParseBirthdate parses a date in either form of the app, MM/DD/YYYY or YYYY-MM-DD,
// between 1900 and today.
func ParseBirthdate(text string) (time.Time, bool) {
	for _, layout := range []string{"01/02/2006", time.DateOnly} {
		if date, err := time.Parse(layout, text); err == nil {
			return date, date.Year() >= 1900 && !date.After(time.Now())
		}
	}
	return time.Time{}, false
}

func isBirthdate(text string) bool {
	_, ok := ParseBirthdate(text)
	return ok
}

func isAdult(birthdate string, now time.Time) bool {
	date, ok := ParseBirthdate(birthdate)
	return ok && !date.AddDate(18, 0, 0).After(now)
}
