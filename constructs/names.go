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
	// A scheme and a host, perhaps a port: no path, no wildcard.
	originPattern = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[a-z0-9.-]+(:[0-9]{1,5})?$`)
)

// isToken reports whether CDK fills the value in later.
func isToken(s string) bool { return *awscdk.Token_IsUnresolved(s) }

// notAllowedInName matches what names of most services may not hold.
var notAllowedInName = regexp.MustCompile(`[^A-Za-z0-9_-]`)

// notLetterOrDigit matches what Sids and construct ids lose.
var notLetterOrDigit = regexp.MustCompile(`[^A-Za-z0-9]+`)

// camelCase joins words of this package's own in CamelCase, such as "error-rate" and
// "critical". It drops what a Sid may not hold, so two words can give one result:
// a word of the caller's goes through derivedID, or through a numbered Sid.
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

// derivedID returns the words in CamelCase and their fingerprint: letters and
// digits that differ wherever the words do.
func derivedID(words ...string) string { return camelCase(words...) + fingerprint(words...) }

// derivedName returns name as it is where it fits allowed and maxLength. Otherwise
// it replaces what is not allowed by -, cuts the end off, and adds the fingerprint
// of name, so that two names stay two.
func derivedName(name string, notAllowed *regexp.Regexp, maxLength int) string {
	if len(name) <= maxLength && !notAllowed.MatchString(name) {
		return name
	}
	end := "-" + fingerprint(name)
	folded := notAllowed.ReplaceAllString(name, "-")
	return folded[:min(len(folded), maxLength-len(end))] + end
}

// fingerprint returns eight hexadecimal digits of a hash over the parts, each with
// its length, so that "a", "bc" and "ab", "c" differ.
func fingerprint(parts ...string) string {
	var all strings.Builder
	for _, part := range parts {
		fmt.Fprintf(&all, "%d:%s", len(part), part)
	}
	sum := sha256.Sum256([]byte(all.String()))
	return hex.EncodeToString(sum[:4])
}

// sidOf returns a Sid of letters and digits from a construct's id and what follows
// it. The fingerprint stands for an id that has neither letters nor digits. Equal
// Sids in one policy are numbered by sidCount.
func sidOf(c constructs.IConstruct, parts ...string) string {
	id := *c.Node().Id()
	own := camelCase(id)
	if own == "" {
		own = "Id" + fingerprint(id)
	}
	return own + camelCase(parts...)
}
