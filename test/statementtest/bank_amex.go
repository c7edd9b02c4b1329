package statementtest

var _ = register("amex", &bank{
	issuer: "American Express", card: true,
	names: []string{"American Express"},
	texts: []textKind{
		out("", "{shop} {town}"), out("", "{shop} {town} USA {foreign} US DOLLARS", "Exchange Rate {rate} + Nonsterling Transaction Fee 0.21"), in("", "PAYMENT RECEIVED - THANK YOU"), in("", "{shop} CREDIT"),
	},
	masthead: func(s *Statement) []string {
		debits, credits := flows(s.Sections[0])
		return []string{"American Express Services Europe Limited", "Membership Number xxxx-xxxxxx-x" + s.Account, "Statement Period {period}",
			"Previous Balance \u00a3" + owed(s.Sections[0].Opening), "New Credits \u00a3" + pounds(credits), "New Debits \u00a3" + pounds(debits), "Closing Balance \u00a3" + owed(s.Sections[0].Closing)}
	},
	period:  between(long, " to ", long),
	columns: []column{{columnDate, "Transaction Date", 40}, {columnSecondDate, "Process Date", 120}, {columnText, "Transaction Details", 190}, {columnAmount, "Amount \u00a3", 540}},
	date:    dayFormat("Jan 2"), dateOnEachRow: true, amounts: amountsOfCard, creditSuffix: "", creditBelow: "CR", side: amountFirst, balance: balanceNever, headingsOnEachPage: true, gap: 2,
	totals: func(s Section) []string { return []string{"Total new spend transactions"} }, footer: []string{"Page {page} of {pages}"},
})
