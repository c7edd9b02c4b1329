package statements_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/statements"
	"github.com/expenzez/infrastructure/test/statementtest"
)

// A bank is its layout and its made statement: the tests of all statements read both without another edit.
func TestLayouts_Each_HasMadeStatements(t *testing.T) {
	var made []string
	for _, bank := range statementtest.Banks() {
		made = append(made, statementtest.NewOfRows(bank, 1, 1).Issuer)
	}
	known := statements.Issuers()
	slices.Sort(made)
	slices.Sort(known)
	if !slices.Equal(made, known) {
		t.Errorf("statements are made of %q, and layouts known of %q", made, known)
	}
}

// The bank is named around the table. Payees in it name other banks.
func TestRead_OtherBanksNamed_IsReadInItsOwnLayout(t *testing.T) {
	for name, tc := range map[string]struct {
		masthead, payee, footer, want string
	}{
		"a payee":                        {"Example Bank", "BARCLAYS PRTNR FIN", "", ""},
		"the bank and a payee":           {"Revolut Ltd", "BARCLAYS PRTNR FIN", "", "Revolut"},
		"two banks outside of the table": {"Revolut Ltd, not Barclays", "ACME", "", "Revolut"},
		"the bank below the table":       {"Statement", "NATWEST LOANS", "Revolut Ltd is a bank", "Revolut"},
		"a bank with other headings":     {"Santander UK plc", "ACME", "", "Santander"},
	} {
		var s table
		s.text(tc.masthead)
		s.text("Opening balance £10.00")
		s.text("Closing balance £9.00")
		s.headings()
		if tc.want != "Revolut" {
			s.row("1 Mar 2026", "Opening balance", "", "", "10.00")
		}
		s.row("2 Mar 2026", tc.payee, "1.00", "", "9.00")
		if tc.want != "Revolut" {
			s.row("2 Mar 2026", "Closing balance", "", "", "9.00")
		}
		s.text(tc.footer)
		read, err := statements.Read(t.Context(), s.pages())
		if err != nil || read.Issuer != tc.want || len(read.Rows) != 1 {
			t.Errorf("%s: got %+v, %v", name, read, err)
		}
	}
}

// Where a known layout fits, another way to read the rows is a guess.
func TestRead_KnownBankThatDoesNotAddUp_IsRefused(t *testing.T) {
	var s table
	s.text("Revolut Ltd")
	s.text("Opening balance £10.00")
	s.text("Closing balance £9.00")
	s.headings()
	s.row("2 Mar 2026", "ACME", "2.00", "", "9.00")
	if read, err := statements.Read(t.Context(), s.pages()); !errors.Is(err, statements.ErrUnproven) {
		t.Errorf("got %+v, %v", read, err)
	}
}

// Banks without a layout are read by their headings, and have their names.
func TestRead_BankWithoutLayout_HasItsName(t *testing.T) {
	for masthead, want := range map[string]string{
		"Halifax is a division of Bank of Scotland plc. Part of Lloyds Banking Group": "Halifax",
		"Bank of Scotland plc":                     "Bank of Scotland",
		"The Royal Bank of Scotland plc":           "Royal Bank of Scotland",
		"first direct is a division of HSBC":       "First Direct",
		"Barclaycard":                              "Barclaycard",
		"Mrs M Mustermann, 1 High Street, HALIFAX": "",
	} {
		var s table
		s.text(masthead)
		s.headings()
		s.row("1 Mar 2026", "Opening balance", "", "", "10.00")
		s.row("2 Mar 2026", "LLOYDS BANK", "1.00", "", "9.00")
		s.row("", "Closing balance", "", "", "9.00")
		if read, err := statements.Read(t.Context(), s.pages()); err != nil || read.Issuer != want {
			t.Errorf("%s: got %q, %v", masthead, read.Issuer, err)
		}
	}
}
