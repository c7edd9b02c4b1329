package statementtest

var _ = register("hsbc", &bank{
	issuer: "HSBC",
	names:  []string{"HSBC UK Bank plc"},
	texts: []textKind{
		out("VIS", "{shop}", "{town}"), out(")))", "{shop}", "{town}"), out("DD", "{shop}"), out("SO", "{person}", "{ref}"), out("ATM", "CASH {town}", "{day}"),
		out("VIS", "INT'L 00{card}123456", "{shop}", "{town}", "USD {foreign} @ {rate}", "Visa Rate"), out("DR", "Non-Sterling", "Transaction Fee"),
		in("CR", "{person}", "{ref}"), in("BP", "BP {person}"), in("CR", "GROSS INTEREST", "TO {day}"),
	},
	masthead: func(s *Statement) []string {
		return []string{"HSBC UK Bank plc", "Your Statement", "{period}", "Sortcode 40-00-00 Account Number " + s.Account}
	},
	period:  between("2 January", " to ", long),
	columns: []column{{columnDate, "Date", 40}, {columnCode, "Payment type and details", 95}, {columnText, "", 125}, {columnOut, "\u00a3Paid out", 400}, {columnIn, "\u00a3Paid in", 470}, {columnBalance, "\u00a3Balance", 545}},
	date:    dayFormat("02 Jan 06"), amounts: amountsInTwoColumns, side: amountLast, balance: balanceLastOfDay, balanceText: markedBalance("D"), shift: 7,
	headingsOnEachPage: true, opening: "BALANCE BROUGHT FORWARD", closing: "BALANCE CARRIED FORWARD", carried: "BALANCE CARRIED FORWARD", brought: "BALANCE BROUGHT FORWARD",
	markersHaveDates: true, splitsDigits: true, terms: deposits, footer: []string{"Contact tel 03457 404 404", "Page {page}"},
})

var _ = register("hsbc-card", &bank{
	issuer: "HSBC credit card", card: true,
	names: []string{"HSBC UK Bank plc"},
	texts: []textKind{
		out("", "{shop} {town}"), out("", ")))  {shop} {town} GBR"), out("", "{shop} {town} USA", "{foreign} US DOLLAR @ {rate}"), in("", "PAYMENT - THANK YOU"), in("", "{shop} REFUND"),
	},
	masthead: func(s *Statement) []string {
		return []string{"HSBC UK Bank plc", "Your Visa card statement", "Card number XXXX XXXX XXXX " + s.Account, "Statement period {period}",
			"Previous balance \u00a3" + owed(s.Sections[0].Opening), "New balance \u00a3" + owed(s.Sections[0].Closing)}
	},
	period:  between(long, " to ", long),
	columns: []column{{columnDate, "Received By Us", 40}, {columnSecondDate, "Transaction Date", 115}, {columnText, "Details", 200}, {columnAmount, "Amount", 540}},
	date:    dayFormat("02 Jan 06"), dateOnEachRow: true, amounts: amountsOfCard, creditSuffix: "CR", side: amountFirst, balance: balanceNever, headingsOnEachPage: true, gap: 2,
	totals: func(Section) []string { return []string{"Summary Of Interest On This Statement"} }, footer: []string{"Page {page} of {pages}"},
})
