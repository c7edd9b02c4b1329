package categories

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
)

// All returns every code, in alphabetical order.
func All() []Code { return slices.Sorted(maps.Keys(names)) }

// Known returns the code of a word of any screen, and whether a screen has the word.
func Known(word string) (Code, bool) {
	code, known := meanings()[fold(word)]
	return code, known
}

// Parse returns the code of a word of any screen, and Other for an unknown word.
func Parse(word string) Code {
	if code, known := Known(word); known {
		return code
	}
	return Other
}

// In returns the word that a vocabulary has for the code. A vocabulary without a word
// for it has the word of its parent, or of Other.
func (c Code) In(v Vocabulary) string {
	for code := c; ; code = parents[code] {
		if word := v.words[code]; word != "" {
			return word
		}
		if v.title && names[code] != "" {
			return names[code]
		}
		if parents[code] == "" {
			return v.words[Other]
		}
	}
}

// meanings are the codes by folded word. TestVocabularies_WordOfTwoCodes_DoesNotExist
// shows that a word has one meaning.
var meanings = sync.OnceValue(func() map[string]Code {
	found := map[string]Code{}
	for word, code := range aliases {
		found[fold(word)] = code
	}
	for code, name := range names {
		found[fold(name)], found[fold(string(code))] = code, code
	}
	for _, v := range vocabularies {
		for code, word := range v.words {
			found[fold(word)] = code
		}
	}
	return found
})

var vocabularies = map[string]Vocabulary{
	"transaction list": TransactionList, "manual entry": ManualEntry, "edit dialog": EditDialog, "legacy expenses": LegacyExpenses,
	"spending tab": SpendingTab, "budget keys": BudgetKeys, "bills": BillScreens,
}

// fold returns a word in the form for comparison: in lower case, with single spaces,
// and "&" for "and".
func fold(word string) string {
	word = strings.NewReplacer("_", " ", "-", " ", "&", " & ").Replace(blindindex.NormaliseText(word))
	return strings.ReplaceAll(strings.Join(strings.Fields(word), " "), " and ", " & ")
}
