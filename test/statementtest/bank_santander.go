package statementtest

import "time"

var _ = register("santander", &bank{
	issuer: "Santander",
	names:  []string{"Santander"},
	texts: []textKind{
		out("", "CARD PAYMENT TO {shop},{pounds} GBP, RATE", "1.00/GBP ON {day}"), out("", "DIRECT DEBIT PAYMENT TO {shop} REF", "{ref}, MANDATE NO 0015"),
		out("", "CASH WITHDRAWAL AT {town} ON {day}"), out("", "CARD PAYMENT TO {shop},{foreign} EUR, RATE {rate}/GBP ON {day}", "(NON-STERLING TRANSACTION FEE \u00a30.29)"),
		in("", "FASTER PAYMENTS RECEIPT REF.{ref} FROM {person}"), in("", "BANK GIRO CREDIT REF {person}, {ref}"), in("", "INTEREST PAID AFTER TAX 0.00 DEDUCTED"),
	},
	masthead: func(s *Statement) []string {
		return []string{"Santander UK plc", "Account number: " + s.Account + " Sort Code: 09-00-00", "Your account summary for {period}"}
	},
	period: func(start, end time.Time) string {
		return ordinal(start) + start.Format(" 2006") + " to " + ordinal(end) + end.Format(" 2006")
	},
	columns: []column{{columnDate, "Date", 40}, {columnText, "Description", 85}, {columnIn, "Money in", 400}, {columnOut, "Money out", 470}, {columnBalance, "\u00a3 Balance", 545}},
	date:    ordinal, dateOnEachRow: true, amounts: amountsInTwoColumns, side: amountFirst, balance: balanceEachRow, balanceText: plainBalance, shift: -9, headingsOnEachPage: true,
	opening: "Balance brought forward from previous statement", closing: "Balance carried forward to next statement", markersHaveDates: true, gap: 2,
	footer: []string{"Page {page} of {pages}"}, terms: deposits,
})
