package pinhash

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// ErrMalformed is returned for a stored text that is not the hash of a PIN, or whose
// parameters are out of bounds. It does not contain the text.
var ErrMalformed = errors.New("the stored hash of a PIN is malformed")

const (
	saltSize = 16
	sumSize  = 32
)

type salt [saltSize]byte

// params are the costs of Argon2: the memory in KiB, the number of passes over it,
// and the number of parallel lanes.
type params struct {
	memory uint32
	passes uint32
	lanes  uint8
}

// Bounds of the parameters that Matches accepts. The lower bounds are the least of
// OWASP's table. The upper bounds leave room to double the costs more than once. They
// bound a forged item to 64 MiB and ten times today's work.
const (
	minMemory, maxMemory = 7 << 10, 64 << 10
	maxPasses            = 6
	maxLanes             = 4
)

func (p params) isAcceptable() bool {
	return p.memory >= minMemory && p.memory <= maxMemory && p.passes >= 1 && p.passes <= maxPasses && p.lanes >= 1 && p.lanes <= maxLanes
}

// hash is the stored hash of a PIN.
type hash struct {
	params params
	salt   salt
	sum    [sumSize]byte
}

var encoding = base64.RawStdEncoding

// String returns the PHC string.
func (h hash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.params.memory, h.params.passes, h.params.lanes,
		encoding.EncodeToString(h.salt[:]), encoding.EncodeToString(h.sum[:]))
}

// parse parses the exact output of String, and otherwise returns ErrMalformed.
func parse(text string) (hash, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 {
		return hash{}, ErrMalformed
	}
	costs := strings.Split(parts[3], ",")
	if len(costs) != 3 {
		return hash{}, ErrMalformed
	}
	memory := number(costs[0], "m=")
	passes := number(costs[1], "t=")
	lanes := number(costs[2], "p=")
	read := hash{params: params{memory: uint32(memory), passes: uint32(passes), lanes: uint8(lanes)}}
	copy(read.salt[:], decoded(parts[4]))
	copy(read.sum[:], decoded(parts[5]))
	if !read.params.isAcceptable() || read.String() != text {
		return hash{}, ErrMalformed
	}
	return read, nil
}

// number and decoded return the value, or for invalid input a value that String
// writes differently.
func number(text, name string) uint64 {
	n, _ := strconv.ParseUint(strings.TrimPrefix(text, name), 10, 32)
	return n
}

func decoded(text string) []byte {
	raw, _ := encoding.DecodeString(text)
	return raw
}
