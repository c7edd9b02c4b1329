package statementtest

var _ = register("starling", &bank{
	issuer: "Starling",
	names:  []string{"Starling"},
	texts: []textKind{
		out("ONLINE PAYMENT", "{shop} {town}"), out("CONTACTLESS", "{shop}"), out("DIRECT DEBIT", "{shop}", "{ref}"), out("CHIP & PIN", "{shop} (${foreign}, Rate: {rate})"),
		in("FASTER PAYMENT", "{person}", "({ref})"), in("DEPOSIT INTEREST", "Interest Earned"), zero("CONTACTLESS", "{shop}"),
	},
	masthead: func(s *Statement) []string {
		return []string{"Starling Bank Limited", "Sort Code: 60-83-71", "Account Number: " + s.Account, "Date range applicable: {period}",
			"Opening Balance \u00a3" + signed(s.Sections[0].Opening), "Closing Balance \u00a3" + signed(s.Sections[0].Closing)}
	},
	period:  between("02/01/2006", " - ", "02/01/2006"),
	columns: []column{{columnDate, "DATE", 40}, {columnCode, "TYPE", 105}, {columnText, "TRANSACTION", 200}, {columnIn, "IN", 395}, {columnOut, "OUT", 455}, {columnBalance, "ACCOUNT BALANCE", 550}},
	date:    dayFormat("02/01/2006"), amounts: amountsInTwoColumns, sign: "\u00a3", side: amountFirst, balance: balanceEachRow,
	balanceText: func(pence int64) (string, string) {
		if pence < 0 {
			return "-\u00a3" + pounds(pence), ""
		}
		return "\u00a3" + pounds(pence), ""
	},
	opening: "OPENING BALANCE", endOfDay: "END OF DAY BALANCE", gap: 3, footer: []string{"Starling Bank is registered in England. Page {page} of {pages}"}, terms: deposits,
})
