package constructs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// Patterns of names that several constructs take.
var (
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
	roleNamePattern = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{1,64}$`)
	// A scheme and a host with an optional port, without path and wildcards.
	originPattern = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[a-z0-9.-]+(:[0-9]{1,5})?$`)
)

// isToken reports whether the string holds a CDK token, whose value is known later.
func isToken(s string) bool { return *awscdk.Token_IsUnresolved(s) }

// notAllowedInName matches characters that the names of most services may not
// contain.
var notAllowedInName = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// notLetterOrDigit matches characters that camelCase removes for Sids and construct
// ids.
var notLetterOrDigit = regexp.MustCompile(`[^A-Za-z0-9]+`)

// camelCase joins this package's own words in CamelCase, such as "error-rate" and
// "critical". It removes characters that a Sid may not contain, so different words
// can give equal results. Words of the caller must go through derivedID or a
// numbered Sid.
func camelCase(words ...string) string {
	var b strings.Builder
	for _, word := range words {
		for _, piece := range notLetterOrDigit.Split(word, -1) {
			if piece != "" {
				b.WriteString(strings.ToUpper(piece[:1]) + piece[1:])
			}
		}
	}
	return b.String()
}

// derivedID returns the words in CamelCase with their fingerprint. The result has
// letters and digits only, and different words give different results.
func derivedID(words ...string) string { return camelCase(words...) + fingerprint(words...) }

// derivedName returns name unchanged if it has only allowed characters and at most
// maxLength. Otherwise it replaces other characters by -, cuts the end off, and
// adds the fingerprint of name. Different names give different results.
func derivedName(name string, notAllowed *regexp.Regexp, maxLength int) string {
	if len(name) <= maxLength && !notAllowed.MatchString(name) {
		return name
	}
	end := "-" + fingerprint(name)
	folded := notAllowed.ReplaceAllString(name, "-")
	return folded[:min(len(folded), maxLength-len(end))] + end
}

// fingerprint returns eight hexadecimal digits of a hash over the parts and their
// lengths. So "a", "bc" and "ab", "c" differ.
func fingerprint(parts ...string) string {
	var all strings.Builder
	for _, part := range parts {
		fmt.Fprintf(&all, "%d:%s", len(part), part)
	}
	sum := sha256.Sum256([]byte(all.String()))
	return hex.EncodeToString(sum[:4])
}

// sidOf returns a Sid of letters and digits from a construct's id and the parts. An
// id without letters and digits is replaced by its fingerprint. sidCount numbers
// equal Sids in one policy.
func sidOf(c constructs.IConstruct, parts ...string) string {
	id := *c.Node().Id()
	own := camelCase(id)
	if own == "" {
		own = "Id" + fingerprint(id)
	}
	return own + camelCase(parts...)
}
