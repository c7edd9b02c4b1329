package scrub

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
)

var (
	// token is a word with its apostrophes, hyphens and ampersands, or a replacement.
	token = regexp.MustCompile(`\[[a-z]+\]|[\pL\pM\pN]+(?:['’&-][\pL\pM\pN]+)*`)
	// sentenceEnd is what stands in front of the first word of a sentence.
	sentenceEnd = regexp.MustCompile(`[.!?\n]\s+$|\n$`)
	// payee stands in front of a name in lower case: of who is paid or asked, or where the user lives.
	payee = regexp.MustCompile(`\b(?:(?:pa(?:y|id|ys|ying)|ow(?:e|es|ed|ing)|len[dt]|lending|sen[dt]|sending|gave|give|given|` +
		`giving|repa(?:y|id)|reimbursed?|borrowed|transfer(?:red|s)?|payments?|money|cash|called|named|names?|surname|` +
		`friend|brother|sister|son|daughter|wife|husband|partner|landlord|landlady|boss|neighbour|colleague|flatmate|` +
		`housemate|cousin|uncle|aunt|auntie)(?:[ ]+(?:back|is|was|to|from|for|my))*|` +
		`(?:live|lives|lived|living|born|moved|moving)[ ]+(?:at|in|on|near|to)|work(?:s|ed|ing)?[ ]+(?:at|for))` +
		`[ ]+["'“‘(]?$`)
)

// word is a word of a question.
type word struct {
	// gap is what stands in front of the word, text the word, and lower the word in lower case without the ending of
	// a possessive.
	gap, text, lower string
}

// wordsOf returns the words of a text, and what stands behind the last one.
func wordsOf(text string) (words []word, rest string) {
	from := 0
	for _, at := range token.FindAllStringIndex(text, -1) {
		found := text[at[0]:at[1]]
		lower := strings.ReplaceAll(strings.ToLower(found), "’", "'")
		words = append(words, word{text[from:at[0]], found, strings.TrimSuffix(lower, "'s")})
		from = at[1]
	}
	return words, text[from:]
}

// withoutNames replaces what may be the name of a person or a place. A word with a capital leaves only if it is known.
func withoutNames(text string) string {
	words, rest := wordsOf(text)
	var out strings.Builder
	inName, afterTitle := false, false
	for i := 0; i < len(words); {
		w := words[i]
		follows := inName && strings.TrimSpace(w.gap) == "" || afterTitle && strings.Trim(w.gap, ". ") == ""
		if n := merchantAt(words[i:]); n > 0 && !follows {
			for ; n > 0; n-- {
				out.WriteString(words[i].gap + words[i].text)
				i++
			}
			inName, afterTitle = false, false
			continue
		}
		if w.text != "[name]" && !isName(words, i, follows, out.String()) {
			out.WriteString(w.gap + w.text)
			inName, afterTitle = false, isTitle()[w.lower]
		} else {
			if !inName || strings.TrimSpace(w.gap) != "" {
				out.WriteString(w.gap + "[name]")
			}
			inName, afterTitle = true, isTitle()[w.lower]
		}
		i++
	}
	return out.String() + rest
}

// merchantAt returns how many words are the name of a well-known merchant, 0 for none.
func merchantAt(words []word) int {
	name := ""
	for n, w := range words[:min(len(words), 4)] {
		if n == 0 {
			w.gap = ""
		} else if w.gap != " " && w.gap != " & " {
			break
		}
		name += w.gap + w.text
		if isMerchant(name) || isMerchant(strings.TrimSuffix(strings.TrimSuffix(name, "'s"), "’s")) {
			return n + 1
		}
	}
	return 0
}

func isMerchant(name string) bool {
	folded := merchants.Fold(name)
	return merchants.WellKnown(folded) == folded || isBrandOfWords()[strings.ReplaceAll(folded, " ", "_")]
}

// isName reports whether a word may be a name. follows says that it stands behind a name or a title, and before is
// the text in front of it, as it leaves.
func isName(words []word, i int, follows bool, before string) bool {
	w := words[i]
	if w.text[0] == '[' || !strings.ContainsFunc(w.text, unicode.IsLetter) {
		return false
	}
	parts := strings.FieldsFunc(w.lower, func(r rune) bool { return r == '-' || r == '&' })
	for _, part := range parts {
		if isFirstName()[part] || isSurname()[part] || !isLatin(part) {
			return true
		}
	}
	if strings.ContainsFunc(w.text, unicode.IsUpper) {
		isShouted := len(w.text) > 1 && strings.ToUpper(w.text) == w.text
		return follows && !isShouted || isTitle()[w.lower] || !mayBeCapital(words, i, before+w.gap)
	}
	if isKnown(w.lower, isWordOfAnyKind) || strings.ContainsFunc(w.text, unicode.IsDigit) {
		return false
	}
	return follows || payee.MatchString(strings.ToLower(before+w.gap)) || i+1 < len(words) && isDebtor()[words[i+1].lower]
}

var (
	// isDebtor has words behind the name of a person.
	isDebtor = setOf(`owes owed lent borrowed`)
	// isModal has words that are names, too, but not in front of "I".
	isModal = setOf(`will may can`)
	// isCode has words of capitals and digits, such as the third quarter.
	isCode = regexp.MustCompile(`^(?:q[1-4]|h[12]|\d+[a-z]{1,2}|[345]g|[a-e])$`)
	// isCounted has words in front of a letter or a code.
	isCounted = setOf(`goal goals plan plans option options`)
	// isObject has words behind a word that begins a sentence and is no name there.
	isObject = setOf(`of the my our i we this that these those it a an i'm`)
)

// mayBeCapital reports whether a word with a capital may leave: it is a word of English, a month, a category, or the
// name of a well-known merchant. A word that is a name, too, may begin a sentence as a verb, as in "Will I".
func mayBeCapital(words []word, i int, before string) bool {
	w := words[i]
	if isKnown(w.lower, isOrdinary) {
		return true
	}
	if isCode.MatchString(w.lower) {
		return len(w.lower) > 1 || w.lower == "a" || i > 0 && isCounted()[words[i-1].lower]
	}
	if !isAlsoName()[w.lower] || i+1 == len(words) || words[i+1].gap != " " {
		return false
	}
	starts := strings.TrimSpace(before) == "" || sentenceEnd.MatchString(before)
	next := words[i+1].lower
	return starts && isObject()[next] || isModal()[w.lower] && (next == "i" || next == "we")
}

func isWordOfAnyKind(word string) bool { return isWord()[word] || isAlsoName()[word] }

// isKnown reports whether a word in lower case, or each part of a compound, is one of the list, a category, or a
// well-known name.
func isKnown(lower string, isListed func(string) bool) bool {
	if isListed(lower) || isListed(lower+"'s") || isBrand()[lower] || isContraction(lower, isListed) {
		return true
	}
	if _, known := categories.Known(lower); known {
		return true
	}
	parts := strings.FieldsFunc(lower, func(r rune) bool { return r == '-' || r == '&' })
	if len(parts) < 2 {
		return false
	}
	for _, part := range parts {
		if !isListed(part) {
			return false
		}
	}
	return true
}

// isContraction reports whether a word is a listed one with the rest of a verb, such as "what've".
func isContraction(lower string, isListed func(string) bool) bool {
	stem, rest, found := strings.Cut(lower, "'")
	if !found {
		return false
	}
	switch rest {
	case "ve", "re", "ll", "d", "m":
		return isListed(stem)
	case "t":
		return stem == "can" || stem == "won" || strings.HasSuffix(stem, "n") && isListed(strings.TrimSuffix(stem, "n"))
	}
	return false
}
