package answercheck_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/expenzez/infrastructure/lambdas/internal/answercheck"
	"github.com/expenzez/infrastructure/lambdas/internal/facts/factstest"
)

var hasDigit = regexp.MustCompile(`\d`)

// withFigure returns the true sentences with a figure.
func withFigure() []string {
	return slices.DeleteFunc(slices.Clone(truths), func(sentence string) bool { return !hasDigit.MatchString(sentence) })
}

// unknownWords are merchants, persons, times and more that may stand in any sentence.
var unknownWords = []string{
	"Tesco", "Amazon", "Netflix", "Tom", "Sarah", "Mum", "partner", "landlord", "Oct", "yesterday", "morning", "weekend", "week",
	"year", "summer", "Christmas", "Monday", "can", "will", "should", "not", "never", "missed", "late", "coffee", "crypto", "London",
	"online", "cash", "pension", "refund", "nearly", "almost", "under", "least", "until", "since", "before", "after",
}

// A word that is not in the closed list, anywhere in a true sentence with a figure,
// leaves the sentence out.
func TestCheck_UnknownWord_LeavesSentenceOut(t *testing.T) {
	known, sentences := factstest.Facts(t), withFigure()
	rapid.Check(t, func(t *rapid.T) {
		words := strings.Split(rapid.SampledFrom(sentences).Draw(t, "sentence"), " ")
		unknown := rapid.OneOf(rapid.SampledFrom(unknownWords), rapid.StringMatching(`[A-Z]?[a-z]{0,6}(?:zq|xj|vk)[a-z]{0,4}`)).Draw(t, "word")
		at := rapid.IntRange(0, len(words)-1).Draw(t, "at")
		sentence := strings.Join(slices.Insert(words, at, unknown), " ")
		if got := answercheck.Check(sentence, known); got.Text != "" {
			t.Errorf("stated %q", got.Text)
		}
	})
}

// A true sentence about another category, goal or bureau is none: no two of factstest
// have the same figures.
func TestCheck_AnotherSubject_LeavesSentenceOut(t *testing.T) {
	known := factstest.Facts(t)
	for _, names := range [][]string{
		{"groceries", "transport", "food", "bills", "health"}, {"Groceries", "Transport", "Bills", "Fuel"}, {"goal A", "goal B"},
		{"Goal A", "Goal B"}, {"Experian", "Equifax", "TransUnion"}, {"grocery spending", "transport spending", "travel spending"},
	} {
		for _, sentence := range withFigure() {
			for _, name := range names {
				for _, other := range names {
					if changed := strings.Replace(sentence, name, other, 1); changed != sentence && answercheck.Check(changed, known).Text != "" {
						t.Errorf("stated %q", changed)
					}
				}
			}
		}
	}
}

// A true sentence with the figure of another fact is stated only where it is true as well.
func TestCheck_AnotherFigure_IsStatedWhereTrue(t *testing.T) {
	known := factstest.Facts(t)
	for sentence, isTrue := range map[string][]string{
		"You spent £F this month.":                               {"£900"},
		"You spent £F on groceries this month.":                  {"£320.50"},
		"You spent £F more on groceries than last month.":        {"£40.50", "14.5%", "15%"},
		"Groceries are £F of your spending this month.":          {"£320.50", "35.6%"},
		"On average you spend £F a month.":                       {"£900"},
		"Your income this month is £F.":                          {"£2,400"},
		"You have saved £F for goal A.":                          {"£450", "30%"},
		"You still need £F for goal A.":                          {"£1,050"},
		"Your target for goal A is £F.":                          {"£1,500"},
		"You have £F left of your groceries budget.":             {"£79.50", "£80"},
		"Your groceries budget is £F.":                           {"£400"},
		"You owe £F.":                                            {"£5,000"},
		"Your credit score with Experian is £F.":                 {"720"},
		"Your credit utilisation is £F.":                         {"30%"},
		"Your card balance is £F.":                               {"£600"},
		"You made £F transactions this month.":                   {"31"},
		"Bills of £F are due in the next 30 days.":               {"£145.50"},
		"You have £F bills due in the next 30 days.":             {"3"},
		"You have £F left over this month.":                      {"£1,500"},
		"You have £F savings goals.":                             {"2"},
		"There are £F days left for goal A.":                     {"200"},
		"Your card and debt payments take up £F of your income.": {"10%"},
	} {
		for _, fact := range known.List {
			told := strings.TrimPrefix(fact.Text(), "-")
			text := strings.Replace(sentence, "£F", told, 1)
			stated := answercheck.Check(text, known).Text != ""
			if stated != slices.Contains(isTrue, told) {
				t.Errorf("%q: stated %v", text, stated)
			}
		}
	}
}
