package pseudonym

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
)

// ErrNotIP is returned for a text that is no IP address. If such a text passed as an
// IP address, every counter would start anew.
var ErrNotIP = errors.New("this is no IP address")

// ipv6PrefixBits is the part of an IPv6 address that a customer is given at least, and
// can choose the rest of (RFC 6177, section 2).
const ipv6PrefixBits = 64

// Username returns the pseudonym of what a user signs in with, a username or an
// e-mail address. Names that differ in case have one pseudonym, as they are one
// user to the pool, and so have those that differ only as Unicode or DNS lets a
// text be written. It returns the errors of KMS.
func (m *Maker) Username(ctx context.Context, name string) (Pseudonym, error) {
	return m.of(ctx, "username", normaliseUsername(name))
}

// normaliseUsername goes by way of the upper case, because Cognito does not say
// how it compares: "ı" is "I" there, and lower-cased alone would be another user.
// Two names that become one share a counter; one name that became two would have
// twice the guesses.
func normaliseUsername(name string) string {
	return blindindex.NormaliseEmail(strings.ToUpper(name))
}

// SourceIP returns the pseudonym of an IP address. All IPv6 addresses of a /64 have the
// same pseudonym, because one client can use all of them. It returns ErrNotIP, without
// the text, and the errors of KMS.
func (m *Maker) SourceIP(ctx context.Context, ip string) (Pseudonym, error) {
	address, err := netip.ParseAddr(ip)
	if err != nil {
		return "", ErrNotIP
	}
	return m.of(ctx, "address", normaliseIP(address))
}

func normaliseIP(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return address.String()
	}
	return netip.PrefixFrom(address, ipv6PrefixBits).Masked().String()
}

// Networks are what a subscriber's address changes within: the smallest block that
// is routed for IPv4, and the largest that one site is given for IPv6 (RFC 6177,
// section 2).
const (
	networkIPv4 = 24
	networkIPv6 = 48
)

// Network returns the pseudonym of the network of an IP address: the /24 of an IPv4
// address, and the /48 of an IPv6 address. It returns the errors of SourceIP.
func (m *Maker) Network(ctx context.Context, ip string) (Pseudonym, error) {
	address, err := netip.ParseAddr(ip)
	if err != nil {
		return "", ErrNotIP
	}
	address = address.Unmap().WithZone("")
	bits := networkIPv6
	if address.Is4() {
		bits = networkIPv4
	}
	return m.of(ctx, "network", netip.PrefixFrom(address, bits).Masked().String())
}

// User returns the pseudonym of a user's id. It returns the errors of KMS.
func (m *Maker) User(ctx context.Context, userID string) (Pseudonym, error) {
	return m.of(ctx, "user", userID)
}

// Device returns the pseudonym of a user's device. Device ids are made by the
// app, so one is the same device only for the same user. Ids are compared as they
// are. It returns the errors of KMS.
func (m *Maker) Device(ctx context.Context, userID, deviceID string) (Pseudonym, error) {
	return m.of(ctx, "device", userID, deviceID)
}
