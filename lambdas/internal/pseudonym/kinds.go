package pseudonym

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
)

// ErrNotIP is returned for a text that is not an IP address. Counting such texts
// would let a client start a new count with each text.
var ErrNotIP = errors.New("this is no IP address")

// ipv6PrefixBits is the size of the smallest IPv6 network that a customer gets. The
// customer can choose the remaining bits (RFC 6177, section 2).
const ipv6PrefixBits = 64

// Username returns the pseudonym of a username or an e-mail address. Names that
// differ in case have the same pseudonym, because the user pool treats them as one
// user. So do names that differ only in their spelling in Unicode or DNS. Username
// returns the errors of KMS.
func (m *Maker) Username(ctx context.Context, name string) (Pseudonym, error) {
	return m.of(ctx, "username", normaliseUsername(name))
}

// normaliseUsername converts to upper case first, because Cognito does not document
// how it compares names: it takes "ı" for "I", which lower case alone would keep
// apart. Two names that become one share a count. One name that became two would have
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

// The networks within which a subscriber's IP address changes. They are the smallest
// routed block of IPv4, and the largest IPv6 network of one site (RFC 6177, section
// 2).
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

// Device returns the pseudonym of a user's device. The app makes device ids, so the
// same id is the same device for one user only. Ids are compared unchanged. Device
// returns the errors of KMS.
func (m *Maker) Device(ctx context.Context, userID, deviceID string) (Pseudonym, error) {
	return m.of(ctx, "device", userID, deviceID)
}
