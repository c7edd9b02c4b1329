package blindindex

import (
	"errors"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// ErrNotInternational is returned for a telephone number that has no country
// code, or is no number at all. A national number means different telephones in
// different countries, so it cannot be found.
var ErrNotInternational = errors.New("telephone number is not in the international form, such as +442079460000")

// maxDomain is the length in bytes beyond which a domain cannot be one: 253
// characters (RFC 1035, section 2.3.4) of at most 4 bytes. The work of punycode
// grows with the square of the length: at this bound it is under a
// millisecond, at 100 kB minutes.
const maxDomain = 4 * 253

// NormaliseEmail returns the form in which addresses are compared: without
// surrounding space, in Unicode's compatible form NFKC and in lower case, with
// the domain as DNS has it (punycode, RFC 5891). No mail provider of note tells
// mailboxes apart by case. A domain that DNS cannot have stays as it is.
//
// Dots and a "+tag" before the @ stay: they are ignored by some providers and
// not by others, where removing them would make two people one.
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

// NormaliseText returns the form in which names are compared: in lower case, in
// Unicode's compatible form NFKC, and without surrounding space. It lowers the
// case and applies NFKC until neither changes anything: each can uncover work for
// the other, as in "℡", which becomes "TEL". Three rounds and one to see it are
// the most that a letter and a mark need.
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

// e164 is a country code and a number: at most 15 digits, of which the first is
// no zero (ITU-T E.164, section 6.2.1). The shortest in use have 7.
var e164 = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`) })

// NormalisePhone returns a telephone number in the form of E.164, "+" and
// digits. It understands digits of any width, spaces, hyphens, dots, slashes
// and brackets between them, a leading 00 for the +, and the "(0)" that some
// countries write after the code. It returns ErrNotInternational otherwise.
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
