package categories

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// screens are the words that each screen sends, as the app's source has them.
var screens = map[string]struct {
	vocabulary Vocabulary
	words      []string
}{
	"manual expense": {ManualEntry, []string{"Food & Dining", "Transport", "Shopping", "Entertainment", "Bills & Utilities", "Healthcare",
		"Education", "Travel", "Groceries", "Fuel", "Subscriptions", "Other"}},
	"manual income": {ManualEntry, []string{"Salary", "Freelance", "Business", "Investment", "Rental", "Gift"}},
	"edit dialog": {EditDialog, []string{"Food & Dining", "Transportation", "Shopping", "Entertainment", "Bills & Utilities", "Healthcare",
		"Groceries", "Travel", "Education", "Personal Care", "Home", "Gifts & Donations", "Other"}},
	"CSV codes": {CSVRows, []string{"food", "transport", "shopping", "entertainment", "bills", "healthcare", "education", "travel",
		"groceries", "fuel", "subscriptions", "income", "other"}},
	"legacy expenses": {LegacyExpenses, []string{"groceries", "transport", "dining", "shopping", "bills", "health", "entertainment", "other"}},
	"spending tab":    {SpendingTab, []string{"Food & Dining", "Shopping", "Transport", "Entertainment", "Bills & Utilities", "Health & Fitness", "Other"}},
	"budget keys":     {BudgetKeys, []string{"Food & Dining", "Shopping", "Transport", "Entertainment", "Bills & Utilities", "Health & Fitness", "Other"}},
	"bills":           {BillScreens, []string{"Subscriptions", "Utilities", "Insurance", "Housing", "Transportation", "Financial", "Health"}},
}

func TestScreens_EveryWord_RoundTrips(t *testing.T) {
	for name, screen := range screens {
		for _, word := range screen.words {
			code, known := Known(word)
			if got := code.In(screen.vocabulary); !known || got != word {
				t.Errorf("%s: %q is stored as %q and served as %q", name, word, code, got)
			}
		}
	}
}

// A word of one screen keeps its code when another screen that has a word for it serves
// and returns it. The budget keys that the app derives are among the words.
func TestScreens_WordInAnySpelling_KeepsItsCode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		screen := screens[rapid.SampledFrom(sortedKeys(screens)).Draw(t, "screen")]
		word := rapid.SampledFrom(screen.words).Draw(t, "word")
		spelling := rapid.SampledFrom([]func(string) string{
			strings.ToLower, strings.ToUpper, func(s string) string { return "  " + s + " " },
			func(s string) string { return strings.ReplaceAll(s, "&", "and") },
			func(s string) string { return strings.ToUpper(s[:1]) + strings.ToLower(s[1:]) },
		}).Draw(t, "spelling")
		if got := Parse(spelling(word)); got != Parse(word) {
			t.Fatalf("%q is %q, %q is %q", word, Parse(word), spelling(word), got)
		}
	})
}

func TestCodes_EveryScreen_ServesAWordThatItKnows(t *testing.T) {
	for _, code := range All() {
		for name, v := range vocabularies {
			word := code.In(v)
			back, known := Known(word)
			if word == "" || !known || (v.title && back != code) {
				t.Errorf("%s: %q is served as %q, which is %q", name, code, word, back)
			}
		}
	}
}

func TestVocabularies_WordOfTwoCodes_DoesNotExist(t *testing.T) {
	for name, v := range vocabularies {
		for code, word := range v.words {
			if got := Parse(word); got != code {
				t.Errorf("%s: %q is %q, and %q elsewhere", name, word, code, got)
			}
		}
	}
	for code, word := range names {
		if Parse(word) != code || Parse(string(code)) != code {
			t.Errorf("%q is %q, and %q", code, Parse(string(code)), Parse(word))
		}
	}
	for word, code := range aliases {
		if Parse(word) != code {
			t.Errorf("the alias %q of %q is %q", word, code, Parse(word))
		}
	}
}

func TestCodes_ScreensWithFewWords_GetTheParents(t *testing.T) {
	for code, want := range map[Code]string{Fuel: "transport", Subscriptions: "bills", PersonalCare: "shopping", Salary: "other", Groceries: "groceries", Transfer: "other", "": "other"} {
		if got := code.In(LegacyExpenses); got != want {
			t.Errorf("%q is served as %q, want %q", code, got, want)
		}
	}
}

func TestParse_UnknownWord_IsOther(t *testing.T) {
	for _, word := range []string{"", "  ", "Llamas", "foo & bar", "Inactive"} {
		if code, known := Known(word); known || Parse(word) != Other {
			t.Errorf("%q is %q", word, code)
		}
	}
}

func TestIsIncome_Codes_AreTheManualIncomes(t *testing.T) {
	want := []Code{Business, Freelance, Gift, Income, Investment, Rental, Salary}
	got := slices.DeleteFunc(All(), func(c Code) bool { return !c.IsIncome() })
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
