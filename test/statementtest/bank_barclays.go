package statementtest

var _ = register("barclays", &bank{
	issuer: "Barclays",
	names:  []string{"Barclays"},
	texts: []textKind{
		out("", "Card Payment to {shop}", "On {day}"), out("", "Direct Debit to {shop}", "Ref: {ref}"), out("", "Bill Payment to {person}", "Ref: {ref}"),
		out("", "Card Payment to {shop}", "USD {foreign} on {day} at VISA", "Exchange Rate {rate}", "The final GBP amount includes a fee of 0.12"),
		in("", "Received From {person}", "Ref: {ref}"), in("", "Interest Paid"), in("", "Direct Debit to {shop} Returned"),
	},
	masthead: func(s *Statement) []string {
		return []string{"Barclays Bank UK PLC", "Your Barclays Bank Account statement", "Sort Code 20-00-00", "Account No. " + s.Account,
			"At a glance", "{period}"}
	},
	period:  between("02 Jan", " - ", "02 Jan 2006"),
	columns: []column{{columnDate, "Date", 40}, {columnText, "Description", 90}, {columnOut, "Money out", 330}, {columnIn, "Money in", 390}, {columnBalance, "Balance", 455}},
	date:    dayFormat("02 Jan"), amounts: amountsInTwoColumns, side: amountFirst, balance: balanceLastOfDay, balanceText: plainBalance,
	headingsOnEachPage: true, opening: "Start balance", closing: "End balance", continued: "Continued", markersHaveDates: true, gap: 3,
	sidebar: []string{"How it works", "Interest is paid at 1.20%", "Overdraft limit \u00a3500.00", "Call 0345 734 5345"}, sidebarX: 475,
	footer: []string{"Barclays Bank UK PLC. Page {page} of {pages}"}, terms: deposits,
})
