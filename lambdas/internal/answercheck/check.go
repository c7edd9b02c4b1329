package answercheck

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/expenzez/infrastructure/lambdas/internal/facts"
)

// MaxCharacters is the length of the longest text. The app shows an answer in one
// bubble of its chat.
const MaxCharacters = 1200

// Reason is why a sentence is left out.
type Reason string

// The reasons.
const (
	NotAFact     Reason = "figure"
	Link         Reason = "link"
	Markup       Reason = "markup"
	Advice       Reason = "advice"
	Instructions Reason = "instructions"
	Language     Reason = "language"
	Length       Reason = "length"
)

// Result is what is left of an answer.
type Result struct {
	// Text has the sentences that are kept. It is empty when there is none.
	Text string
	// Dropped counts the sentences that are left out.
	Dropped map[Reason]int
}

// Check returns what of an answer is true and allowed.
func Check(answer string, known facts.Facts) Result {
	result := Result{Dropped: map[Reason]int{}}
	var lines []string
	length := 0
	for line := range strings.SplitSeq(norm.NFKC.String(answer), "\n") {
		marker, text := cutMarker(missingSpace.ReplaceAllString(line, "$1 $2"))
		var kept []string
		for _, sentence := range sentences(text) {
			reason := problem(sentence, known)
			if reason == "" && length+len(sentence) > MaxCharacters {
				reason = Length
			}
			if reason != "" {
				result.Dropped[reason]++
				continue
			}
			length += len(sentence) + 1
			kept = append(kept, sentence)
		}
		if len(kept) > 0 {
			lines = append(lines, marker+strings.Join(kept, " "))
		}
	}
	result.Text = strings.Join(lines, "\n")
	return result
}

// problem returns why a sentence is left out, or "".
func problem(sentence string, known facts.Facts) Reason {
	if reason := forbidden(sentence); reason != "" {
		return reason
	}
	if isAddition.MatchString(sentence) || !statesFacts(sentence, known) {
		return NotAFact
	}
	return ""
}

var (
	// listMarker is what a line of a list begins with.
	listMarker = regexp.MustCompile(`^\s*(?:[-*•]\s+|\d{1,2}[.)]\s+)?`)
	// sentenceEnd is the end of a sentence: a point inside a number or a name has no
	// space behind it.
	sentenceEnd  = regexp.MustCompile(`[.!?…]+["'”’)*_]*\s+`)
	abbreviation = regexp.MustCompile(`(?i)\b(?:e\.g|i\.e)\.$`)
	// missingSpace is the end of a sentence without a space behind it. With the space it
	// is no link.
	missingSpace = regexp.MustCompile(`([\p{Ll}\d%][.!?])(\p{Lu})`)
)

// isAddition is a short sentence that only adds to what the one before states, as "At
// Tesco." does behind a figure.
var isAddition = regexp.MustCompile(`(?i)^["“(]?(?:at|on|in|with|from|by|for|to|not|and|but|or|all|only|each|per|mostly|mainly|before|after|since|until)(?:\s+\S+){0,3}$`)

// cutMarker returns the marker of a line and the rest. A number of a list becomes a
// dash, because the lines before it may be left out.
func cutMarker(line string) (marker, text string) {
	found := listMarker.FindString(line)
	if text = strings.TrimSpace(line[len(found):]); strings.TrimSpace(found) != "" {
		marker = "- "
	}
	return marker, text
}

func sentences(text string) (found []string) {
	from := 0
	for _, end := range sentenceEnd.FindAllStringIndex(text, -1) {
		if abbreviation.MatchString(text[from : end[0]+1]) {
			continue
		}
		found = append(found, strings.TrimSpace(text[from:end[1]]))
		from = end[1]
	}
	if rest := strings.TrimSpace(text[from:]); rest != "" {
		found = append(found, rest)
	}
	return found
}
