package main

import (
	"strings"
	"unicode"
)

// initialisms are words that Go writes in capitals.
var initialisms = map[string]bool{"id": true, "url": true, "pin": true, "xp": true, "api": true, "ai": true, "csv": true, "pdf": true, "apr": true}

// words returns the words of a name of the contract: "targetAmount" and "target_amount"
// are both target and amount.
func words(name string) []string {
	var all []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			all = append(all, strings.ToLower(word.String()))
			word.Reset()
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			end()
			continue
		}
		lowerBefore := i > 0 && !unicode.IsUpper(runes[i-1])
		lowerAfter := i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if unicode.IsUpper(r) && (lowerBefore || lowerAfter) {
			end()
		}
		word.WriteRune(r)
	}
	end()
	return all
}

// exported returns a name of the contract as an exported name in Go.
func exported(name string) string {
	var joined strings.Builder
	for _, word := range words(name) {
		if singular := strings.TrimSuffix(word, "s"); initialisms[singular] {
			joined.WriteString(strings.ToUpper(singular) + word[len(singular):])
			continue
		}
		joined.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	if text := joined.String(); text != "" && unicode.IsDigit(rune(text[0])) {
		return "N" + text
	}
	return joined.String()
}

// unexported returns a name of the contract as an unexported name in Go.
func unexported(name string) string {
	all := words(name)
	return all[0] + strings.TrimPrefix(exported(name), exported(all[0]))
}

func snake(name string) string { return strings.Join(words(name), "_") }

func kebab(name string) string { return strings.Join(words(name), "-") }
