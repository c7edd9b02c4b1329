package plaintext

import (
	"math"
	"regexp"
	"strings"
)

var (
	// What is as random as a key and meant to be read: public keys and certificates,
	// hashes by which browsers know a script.
	publicPattern = regexp.MustCompile(`-----BEGIN (PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE)-----[\s\S]*?-----END [A-Z ]+-----|` +
		`\bssh-(rsa|ed25519) \S+|\becdsa-sha2-\S+ \S+|\bMIIB(Ij|oj|CgK)[\w+/=]+|\bMFkwEwYH[\w+/=]+|\bMCowBQYDK2Vw[\w+/=]+|\bsha(256|384|512)-[\w+/=]+`)
	word = regexp.MustCompile(`[A-Za-z0-9+/=_-]+`)
)

// Measures of what a generator of keys writes in letters of both cases and digits.
// Four of ten characters are of another kind than the one before, not counting a
// small letter after a capital, against two of ten in names such as
// OrderCreatedHandlerV2. TestInVariable_GeneratedKeys_AreFound has the figures.
const (
	minRandomLength     = 24
	minRandomEach       = 3 // letters of either case
	minRandomDigits     = 2
	minRandomChanges    = 0.28 // of the neighbours
	minEntropyBitsPerCh = 3.5
)

// isRandom reports whether a value holds a run of characters that a generator made.
// Digits and letters of one case alone are what ids and hashes are made of.
func isRandom(value string) bool {
	for _, run := range word.FindAllString(publicPattern.ReplaceAllString(value, " "), -1) {
		if isRandomRun(run) {
			return true
		}
	}
	return false
}

func isRandomRun(run string) bool {
	if strings.Count(run, "/") > 3 && !strings.ContainsAny(run, "+=") { // the words of a path
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

// entropy returns Shannon's entropy in bits for each character.
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
