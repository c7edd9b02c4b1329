package statementtest

var _ = register("lloyds", &bank{
	issuer: "Lloyds Bank",
	names:  []string{"Lloyds"},
	texts: []textKind{
		out("DEB", "{shop} CD {card}"), out("DD", "{shop}"), out("FPO", "{person}"), out("CPT", "LNK HIGH ST CD {card}"), out("DEB", "{shop} {foreign} VISAXR {rate} CD {card}"),
		out("FEE", "NON-GBP TRANS FEE 2.75% CD {card}"), out("CHG", "DAILY OD INT"), in("FPI", "{person} {ref}"), in("BGC", "{person} SALARY"),
	},
	masthead: func(s *Statement) []string {
		return []string{"Lloyds Bank plc", "CLASSIC STATEMENT", "{period}", "Sort code 30-00-00", "Account number " + s.Account,
			"Balance on " + s.Start.Format("02 January 2006") + " \u00a3" + signed(s.Sections[0].Opening), "Balance on " + s.End.Format("02 January 2006") + " \u00a3" + signed(s.Sections[0].Closing)}
	},
	period:  between("02 January 2006", " to ", "02 January 2006"),
	columns: []column{{columnDate, "Date", 40}, {columnText, "Description", 95}, {columnCode, "Type", 305}, {columnIn, "Money In (\u00a3)", 385}, {columnOut, "Money Out (\u00a3)", 465}, {columnBalance, "Balance (\u00a3)", 545}},
	date:    dayFormat("02 Jan 06"), dateOnEachRow: true, amounts: amountsInTwoColumns, balance: balanceEachRow, balanceText: plainBalance, headingsOnEachPage: true,
	whiteBlanks: "{heading} blank.", footer: []string{"Page {page} of {pages}"},
	terms: append([]string{"Transaction types", "BGC Bank Giro Credit", "DD Direct Debit", "FPO Faster Payment Outgoing", "DEB Debit Card"}, deposits...),
})
