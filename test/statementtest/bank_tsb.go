package statementtest

var _ = register("tsb", &bank{
	issuer: "TSB",
	names:  []string{"TSB Bank"},
	texts: []textKind{
		out("DEBIT CARD", "{shop} CD {card}"), out("DIRECT DEBIT", "{shop}"), out("FASTER PAYMENT", "{person}", "{ref}"), out("DEBIT CARD", "{shop}", "{foreign} VISAXR {rate} CD {card}"),
		out("CASHPOINT", "LNK {town} CD {card} {day}"), in("FASTER PAYMENT", "{person} {ref}"), in("BANK GIRO", "{person} SALARY"),
	},
	masthead: func(s *Statement) []string {
		return []string{"TSB Bank plc", "Your statement", "Statement period {period}", "Sort code 77-00-00", "Account number " + s.Account}
	},
	period:  between(long, " to ", long),
	columns: []column{{columnDate, "Date", 40}, {columnCode, "Payment type", 95}, {columnText, "Details", 190}, {columnOut, "Money Out (\u00a3)", 400}, {columnIn, "Money In (\u00a3)", 470}, {columnBalance, "Balance (\u00a3)", 535}},
	date:    dayFormat("02 Jan 06"), dateOnEachRow: true, amounts: amountsInTwoColumns, side: amountFirst, balance: balanceEachRow, balanceText: markedBalance("D"), headingsOnEachPage: true,
	opening: "STATEMENT OPENING BALANCE", closing: "STATEMENT CLOSING BALANCE", markersHaveDates: true, gap: 2, footer: []string{"TSB Bank plc. Page {page} of {pages}"}, terms: deposits,
})
