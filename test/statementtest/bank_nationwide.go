package statementtest

var _ = register("nationwide", &bank{
	issuer: "Nationwide",
	names:  []string{"Nationwide"},
	texts: []textKind{
		out("", "Contactless Payment", "{shop} {town} GB"), out("", "Direct debit {shop}", "{ref}"), out("", "Transfer to 000000 0{card}000"), out("", "Visa purchase {shop}", "EUR {foreign} at {rate}"),
		zero("", "Card verification {shop}"), in("", "Bank credit {person}", "{ref}"), in("", "Interest added"),
	},
	masthead: func(s *Statement) []string {
		return []string{"Nationwide Building Society", "FlexAccount statement", "Statement date: " + s.End.Format("02 January 2006"), "Sort code 07-00-00", "Account no " + s.Account}
	},
	columns: []column{{columnDate, "Date", 40}, {columnText, "Description", 90}, {columnOut, "\u00a3Out", 350}, {columnIn, "\u00a3In", 410}, {columnBalance, "\u00a3Balance", 470}},
	date:    dayFormat("02 Jan"), yearApart: true, amounts: amountsInTwoColumns, side: amountFirst, balance: balanceLastOfDay, balanceText: plainBalance, headingsOnEachPage: true,
	opening: "Balance from statement 12", noise: "Effective Date {day}", gap: 3,
	sidebar: []string{"Start balance", "\u00a31,111.11", "End balance", "\u00a32,222.22", "Average 12.34"}, sidebarX: 490, footer: []string{"Page {page} of {pages}"}, terms: deposits,
})
