package importidentity

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
)

func legOf(id, account, day, amount, text string) Leg {
	r := row(day, amount, text)
	return Leg{ID: id, Account: account, Day: r.Day, Amount: r.Amount, Text: r.Text}
}

const xfer = "To A/C 12345678 Via Mobile Xfer"

func TestPairs_Legs_AreLinkedWhenTheyFit(t *testing.T) {
	for name, c := range map[string]struct {
		legs []Leg
		want []string
	}{
		"one text says so":          {[]Leg{legOf("a", "natwest", "2026-07-01", "-100", xfer), legOf("b", "monzo", "2026-07-01", "100", "J SMITH")}, []string{"a>b"}},
		"three days later":          {[]Leg{legOf("a", "natwest", "2026-07-03", "-100", xfer), legOf("b", "monzo", "2026-07-06", "100", "J SMITH")}, []string{"a>b"}},
		"the credit a day before":   {[]Leg{legOf("a", "natwest", "2026-07-03", "-100", xfer), legOf("b", "monzo", "2026-07-02", "100", "J SMITH")}, []string{"a>b"}},
		"four days later":           {[]Leg{legOf("a", "natwest", "2026-07-02", "-100", xfer), legOf("b", "monzo", "2026-07-06", "100", "J SMITH")}, nil},
		"no text says so":           {[]Leg{legOf("a", "natwest", "2026-07-01", "-100", "J SMITH"), legOf("b", "monzo", "2026-07-01", "100", "J SMITH")}, nil},
		"a penny differs":           {[]Leg{legOf("a", "natwest", "2026-07-01", "-100", xfer), legOf("b", "monzo", "2026-07-01", "100.01", "J SMITH")}, nil},
		"two debits":                {[]Leg{legOf("a", "natwest", "2026-07-01", "-100", xfer), legOf("b", "monzo", "2026-07-01", "-100", xfer)}, nil},
		"one bank, one text":        {[]Leg{legOf("a", "monzo", "2026-07-01", "-100", xfer), legOf("b", "monzo", "2026-07-01", "100", "J SMITH")}, nil},
		"one bank, both texts":      {[]Leg{legOf("a", "monzo", "2026-07-01", "-100", xfer), legOf("b", "monzo", "2026-07-01", "100", xfer)}, []string{"a>b"}},
		"a salary":                  {[]Leg{legOf("a", "natwest", "2026-07-01", "-100", xfer), legOf("b", "monzo", "2026-07-01", "100", "EMPLOYER SALARY")}, nil},
		"a refund":                  {[]Leg{legOf("a", "natwest", "2026-07-01", "-100", xfer), legOf("b", "monzo", "2026-07-01", "100", "REFUND ACME")}, nil},
		"a card's bill":             {[]Leg{legOf("a", "natwest", "2026-07-01", "-100", "DIRECT DEBIT PAYMENT TO BARCLAYCARD"), legOf("b", "generic", "2026-07-02", "100", "PAYMENT RECEIVED - THANK YOU")}, []string{"a>b"}},
		"a card's bill and a shop":  {[]Leg{legOf("a", "natwest", "2026-07-01", "-100", "DD MBNA"), legOf("b", "natwest", "2026-07-02", "100", "J SMITH")}, nil},
		"refused by the user":       {[]Leg{legOf("a", "natwest", "2026-07-01", "-100", xfer), {ID: "b", Account: "monzo", Day: "2026-07-01", Amount: money.FromMinor(100, 0), Taken: true}}, nil},
		"two transfers of a day":    {[]Leg{legOf("a", "natwest", "2026-07-01", "-100", xfer), legOf("b", "natwest", "2026-07-01", "-100", xfer), legOf("c", "monzo", "2026-07-01", "100", "J SMITH"), legOf("d", "monzo", "2026-07-01", "100", "J SMITH")}, []string{"a>c", "b>d"}},
		"one credit, two transfers": {[]Leg{legOf("a", "natwest", "2026-07-01", "-100", xfer), legOf("b", "natwest", "2026-07-02", "-100", xfer), legOf("c", "monzo", "2026-07-02", "100", "J SMITH")}, []string{"b>c"}},
		"a text on both sides":      {[]Leg{legOf("a", "natwest", "2026-07-01", "-100", xfer), legOf("b", "monzo", "2026-07-01", "100", "J SMITH"), legOf("c", "monzo", "2026-07-01", "100", "From A/C 87654321")}, []string{"a>c"}},
		"nothing":                   {[]Leg{legOf("a", "natwest", "2026-07-01", "0", xfer), legOf("b", "monzo", "2026-07-01", "0", xfer)}, nil},
	} {
		if got := describePairs(Pairs(c.legs)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func describePairs(pairs []Pair) (found []string) {
	for _, p := range pairs {
		found = append(found, p.Out.ID+">"+p.In.ID)
	}
	slices.Sort(found)
	return found
}

func legs(t *rapid.T) (all []Leg) {
	for i := range rapid.IntRange(0, 12).Draw(t, "legs") {
		day := time.Date(2026, 7, rapid.IntRange(1, 8).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		all = append(all, Leg{
			ID: fmt.Sprint("t", i), Account: rapid.SampledFrom([]string{"natwest", "monzo"}).Draw(t, "account"), Day: dates.DayOf(day),
			Amount: money.FromMinor(rapid.SampledFrom([]int64{-100, 100, -200, 200}).Draw(t, "amount"), 2),
			Text:   rapid.SampledFrom([]string{xfer, "J SMITH", "Round-up", "EMPLOYER SALARY", "DD MBNA", "PAYMENT RECEIVED - THANK YOU"}).Draw(t, "text"),
			Taken:  rapid.IntRange(0, 5).Draw(t, "taken") == 0,
		})
	}
	return all
}

func TestPairs_RandomLegs_LinkEachOnceInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := legs(t)
		pairs, seen := Pairs(all), map[string]bool{}
		for _, p := range pairs {
			if seen[p.Out.ID] || seen[p.In.ID] || !p.Out.Amount.Neg().Equal(p.In.Amount) || p.Out.Amount.Sign() >= 0 || p.Out.Taken || p.In.Taken {
				t.Fatalf("%s and %s are no pair", p.Out.ID, p.In.ID)
			}
			seen[p.Out.ID], seen[p.In.ID] = true, true
		}
		if again := describePairs(Pairs(rapid.Permutation(all).Draw(t, "order"))); !slices.Equal(again, describePairs(pairs)) {
			t.Fatalf("in another order the pairs are %v and not %v", again, describePairs(pairs))
		}
		for i := range all { // what is linked stays linked, and nothing more is
			all[i].Taken = all[i].Taken || seen[all[i].ID]
		}
		if more := Pairs(all); len(more) > 0 {
			t.Fatalf("a second time links %v too", describePairs(more))
		}
	})
}

func TestPairs_ManyEqualLegs_AreComparedWithFew(t *testing.T) {
	var all []Leg
	for i := range 10_000 {
		amount := int64(100)
		if i%2 == 0 {
			amount = -100
		}
		all = append(all, Leg{ID: fmt.Sprint(i), Account: fmt.Sprint(i % 2), Day: "2026-07-01", Amount: money.FromMinor(amount, 2), Text: "ROUND-UP"})
	}
	Pairs(all)
	if compared := len(candidates(freeLegs(all))); compared > len(all)*maxCandidates {
		t.Errorf("%d legs are compared %d times", len(all), compared)
	}
}
