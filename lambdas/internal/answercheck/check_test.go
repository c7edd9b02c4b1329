package answercheck_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/answercheck"
	"github.com/expenzez/infrastructure/lambdas/internal/facts/factstest"
)

func TestCheck_WhatFactsSupport_IsKept(t *testing.T) {
	known := factstest.Facts(t)
	for _, sentence := range truths {
		if got := answercheck.Check(sentence, known); got.Text != sentence {
			t.Errorf("%q: kept %q, dropped %v", sentence, got.Text, got.Dropped)
		}
	}
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
	if len(lies) < 239 || len(truths) < 101 { // what docs/domains/assistant.md says
		t.Errorf("there are %d lies and %d true sentences", len(lies), len(truths))
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
		"Go to evil.top/pay for an offer.":                        answercheck.Link,
		"See savings.finance for an offer.":                       answercheck.Link,
		"Look at evil.example for an offer.":                      answercheck.Link,
		"Look at EVIL.EXAMPLE for an offer.":                      answercheck.Link,
		"You can find it at 192.168.1.7 for free.":                answercheck.Link,
		"You can find it at evil dot top for free.":               answercheck.Link,
		"Buy Tesla and hold it.":                                  answercheck.Advice,
		"You could buy tesla and hold it.":                        answercheck.Advice,
		"You could sell your Apple and keep the money.":           answercheck.Advice,
		"Get a new credit card to cover the rest.":                answercheck.Advice,
		"You could put the rest on a credit card.":                answercheck.Advice,
		"You could get a store card for this.":                    answercheck.Advice,
		"You can use Klarna for the rest.":                        answercheck.Advice,
		"You can pay in three for the rest.":                      answercheck.Advice,
		"You could pay for it in instalments.":                    answercheck.Advice,
		"Put it all on a horse.":                                  answercheck.Advice,
		"You could put the rest on red.":                          answercheck.Advice,
		"You could win it back with a scratch card.":              answercheck.Advice,
		"Du hast zu viel Geld ausgegeben.":                        answercheck.Language,
		"Du hast in diesem Monat zu viel ausgegeben.":             answercheck.Language,
		"Hai speso troppo in ristoranti a Roma.":                  answercheck.Language,
		"Je geld is bijna op deze maand.":                         answercheck.Language,
		"Has gastado mucho en restaurantes.":                      answercheck.Language,
		"Ka shpenzuar shume para ne restorante.":                  answercheck.Language,
		"You spend a lot on fo\u202eod.":                          answercheck.Language,
		"You spend a lot on food" + strings.Repeat(" again", 300): answercheck.Length,
	} {
		got := answercheck.Check(sentence, known)
		if got.Text != "" || got.Dropped[reason] != 1 {
			t.Errorf("%q: stated %q, dropped %v", sentence, got.Text, got.Dropped)
		}
	}
}

func TestCheck_AllowedSentences_AreKept(t *testing.T) {
	known := factstest.Facts(t)
	for _, sentence := range []string{
		"You could cook at home, e.g. on weekdays.",
		"Planning meals ahead saves money at the supermarket.",
		"Your café visits add up quickly.",
		"Well done!",
		"A small weekly amount helps you to reach goal A sooner.",
		"Check your credit report for mistakes before the summer.",
		"Paying off your credit card each month keeps costs down.",
		"You've made good progress with your budget.",
		"Buying fewer takeaways would help.",
		"A list helps you to buy only what you need.",
	} {
		if got := answercheck.Check(sentence, known); got.Text != sentence {
			t.Errorf("%q: kept %q, dropped %v", sentence, got.Text, got.Dropped)
		}
	}
}

// A sentence that ends without a space is no link, and what is shown has the space.
func TestCheck_MissingSpace_IsPutIn(t *testing.T) {
	got := answercheck.Check("You spent £900.Your income is £2,400.You could look at evil.Top of the list.", factstest.Facts(t))
	if want := "You spent £900. Your income is £2,400. You could look at evil. Top of the list."; got.Text != want {
		t.Errorf("got %q", got.Text)
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
