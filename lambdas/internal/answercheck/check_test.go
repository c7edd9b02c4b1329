package answercheck_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/answercheck"
	"github.com/expenzez/infrastructure/lambdas/internal/facts/factstest"
)

// truths are sentences that the facts of factstest support.
var truths = []string{
	"You spent £900 this month.",
	"In November 2026 you have spent £900 so far.",
	"Your income this month is £2,400.",
	"In October you spent £1,000.",
	"You spent £320.50 on groceries this month.",
	"Groceries came to £320.50, and transport to £120.",
	"Your largest costs are bills (£379.50), groceries (£320.50) and transport (£120).",
	"Groceries are 35.6% of your spending this month.",
	"Groceries are about 36% of your spending this month.",
	"You spent £40.50 more on groceries than last month.",
	"You spent £30 less on transport than in October.",
	"Your grocery spending rose by 14.5% compared with last month.",
	"Your spending is down 10% from last month.",
	"In October you spent £200 more than in September.",
	"Last month you spent £280 on groceries.",
	"You spent **£320.50** on groceries this month.",
	"On average you spend £900 a month.",
	"Your income less spending leaves a surplus of £1,500 this month.",
	"Goal A is 30% complete: you have saved £450.",
	"You still need £1,050 to reach goal A.",
	"You have two savings goals.",
	"There are 200 days left for goal A.",
	"You made 31 transactions this month.",
	"Here are three tips that may help.",
	"Groceries rose to £320.50 this month.",
	"You spent 900 pounds this month.",
	"Your credit score with Experian is 720 out of 999.",
	"Your credit utilisation is 30%.",
	"You owe £5,000 in debts.",
	"Your card balance is £600, and the limit is £2,000.",
	"Your groceries budget is £400.",
	"You have £79.50 left of your groceries budget this month.",
	"You spent £320.50 of your £400 groceries budget.",
	"You have used 80.1% of your groceries budget.",
	"You are £20 over your transport budget.",
	"You have saved £450 of your £1,500 target for goal A.",
	"You have 3 bills due in the next 30 days.",
	"You have three bills due in the next 30 days, and they come to £145.50.",
	"Bills of £145.50 are due in the next 30 days.",
	"You spent £379.50 on bills this month, and bills of £145.50 are due in the next 30 days.",
	"You could plan your meals before you go to the shop.",
}

func TestCheck_WhatFactsSupport_IsKept(t *testing.T) {
	known := factstest.Facts(t)
	for _, sentence := range truths {
		if got := answercheck.Check(sentence, known); got.Text != sentence {
			t.Errorf("%q: kept %q, dropped %v", sentence, got.Text, got.Dropped)
		}
	}
}

// lies are sentences with a figure that no fact supports, or that a fact has for
// something else.
var lies = map[string]string{
	"an invented amount":                      "You spent £901 this month.",
	"an amount with other pence":              "You spent £320.49 on groceries this month.",
	"a wrong rounding":                        "You spent £320 on groceries this month.",
	"an invented percentage":                  "Groceries are 41% of your spending this month.",
	"an amount of another category":           "You spent £320.50 on transport this month.",
	"two categories exchanged":                "You spent £120 on groceries and £320.50 on transport.",
	"an amount of another month":              "You spent £280 on groceries this month.",
	"last month's total as this month's":      "You spent £1,000 this month.",
	"this month's total as last month's":      "Last month you spent £900.",
	"a month without facts":                   "In June you spent £900.",
	"a month of another year":                 "In November 2025 you spent £900.",
	"income as spending":                      "You spent £2,400 this month.",
	"spending as income":                      "Your income this month is £900.",
	"a category's amount as the total":        "You spent £320.50 this month.",
	"the total as a category's amount":        "You spent £900 on groceries this month.",
	"a rise told as a fall":                   "You spent £40.50 less on groceries than last month.",
	"a fall told as a rise":                   "Your spending is up 10% from last month.",
	"a sum that did not rise":                 "Transport rose to £120 this month.",
	"a change told as a sum":                  "You spent £40.50 on groceries this month.",
	"a surplus told as a deficit":             "You have a deficit of £1,500 this month.",
	"a target told as saved":                  "You have saved £1,500 for goal A.",
	"another goal's figures":                  "You have saved £2,000 for goal A.",
	"what is saved told as what is left":      "You still need £450 for goal A.",
	"an invented count":                       "You made 32 transactions this month.",
	"a number of goals in words":              "You have three savings goals.",
	"an amount in words":                      "You spent five hundred pounds on groceries this month.",
	"a fraction in words":                     "Half of your spending this month is on groceries.",
	"a multiple in words":                     "You spent twice as much on transport this month.",
	"another currency":                        "You spent $900 this month.",
	"another currency in words":               "You spent 900 dollars this month.",
	"thousands with a letter":                 "You spent £1.2k this month.",
	"a figure of a week":                      "You spend £900 a week.",
	"a figure of a year":                      "You will spend £900 this year.",
	"a figure of today":                       "You spent £80 on food today.",
	"a denied figure":                         "You did not spend £900 this month.",
	"a supposed figure":                       "You would save £80 if you stopped eating out.",
	"a bare figure among several subjects":    "Groceries and transport were £320.50 and £120 in that order, £80.",
	"digits of another script":                "You spent £９０１ this month.",
	"Arabic digits":                           "You spent £٩٠٠ this month.",
	"a superscript":                           "You spent £900² this month.",
	"a fraction sign":                         "You saved ½ of your income this month.",
	"commas in wrong places":                  "You spent £9,00 this month.",
	"a percentage told as an amount":          "You spent £35.60 on groceries this month.",
	"an amount told as a percentage":          "Groceries are 320.5% of your spending this month.",
	"a true figure beside an invented one":    "You spent £900 this month and £55 on sweets.",
	"a projection":                            "By December you will have spent £1,800.",
	"an average that is none":                 "On average you spend £320.50 a month.",
	"days told of another goal":               "There are 400 days left for goal A.",
	"a figure hidden in emphasis":             "You spent £9**99** this month.",
	"a figure behind an invisible character":  "You spent £9\u200b99 this month.",
	"a figure as a code of HTML":              "You spent &#57;&#57; this month.",
	"a number with a letter in front":         "You spent x999 this month.",
	"a negative amount that is not negative":  "You spent -£900 this month.",
	"a range around a fact":                   "You spend between £900 and £950 this month.",
	"a credit score that nobody gave":         "Your credit score is 999.",
	"another bureau's score":                  "Your credit score with Equifax is 720.",
	"a score without its bureau":              "Your credit score is 720.",
	"a debt told as spending":                 "You spent £5,000 this month.",
	"a balance told as saved":                 "You saved £600 this month.",
	"a utilisation told as a share":           "You kept 30% of your income.",
	"a budget told as what is left of it":     "You have £400 left of your groceries budget.",
	"a budget told as spent":                  "You spent £400 of your groceries budget.",
	"what is left told as the budget":         "Your groceries budget is £79.50.",
	"another category's budget":               "Your transport budget is £400.",
	"a used part told as what is left":        "You have 80.1% of your groceries budget left.",
	"a share told as a used part":             "You have used 35.6% of your groceries budget.",
	"a target told as what is needed":         "You still need £1,500 to reach your target for goal A.",
	"a passed budget told as kept":            "You have £20 left of your transport budget.",
	"a share told of another category":        "Transport is 35.6% of your spending this month.",
	"an invented amount of bills":             "Bills of £145 are due in the next 30 days.",
	"an invented number of bills":             "You have 4 bills due in the next 30 days.",
	"the bills that are due as all":           "You have 3 bills.",
	"the bills that are due as paid":          "You paid £145.50 for bills in the next 30 days.",
	"a number of due bills as paid":           "You have paid 3 bills that were due.",
	"bills due in other days":                 "You have 3 bills due in the next 7 days.",
	"bills due in a week":                     "Bills of £145.50 are due this week.",
	"bills due this month":                    "Bills of £145.50 are due this month.",
	"due bills as monthly ones":               "You have 3 monthly bills due.",
	"due bills as spending":                   "You spent £145.50 on bills this month.",
	"spending as due bills":                   "Bills of £379.50 are due in the next 30 days.",
	"due bills as spent":                      "You spent £145.50 on the bills that are due.",
	"due bills of another category":           "Groceries of £145.50 are due in the next 30 days.",
	"spending of the next days":               "You will spend £900 in the next 30 days.",
	"another number of due things":            "You have 3 goals due in the next 30 days.",
	"a change told of another pair of months": "You spent £200 more than last month.",
}

func TestCheck_Lies_AreNotStated(t *testing.T) {
	known := factstest.Facts(t)
	for name, sentence := range lies {
		got := answercheck.Check(sentence, known)
		if got.Text != "" {
			t.Errorf("%s: stated %q", name, got.Text)
		}
		both := answercheck.Check("You spent £900 this month. "+sentence+" You could cook at home.", known)
		if want := "You spent £900 this month. You could cook at home."; both.Text != want {
			t.Errorf("%s: among true sentences stated %q", name, both.Text)
		}
	}
	if len(lies) < 30 {
		t.Errorf("there are %d lies", len(lies))
	}
}

func TestCheck_ForbiddenSentences_AreLeftOut(t *testing.T) {
	known := factstest.Facts(t)
	for sentence, reason := range map[string]answercheck.Reason{
		"See https://example.com for more.":                       answercheck.Link,
		"Visit the site savings.example.co.uk for an offer.":      answercheck.Link,
		"[Save more](https://example.com) with this.":             answercheck.Link,
		"Write to help@example.com about it.":                     answercheck.Link,
		"<b>You spent a lot</b> on food.":                         answercheck.Markup,
		"Run `rm` to clear the data.":                             answercheck.Markup,
		"You should invest in index funds.":                       answercheck.Advice,
		"Buy Bitcoin with what is left over.":                     answercheck.Advice,
		"Move your savings into an ISA.":                          answercheck.Advice,
		"Take out a loan to cover the rest.":                      answercheck.Advice,
		"Pay more into your pension.":                             answercheck.Advice,
		"You can deduct it from your tax.":                        answercheck.Advice,
		"Consider a balance transfer for this.":                   answercheck.Advice,
		"My system prompt says that I must help you.":             answercheck.Instructions,
		"Your account is suspended, so confirm your password.":    answercheck.Instructions,
		"Please send the money to this account.":                  answercheck.Instructions,
		"Vous avez dépensé beaucoup pour manger dehors.":          answercheck.Language,
		"Вы много потратили на еду.":                              answercheck.Language,
		"Du hast zu viel Geld ausgegeben.":                        answercheck.Language,
		"You spend a lot on fo\u202eod.":                          answercheck.Language,
		"You spend a lot on food" + strings.Repeat(" again", 300): answercheck.Length,
	} {
		got := answercheck.Check(sentence, known)
		if got.Text != "" || got.Dropped[reason] != 1 {
			t.Errorf("%q: stated %q, dropped %v", sentence, got.Text, got.Dropped)
		}
	}
}

func TestCheck_LongAnswer_EndsWithAWholeSentence(t *testing.T) {
	got := answercheck.Check(strings.Repeat("You could cook at home more often. ", 100), factstest.Facts(t))
	if len(got.Text) > answercheck.MaxCharacters || !strings.HasSuffix(got.Text, "often.") || len(got.Text) < answercheck.MaxCharacters/2 {
		t.Errorf("the text has %d characters and ends %q", len(got.Text), got.Text[max(0, len(got.Text)-20):])
	}
}

func TestCheck_List_KeepsTrueLines(t *testing.T) {
	got := answercheck.Check("Your costs this month:\n\n1. Groceries: £320.50\n2. Transport: £999\n* Bills: £379.50", factstest.Facts(t))
	if want := "Your costs this month:\n- Groceries: £320.50\n- Bills: £379.50"; got.Text != want {
		t.Errorf("got %q", got.Text)
	}
}

// The text that stands in for a model's has to pass as well.
func TestCheck_Summary_IsKept(t *testing.T) {
	known := factstest.Facts(t)
	if got := answercheck.Check(known.Summary(), known); got.Text != known.Summary() || len(got.Text) < 50 {
		t.Errorf("of %q is kept %q", known.Summary(), got.Text)
	}
}

// What leaves has no text of the user.
func TestFacts_JSON_HasNoTitle(t *testing.T) {
	known := factstest.Facts(t)
	text, err := json.Marshal(known)
	if err != nil || strings.Contains(string(text), "Margaret") || strings.Contains(string(text), "Rainy") || known.Titles["A"] != "Lisbon with Margaret" {
		t.Errorf("%s, %v, %v", text, known.Titles, err)
	}
}
