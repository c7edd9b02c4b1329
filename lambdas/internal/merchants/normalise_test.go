package merchants

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// texts are what banks write, by kind, with the key of each. The people, shops and
// numbers are made up.
var texts = map[string][][2]string{
	"Santander": {
		{"CARD PAYMENT TO ACME SHOP,10.20 GBP, RATE 1.00/GBP ON 02-07-2026", "acme shop"},
		{"CARD PAYMENT TO ACME SHOP,10.20 GBP, RATE 1.00/GBP ON 02-07-20", "acme shop"},
		{"CARD PAYMENT TO ACME SHOP (VIA APPLE PAY), ON 02-07-2026", "acme shop"},
		{"DIRECT DEBIT PAYMENT TO ACME GAS REF 123, MANDATE NO 0015", "acme gas"},
		{"DIRECT DEBIT PAYMENT TO O2 UK REF 93909443, MANDATE NO 0015", "o2 uk"},
		{"DIRECT DEBIT PAYMENT TO O2 UK REF 10203040, MANDATE NO 0015", "o2 uk"},
		{"DIRECT DEBIT PAYMENT TO EE REF A1B2C3D4, MANDATE NO 0016", "ee"},
		{"DIRECT DEBIT PAYMENT TO ACME GAS REF , MANDATE NO 0015", "acme gas"},
		{"DIRECT DEBIT PAYMENT TO ACME GAS REF, MANDATE NO 0015", "acme gas"},
		{"DIRECT DEBIT PAYMENT TO ACME GAS,REF 123", "acme gas"},
		{"DIRECT DEBIT PAYMENT TO ACME GAS, MANDATE NO 0015", "acme gas"},
		{"DIRECT DEBIT PAYMENT TO ACME GAS REF", "acme gas"},
		{"FASTER PAYMENTS RECEIPT REF.DINNER FROM JO", "jo"},
		{"BILL PAYMENT VIA FASTER PAYMENT TO AL REFERENCE DINNER", "al"},
		{"BILL PAYMENT VIA FASTER PAYMENT TO J SMITH REFERENCE DINNER, MANDATE NO 3", "j smith"},
		{"FASTER PAYMENTS RECEIPT REF.RENT FROM JUNE FROM J SMITH", "j smith"},
		{"FASTER PAYMENTS RECEIPT REF. FROM J SMITH", "j smith"},
		{"BILL PAYMENT VIA FASTER PAYMENT TO J SMITH REFERENCE DINNER", "j smith"},
		{"BANK GIRO CREDIT REF EMPLOYER PAYROLL, SALARY", "employer payroll"},
		{"CASH WITHDRAWAL AT HIGH STREET BANK ON 02-07-2026", "cash withdrawal"},
		{"STANDING ORDER VIA FASTER PAYMENT TO J SMITH REFERENCE RENT FLAT, MANDATE NO 3", "j smith rent flat"},
	},
	"Lloyds, Halifax, TSB": {
		{"ACME SHOP CD 1234 14JAN26", "acme shop"},
		{"ACME SHOP 78.80 VISAXR 1.07 CD 1234", "acme shop"},
		{"NON-GBP TRANS FEE 2.75% CD 1234", "non-gbp trans fee"},
		{"LNK HIGH ST CD 1234 02JUL26", "cash withdrawal"},
		{"J SMITH 600000001234567890 200415 10 01DEC25 16:05", "j smith"},
		{"J SMITH RP4679987654321 200415 10 01DEC25 16:05", "j smith"},
	},
	"NatWest, RBS": {
		{"1234 01JUL26 C , ACME SHOP , LEEDS GB", "acme shop"},
		{"1234 01JUL26 CD , ACME SHOP , LEEDS GB", "acme shop"},
		{"1234 01JUL26 D , ACME SHOP", "acme shop"},
		{"J SMITH AB123456 VIA MOBILE - PYMT FP 18/12/25 10 12345678901", "j smith"},
		{"To A/C 12345678 Via Mobile Xfer", "to a/c 12345678 via mo"},
	},
	"HSBC, First Direct": {
		{"INT'L 0012345678 ACME SHOP", "acme shop"},
		{"VIS ACME SHOP", "acme shop"},
		{"))) ACME SHOP", "acme shop"},
		{"ACME SHOP EUR 3.55 @ 1.15 Visa Rate", "acme shop"},
	},
	"Barclays": {
		{"ACME SHOP ON 07 APR BCC", "acme shop"},
		{"ACME SHOP CPM", "acme shop"},
		{"Direct Debit to ACME GAS Ref: 12345", "acme gas"},
		{"Direct Debit to O2 UK Ref: 12345", "o2 uk"},
		{"Card Payment to ACME SHOP on 02 Mar", "acme shop"},
		{"Card Purchase ACME SHOP On 02 Mar", "acme shop"},
		{"Bill Payment to J SMITH Ref: DINNER", "j smith"},
		{"Received From J SMITH Ref: DINNER", "j smith"},
		{"ACME SHOP Timed at 12:30 on 02 Mar", "acme shop"},
	},
	"Nationwide, Monzo, Chase, Starling": {
		{"Contactless Payment ACME SHOP GB", "acme shop"},
		{"ACME SHOP London GBR", "acme shop"},
		{"ACME SHOP Purchase ¦ USD 24.00 ¦ FX rate £1 = $1.23", "acme shop"},
		{"ACME SHOP Purchase | USD 24.00 | FX rate £1 = $1.23", "acme shop"},
		{"ACME SHOP ($3.75, Rate: 1.28)", "acme shop"},
		{"ACME SHOP Amount: EUR -9.50. Conversion rate: 1.17.", "acme shop"},
	},
	"processors: the tail is kept": {
		{"SQ *ACME COFFEE", "acme coffee"}, {"SumUp  *ACME COFFEE", "acme coffee"}, {"ZETTLE_*ACME COFFEE", "acme coffee"},
		{"iZ *ACME COFFEE", "acme coffee"}, {"PAYPAL *ACMECOFFEE", "acmecoffee"}, {"PP*ACMECOFFEE", "acmecoffee"},
		{"CRV*ACME COFFEE", "acme coffee"}, {"LSP*ACME COFFEE", "acme coffee"}, {"SRT*ACME COFFEE", "acme coffee"},
		{"TST* ACME COFFEE", "acme coffee"}, {"CCV*ACME COFFEE", "acme coffee"}, {"BCK*ACME COFFEE", "acme coffee"},
		{"GOOGLE *YouTube Premium", "youtube premium"}, {"Klarna*ACME", "acme"}, {"DOJO*ACME COFFEE", "acme coffee"},
		{"INT'L 0012345678 PAYPAL *ACME", "acme"}, {"PAYPAL *SQ *ACME COFFEE", "acme coffee"},
	},
	"brands: the head is kept": {
		{"AMZNMktplace*2H4KL", "amazon"}, {"AMAZON.CO.UK*2H4KL", "amazon"}, {"AMZN Mktp UK*2H4KL12", "amazon"}, {"Amazon* 123-4567890", "amazon"},
		{"UBER *TRIP", "uber"}, {"UBER   *EATS", "uber eats"}, {"UBER EATS HELP.UBER.COM", "uber eats"}, {"AIRBNB * HM12345", "airbnb"},
		{"APPLE.COM/BILL CORK", "apple.com/bill"},
	},
	"tails of noise": {
		{"TESCO STORES 3127", "tesco stores"}, {"WWW.ACME.CO.UK", "acme"}, {"ACME SHOP LEEDS GB", "acme shop"}, {"ACME SHOP ON 02 JUL", "acme shop"},
		{"MARKS &amp; SPENCER", "marks & spencer"}, {"ACME\u00a0SHOP", "acme shop"}, {"ACME LTDLONDON", "acme"}, {"CAFE25594", "cafe"},
		{"SAINSBURY'S S/MKTS", "sainsburys s/mkts"}, {"CARD PAYMENT TO J SAINSBURY SUPERMARKETS LTD", "j sainsbury supermarke"},
		{"J SAINSBURY SUPERMARKE", "j sainsbury supermarke"}, {"ACME SHOP *1234", "acme shop"}, {"ACME SHOP XXXX1234", "acme shop"},
	},
	"pitfalls: nothing is taken away": {
		{"SQ FOOT LTD", "sq foot"}, {"Trading 212", "trading 212"}, {"Cafe 42", "cafe 42"}, {"BP", "bp"}, {"BP CONNECT", "bp connect"},
		{"SO ENERGY", "so energy"}, {"CR SMITH", "cr smith"}, {"PAYPAL *AB", "paypal *ab"}, {"12345678", "12345678"}, {"TRANSPORT FOR LONDON", "transport for london"},
		{"J SMITH AND SON BP", "j smith and son bp"}, {"SP ACME", "sp acme"}, {"LONDON", "london"}, {"ATMOSPHERE BAR", "atmosphere bar"},
		{"DOJO TRAINING", "dojo training"}, {"REFERENCE BOOKS", "reference books"}, {"REFILL CAFE", "refill cafe"}, {"THE REFECTORY", "the refectory"},
		{"AB1234567 REF 99", "ab1234567 ref 99"}, {"", ""}, {"   ", ""}, {"CD", "cd"},
	},
}

func TestNormalise_TextsOfBanks_GiveTheKey(t *testing.T) {
	for kind, pairs := range texts {
		for _, pair := range pairs {
			if got := Normalise(pair[0]); got != pair[1] {
				t.Errorf("%s: %q is %q, want %q", kind, pair[0], got, pair[1])
			}
		}
	}
}

// Texts of merchants that are not the same have different keys.
func TestNormalise_DifferentMerchants_StayDifferent(t *testing.T) {
	for _, pair := range [][2]string{
		{"UBER *TRIP", "UBER *EATS"}, {"TESCO STORES 3127", "TESCO PETROL 3127"}, {"PAYPAL *ACME", "PAYPAL *BETA"},
		{"J SMITH", "K SMITH"}, {"STANDING ORDER TO J SMITH REFERENCE RENT", "STANDING ORDER TO J SMITH REFERENCE DINNER"},
		{"Trading 212", "Trading 215"}, {"GOOGLE *YouTube", "GOOGLE *Storage"},
	} {
		if Normalise(pair[0]) == Normalise(pair[1]) {
			t.Errorf("%q and %q are both %q", pair[0], pair[1], Normalise(pair[0]))
		}
	}
}

// pieces are texts of banks, their words, and characters that are written in several ways.
var pieces = func() (all []string) {
	for _, pairs := range texts {
		for _, pair := range pairs {
			all = append(all, pair[0])
			all = append(all, strings.Fields(pair[0])...)
		}
	}
	slices.Sort(all) // a seed draws the same pieces again
	return append(all, "&amp;amp;", "＆", "é", "ﬁ", "\u200b", "\x00", "📱", "*", ",", "LTDLONDON", "GBGBR", "on 1 jan on 2 feb")
}()

// text draws pieces in any order.
func text(t *rapid.T) string {
	piece := rapid.OneOf(rapid.SampledFrom(pieces), rapid.StringN(0, 8, 32))
	return strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), rapid.SampledFrom([]string{" ", "", "  ", ", "}).Draw(t, "between"))
}

func TestNormalise_Again_ChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := Normalise(text(t))
		if twice := Normalise(once); twice != once {
			t.Fatalf("%q becomes %q", once, twice)
		}
		if utf8.RuneCountInString(once) > maxKey || Fold(once) != once {
			t.Fatalf("%q is no key", once)
		}
	})
}

// What banks put around a merchant's name does not change its key.
func TestNormalise_NoiseAroundMerchant_IsIgnored(t *testing.T) {
	names := []string{"ACME SHOP", "Blue Door Cafe", "NORTH GARAGE", "J Smith", "Marks & Spencer"}
	heads := []string{"", "CARD PAYMENT TO ", "Contactless Payment ", "SQ *", "SumUp  *", "INT'L 0012345678 ", "))) ", "VIS "}
	tails := []string{"", " ON 02 JUL", " CD 1234 14JAN26", " 3127", " GB", " London GBR", ",10.20 GBP, RATE 1.00/GBP ON 02-07-2026", " BCC", " LTD", " EUR 3.55 @ 1.15 Visa Rate"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "name")
		dressed := rapid.SampledFrom(heads).Draw(t, "head") + name + rapid.SampledFrom(tails).Draw(t, "tail")
		if got := Normalise(dressed); got != Normalise(name) {
			t.Fatalf("%q is %q, want %q", dressed, got, Normalise(name))
		}
	})
}
