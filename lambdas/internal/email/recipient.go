package email

import (
	"errors"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// ErrRecipient is returned for a recipient that is not exactly one address, or that
// SES cannot send to.
var ErrRecipient = errors.New("the recipient is no address that e-mail can be sent to")

// maxAddressLength is the maximum length that mail servers accept.
// https://www.rfc-editor.org/errata/eid1690
const maxAddressLength = 254

// parseRecipient returns the address in the form for SES: ASCII, with the domain in
// punycode.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html
func parseRecipient(address string) (string, error) {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > maxAddressLength {
		return "", ErrRecipient
	}
	at := strings.LastIndexByte(address, '@')
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil || !strings.Contains(domain, ".") {
		return "", ErrRecipient
	}
	for _, r := range address[:at] {
		if r <= ' ' || r > '~' {
			return "", ErrRecipient
		}
	}
	return address[:at+1] + domain, nil
}
