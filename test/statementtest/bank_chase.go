package statementtest

var _ = register("chase", &bank{
	issuer: "Chase",
	names:  []string{"Chase"},
	texts: []textKind{
		out("", "{shop}", "Purchase"), out("", "{shop}", "Purchase", "EUR {foreign}", "FX rate \u00a31 = \u20ac{rate}"), out("", "{person}", "Payment"), out("", "To Round-ups", "Transfer"),
		in("", "From {person}", "Payment"), in("", "{shop}", "Refund"), in("", "Interest earned", "Interest"),
	},
	masthead: func(s *Statement) []string {
		return []string{"Chase account statement", "Account number: " + s.Account + " Sort code: 60-84-07", "{period}"}
	},
	period:  between("02 Jan 2006", " - ", "02 Jan 2006"),
	columns: []column{{columnDate, "Date", 40}, {columnText, "Transaction details", 120}, {columnAmount, "Amount", 440}, {columnBalance, "Balance", 545}},
	date:    dayFormat("02 Jan 2006"), dateOnEachRow: true, amounts: amountsSigned, sign: "\u00a3", plus: true, side: amountFirst, balance: balanceEachRow,
	balanceText: func(pence int64) (string, string) {
		if pence < 0 {
			return "-\u00a3" + pounds(pence), ""
		}
		return "\u00a3" + pounds(pence), ""
	},
	headingsOnEachPage: true, opening: "Opening balance", closing: "Closing balance", markersHaveDates: true, gap: 3,
	footer: []string{"Chase is a registered trademark of J.P. Morgan Europe Limited. Page {page} of {pages}"}, terms: deposits,
})
