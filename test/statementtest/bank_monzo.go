package statementtest

var _ = register("monzo", &bank{
	issuer: "Monzo",
	names:  []string{"Monzo"},
	texts: []textKind{
		out("", "{shop} {town} GBR"), out("", "{shop} {town} NLD", "Amount: EUR -{foreign}. Conversion rate: {rate}."), out("", "{shop} (Direct Debit)", "Reference: {ref}"),
		out("", "{person} (P2P Payment)", "Reference: thanks", "for {ref}"), in("", "{person} (Faster Payments)", "Reference: {ref}"), zero("", "{shop} card check"), in("", "Interest"),
	},
	masthead: func(s *Statement) []string {
		return []string{"Monzo Bank Limited", "Personal Account statement", "{period}", "Sort code: 04-00-04", "Account number: " + s.Account}
	},
	period:  between("02/01/2006", " - ", "02/01/2006"),
	columns: []column{{columnDate, "Date", 40}, {columnText, "Description", 120}, {columnAmount, "(GBP) Amount", 450}, {columnBalance, "(GBP) Balance", 545}},
	date:    dayFormat("02/01/2006"), dateOnEachRow: true, amounts: amountsSigned, side: amountCentred, balance: balanceEachRow, balanceText: plainBalance, newestFirst: true, headingsOnEachPage: true,
	gap: 9, pots: true,
	summary: func(s Section) []string {
		out, in := flows(s)
		return []string{"\u00a3" + signed(s.Closing) + " Balance", "-\u00a3" + pounds(out) + " Total outgoings", "+\u00a3" + pounds(in) + " Total deposits"}
	},
	footer: []string{"Monzo Bank Limited. Page {page}"}, terms: deposits,
})
