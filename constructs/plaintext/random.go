package plaintext

import (
	"math"
	"regexp"
	"strings"
)

var (
	// Public values that are as random as a key: public keys, certificates, and
	// hashes by which browsers verify a script.
	publicPattern = regexp.MustCompile(`-----BEGIN (PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE)-----[\s\S]*?-----END [A-Z ]+-----|` +
		`\bssh-(rsa|ed25519) \S+|\becdsa-sha2-\S+ \S+|\bMIIB(Ij|oj|CgK)[\w+/=]+|\bMFkwEwYH[\w+/=]+|\bMCowBQYDK2Vw[\w+/=]+|\bsha(256|384|512)-[\w+/=]+`)
	word = regexp.MustCompile(`[A-Za-z0-9+/=_-]+`)
)

// Thresholds for keys of mixed-case letters and digits. In generated keys, four of
// ten characters are of another kind than the character before them, not counting a
// small letter after a capital. In names such as OrderCreatedHandlerV2 it is two of
// ten. TestInVariable_GeneratedKeys_AreFound has the figures.
const (
	minRandomLength     = 24
	minRandomEach       = 3 // of upper and of lower case
	minRandomDigits     = 2
	minRandomChanges    = 0.28 // share of characters of another kind than the one before
	minEntropyBitsPerCh = 3.5
)

// isRandom reports whether a value contains a run of generated characters. Runs
// with digits and letters of one case only do not count, because ids and hashes
// look like that.
func isRandom(value string) bool {
	for _, run := range word.FindAllString(publicPattern.ReplaceAllString(value, " "), -1) {
		if isRandomRun(run) {
			return true
		}
	}
	return false
}

func isRandomRun(run string) bool {
	if strings.Count(run, "/") > 3 && !strings.ContainsAny(run, "+=") { // a path
		return false
	}
	kinds, changes := map[byte]int{}, 0
	last := byte(0)
	for i := range len(run) {
		k := kindOf(run[i])
		kinds[k]++
		if i > 0 && k != last && !(last == 'A' && k == 'a') {
			changes++
		}
		last = k
	}
	return len(run) >= minRandomLength &&
		kinds['A'] >= minRandomEach && kinds['a'] >= minRandomEach && kinds['0'] >= minRandomDigits &&
		float64(changes) >= minRandomChanges*float64(len(run)-1) && entropy(run) >= minEntropyBitsPerCh
}

func kindOf(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return '0'
	case c >= 'a' && c <= 'z':
		return 'a'
	case c >= 'A' && c <= 'Z':
		return 'A'
	}
	return '-'
}

// entropy returns Shannon's entropy in bits per character.
func entropy(s string) float64 {
	counts := map[byte]float64{}
	for i := range len(s) {
		counts[s[i]]++
	}
	var bits float64
	for _, n := range counts {
		p := n / float64(len(s))
		bits -= p * math.Log2(p)
	}
	return bits
}
