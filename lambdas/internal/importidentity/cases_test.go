package importidentity

import (
	"slices"
	"testing"
	"time"
)

// Each case is a kind of fault of other projects, as docs/imports.md lists them.
func TestDecide_CasesOfOtherProjects_HaveTheRightOutcome(t *testing.T) {
	coffee, rent, fee := row("2026-07-01", "-3", "COFFEE"), row("2026-07-01", "-950", "J SMITH RENT"), row("2026-07-01", "-0.01", "INTEREST")
	refund := row("2026-07-01", "3", "COFFEE")
	on := func(day string, r Row) Row { return row(day, r.Amount.String(), r.Text) }
	for name, c := range map[string]struct {
		files [][]Row
		want  int
	}{
		"two identical purchases of a day":                         {[][]Row{{coffee, coffee}}, 2},
		"two identical purchases, twice":                           {[][]Row{{coffee, coffee}, {coffee, coffee}}, 2},
		"a part of the day, then all of it":                        {[][]Row{{coffee}, {coffee, coffee, rent}}, 3},
		"all of the day, then a part of it":                        {[][]Row{{coffee, coffee, rent}, {coffee}}, 3},
		"one amount, two payees":                                   {[][]Row{{coffee}, {row("2026-07-01", "-3", "TEA")}}, 2},
		"equal debits a week apart":                                {[][]Row{{coffee}, {on("2026-07-08", coffee)}}, 2},
		"daily interest":                                           {[][]Row{{fee, on("2026-07-02", fee), on("2026-07-03", fee)}, {on("2026-07-02", fee), on("2026-07-03", fee), on("2026-07-04", fee)}}, 4},
		"a row of an older date that comes late":                   {[][]Row{{on("2026-07-09", rent)}, {coffee, on("2026-07-09", rent)}}, 2},
		"a purchase, then its refund of the same day, both orders": {[][]Row{{coffee}, {refund, coffee}, {coffee, refund}}, 2},
		"a text in another case and with other spaces":             {[][]Row{{row("2026-07-01", "-3", "Marks &amp; Spencer ")}, {row("2026-07-01", "-3", "MARKS  & SPENCER")}}, 1},
		"an amount in another notation":                            {[][]Row{{row("2026-07-01", "-3.00", "COFFEE")}, {coffee}}, 1},
		"a sign that the user changed":                             {[][]Row{{coffee, rent}, {refund, rent}}, 2},
		"rows of a cut text":                                       {[][]Row{{row("2026-07-01", "-3", "COFFEE AND")}, {row("2026-07-01", "-3", "COFFEE AND CAKE")}}, 2},
	} {
		l, added := newLedger(), 0
		for _, file := range c.files {
			added += l.load("monzo", file)
		}
		if added != c.want {
			t.Errorf("%s: %d rows, want %d", name, added, c.want)
		}
	}
}

// The refund of a purchase is added by the file that has both, and not a second purchase.
func TestDecide_RefundOfSameDay_AddsRowWithTheMissingSign(t *testing.T) {
	buy, refund := row("2026-07-01", "-3", "COFFEE"), row("2026-07-01", "3", "COFFEE")
	for name, first := range map[string]Row{"the purchase": buy, "the refund": refund} {
		for _, second := range [][]Row{{buy, refund}, {refund, buy}} {
			l := newLedger()
			l.load("monzo", []Row{first})
			l.load("monzo", second)
			if got := l.contents(); !slices.Equal(got, contentsOf(second)) {
				t.Errorf("%s first: got %q", name, got)
			}
		}
	}
}

func TestDays_Moments_AreDaysInLondon(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ moments, want []string }{
		"midnights in London in summer":   {[]string{"2026-06-30T23:00:00Z", "2026-07-01T23:00:00Z", "2026-07-02T23:00:00Z"}, []string{"2026-07-01", "2026-07-02", "2026-07-03"}},
		"midnights in UTC in summer":      {[]string{"2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z", "2026-07-03T00:00:00Z"}, []string{"2026-07-01", "2026-07-02", "2026-07-03"}},
		"midnights in Madrid":             {[]string{"2026-06-30T22:00:00Z", "2026-12-01T23:00:00Z", "2026-07-02T22:00:00Z"}, []string{"2026-07-01", "2026-12-02", "2026-07-03"}},
		"midnights in New York":           {[]string{"2026-07-01T04:00:00Z", "2026-12-02T05:00:00Z", "2026-07-03T04:00:00Z"}, []string{"2026-07-01", "2026-12-02", "2026-07-03"}},
		"times of payments":               {[]string{"2026-06-30T22:00:00Z", "2026-07-01T22:12:00Z", "2026-07-02T22:00:00Z"}, []string{"2026-06-30", "2026-07-01", "2026-07-02"}},
		"one evening is no foreign zone":  {[]string{"2026-06-30T22:00:00Z"}, []string{"2026-06-30"}},
		"two evenings are no foreign one": {[]string{"2026-06-30T22:00:00Z", "2026-07-01T22:00:00Z"}, []string{"2026-06-30", "2026-07-01"}},
	} {
		var moments []time.Time
		for _, text := range c.moments {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			moments = append(moments, at)
		}
		for i, day := range Days(moments, london) {
			if string(day) != c.want[i] {
				t.Errorf("%s: %s is %s, want %s", name, c.moments[i], day, c.want[i])
			}
		}
	}
}

func TestFromOtherSource_StatementAndCSV_AreOnePayment(t *testing.T) {
	pdf := func(id, day, amount, text string) Existing { return Existing{id, row(day, amount, text)} }
	existing := []Existing{
		pdf("p1", "2026-07-01", "-10.20", "CARD PAYMENT TO ACME SHOP,10.20 GBP, RATE 1.00/GBP ON 30-06-2026"),
		pdf("p2", "2026-07-01", "-10.20", "Card Transaction 1234 30JUN26 NORTH GARAGE LEEDS"),
		pdf("p3", "2026-07-01", "-3", "COFFEE"), pdf("p4", "2026-07-02", "-3", "COFFEE"),
	}
	rows := []Row{
		row("2026-07-01", "-10.20", "NORTH GARAGE"), row("2026-07-01", "-10.20", "ACME SHOP"), row("2026-07-01", "-10.20", "ACME SHOP"),
		row("2026-07-01", "-3", "COFFEE"), row("2026-07-03", "-3", "COFFEE"), row("2026-07-02", "-3", "TEA"), row("2026-07-01", "-3.01", "COFFEE"),
	}
	got := FromOtherSource(rows, existing)
	for i, want := range []string{"p2", "p1", "", "p3", "", "", ""} {
		if got[i] != want {
			t.Errorf("row %d is %q, want %q", i, got[i], want)
		}
	}
}

func TestFromOtherSource_Signs_TellPaymentsApart(t *testing.T) {
	for name, c := range map[string]struct {
		amount, text             string
		storedAmount, storedText string
		same                     bool
	}{
		"both legs of a transfer, one word shared":      {"500", "Transfer from Current", "-500", "Transfer to Savings", false},
		"both legs of a transfer, one text":             {"500", "Internal transfer", "-500", "Internal transfer", false},
		"the same leg in other words":                   {"-500", "Transfer to Savings via mobile", "-500", "Transfer to Savings", true},
		"a purchase and its refund":                     {"500", "ACME SHOP REFUND", "-500", "ACME SHOP", false},
		"a refund and its purchase":                     {"-500", "ACME SHOP", "500", "REFUND ACME SHOP", false},
		"rent from one tenant, to another person":       {"500", "SMITH J", "-500", "J SMITH RENT", false},
		"one merchant, a sign that the user changed":    {"-500", "CARD PAYMENT TO ACME SHOP", "500", "ACME SHOP", true},
		"one merchant in other words, the same sign":    {"-500", "ACME SHOP LEEDS", "-500", "ACME SHOP", true},
		"one merchant in other words, the other sign":   {"-500", "ACME SHOP OF LEEDS", "500", "ACME", false},
		"payment of a card's bill, on both sides of it": {"500", "Payment received - thank you", "-500", "American Express", false},
	} {
		found := FromOtherSource([]Row{row("2026-07-01", c.amount, c.text)}, []Existing{{"stored", row("2026-07-01", c.storedAmount, c.storedText)}})
		if (found[0] != "") != c.same {
			t.Errorf("%s: found %v", name, found)
		}
	}
}

// A row takes the transaction of its own sign, whatever the order.
func TestFromOtherSource_PurchaseAndRefundOfDay_MatchBySign(t *testing.T) {
	buy, refund := row("2026-07-01", "-3", "COFFEE"), row("2026-07-01", "3", "COFFEE")
	got := FromOtherSource([]Row{refund, buy}, []Existing{{"bought", buy}, {"refunded", refund}})
	if got[0] != "refunded" || got[1] != "bought" {
		t.Errorf("got %v", got)
	}
}
