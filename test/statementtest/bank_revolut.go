package statementtest

var _ = register("revolut", &bank{
	issuer: "Revolut",
	names:  []string{"Revolut"},
	texts: []textKind{
		out("", "{shop}", "To: {shop}, {town}", "Card: 123456******{card}"), out("", "{shop}", "To: {shop}, {town}", "Card: 123456******{card}", "Revolut Rate \u00a31.00 = \u20ac{rate} (ECB rate)", "\u20ac{foreign}"),
		out("", "Transfer to {person}", "Reference: {ref}"), in("", "Payment from {person}", "Reference: {ref}", "From: {person}"),
	},
	masthead: func(s *Statement) []string {
		return []string{"Revolut Ltd", "GBP Statement", "Account transactions from {period}", "Account number " + s.Account, "Sort code 04-00-75",
			"Opening balance \u00a3" + signed(s.Sections[0].Opening), "Closing balance \u00a3" + signed(s.Sections[0].Closing)}
	},
	period:  between(long, " to ", long),
	columns: []column{{columnDate, "Date", 40}, {columnText, "Description", 115}, {columnOut, "Money out", 400}, {columnIn, "Money in", 470}, {columnBalance, "Balance", 545}},
	date:    dayFormat("2 Jan 2006"), dateOnEachRow: true, amounts: amountsInTwoColumns, sign: "\u00a3", side: amountFirst, balance: balanceEachRow,
	balanceText: func(pence int64) (string, string) {
		if pence < 0 {
			return "-\u00a3" + pounds(pence), ""
		}
		return "\u00a3" + pounds(pence), ""
	},
	headingsOnEachPage: true, gap: 4, foreignSection: true, footer: []string{"Report lost or stolen card +44 20 3322 2222", "Page {page} of {pages}"},
})
