package blindindex

import (
	"errors"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// ErrNotInternational is returned for a telephone number without a country code, and
// for a text that is not a number. A national number means different telephones in
// different countries, so it cannot be looked up.
var ErrNotInternational = errors.New("telephone number is not in the international form, such as +442079460000")

// maxDomain is the maximum length of a domain in bytes: 253 characters (RFC 1035,
// section 2.3.4) of at most 4 bytes. The time of punycode grows with the square of
// the length: under a millisecond for maxDomain, and minutes for 100 kB.
const maxDomain = 4 * 253

// NormaliseEmail returns an e-mail address in the form for comparison: without
// surrounding space, in Unicode's form NFKC and in lower case, with its domain in
// punycode (RFC 5891). No major mail provider distinguishes mailboxes by case. A
// domain that is invalid in DNS stays unchanged.
//
// Dots and a "+tag" before the @ stay. Some providers ignore them, but with others
// two people would become one.
func NormaliseEmail(address string) string {
	address = NormaliseText(address)
	at := strings.LastIndexByte(address, '@')
	if at < 0 || len(address)-at > maxDomain {
		return address
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		return address
	}
	return address[:at+1] + domain
}

// NormaliseText returns a name in the form for comparison: in lower case, in
// Unicode's form NFKC, and without surrounding space. It repeats both steps until
// nothing changes, because one step can enable the other: "℡" becomes "TEL". A letter
// and a mark need three rounds at most, and a fourth one to detect the end.
func NormaliseText(text string) string {
	for range 4 {
		next := norm.NFKC.String(strings.ToLower(text))
		if next == text {
			break
		}
		text = next
	}
	return strings.TrimSpace(text)
}

// e164 matches a country code and a number: at most 15 digits without a leading zero
// (ITU-T E.164, section 6.2.1). The shortest numbers in use have 7 digits.
var e164 = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`) })

// NormalisePhone returns a telephone number in the form of E.164, "+" and digits. It
// accepts digits of any width, separators (spaces, hyphens, dots, slashes and
// brackets), a leading 00 for the +, and the "(0)" that some countries write after
// the code. Otherwise it returns ErrNotInternational.
func NormalisePhone(number string) (string, error) {
	number = strings.ReplaceAll(norm.NFKC.String(number), "(0)", "")
	number = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\u00a0\u2010\u2011\u2012\u2013\u2212-./()", r) {
			return -1
		}
		return r
	}, number)
	if rest, found := strings.CutPrefix(number, "00"); found {
		number = "+" + rest
	}
	if !e164().MatchString(number) {
		return "", ErrNotInternational
	}
	return number, nil
}
