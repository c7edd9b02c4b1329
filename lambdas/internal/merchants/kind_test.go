package merchants

import (
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
)

func TestKindOf_TextsOfBanks_GiveTheKind(t *testing.T) {
	for kind, examples := range map[Kind][]string{
		OwnTransfer: {"To A/C 12345678 Via Mobile Xfer", "20-00-00 12345678 MOBILE-CHANNEL FT", "Transfer to pot", "pot_0000A1B2C3", "Round-up",
			"ROUND UP", "SAVE THE CHANGE", "Internal Transfer", "Transfer from Savings"},
		CardBill:        {"DIRECT DEBIT PAYMENT TO BARCLAYCARD REF 1234", "AMERICAN EXPRESS DD", "DD MBNA"},
		CardBillReceipt: {"PAYMENT RECEIVED - THANK YOU", "Payment, Thank You", "PAYMENT RECEIVED"},
		Cash:            {"LNK HIGH ST CD 1234 02JUL26", "CASH WITHDRAWAL AT HIGH STREET", "ATM 1234", "CPT HIGH STREET"},
		CashIn:          {"CASH PAID IN", "COUNTER CREDIT 123"},
		Fee:             {"DAILY OD INT", "ARRANGED OVERDRAFT USAGE FEE", "NON-GBP TRANS FEE 2.75% CD 1234", "DR Non-Sterling Transaction Fee", "TOTAL INTEREST CHARGED"},
		Salary:          {"BANK GIRO CREDIT REF EMPLOYER, SALARY"},
		Refund:          {"CARD PAYMENT REFUND FROM ACME", "RETURNED DIRECT DEBIT ACME GAS", "UNPAID DD ACME GAS"},
		Purchase:        {"ACME SHOP", "J SMITH", "THE POT SHOP", "ROUNDUP CAFE LTD", "ATMOSPHERE", "BARCLAYS", "Transfer to 000000 00000000", "POTTERY BARN", ""},
	} {
		for _, text := range examples {
			if got := KindOf(text); got != kind {
				t.Errorf("%q is %q, want %q", text, got, kind)
			}
		}
	}
}

func TestBetweenAccounts_Kinds_AreThoseOfTransfers(t *testing.T) {
	for kind, want := range map[Kind]bool{OwnTransfer: true, CardBill: true, CardBillReceipt: true, Cash: false, Refund: false, Purchase: false, Salary: false, Fee: false, CashIn: false} {
		if kind.BetweenAccounts() != want {
			t.Errorf("%s: got %v", kind, !want)
		}
	}
}

func TestCategory_WellKnownMerchants_TheLongestNameCounts(t *testing.T) {
	for text, want := range map[string]categories.Code{
		"UBER *TRIP": categories.Transport, "UBER   *EATS": categories.Food, "TESCO STORES 3127": categories.Groceries, "TESCO PETROL 3127": categories.Fuel,
		"CARD PAYMENT TO TESCO STORES 3127,10.20 GBP, RATE 1.00/GBP ON 02-07-2026": categories.Groceries,
		"JET PETROL": categories.Fuel, "SPAR LEEDS": categories.Groceries, "BP CONNECT": categories.Fuel, "SO ENERGY": categories.Bills,
		"DIRECT DEBIT PAYMENT TO O2 UK REF 93909443, MANDATE NO 0015": categories.Bills,
		"To A/C 12345678 Via Mobile Xfer":                             categories.Transfer, "DAILY OD INT": categories.Financial, "BANK GIRO CREDIT REF EMPLOYER, SALARY": categories.Salary,
		"AMZNMktplace*2H4KL": categories.Shopping, "AMAZON PRIME*2H4KL": categories.Subscriptions,
	} {
		if got, _ := Category(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"JETTY BAR", "SPARTAN GYM", "ACME", "", "LNK HIGH ST", "CARD PAYMENT REFUND FROM TESCO", "UBERTINO CAFE", "THE TESCO FAN SHOP"} {
		if got, known := Category(text); known {
			t.Errorf("%q is %q", text, got)
		}
	}
}
