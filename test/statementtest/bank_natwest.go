package statementtest

import (
	"strings"
	"time"
)

var _ = register("natwest", &bank{
	issuer: "NatWest",
	names:  []string{"NatWest", "National Westminster"},
	texts: []textKind{
		out("", "Card Transaction", "{card} {day} C , {shop} , {town} GB"), out("", "Direct Debit", "{shop}", "{ref}"), out("", "OnLine Transaction", "{person} {ref} VIA MOBILE - PYMT"),
		out("", "Card Transaction", "{card} {day} , {shop} , USD {foreign} , VRATE {rate} , N-S TRN FEE 0.45"), in("", "Automated Credit", "{person} {ref}"), in("", "Interest", "GROSS INTEREST"),
	},
	masthead: func(s *Statement) []string {
		return []string{"NatWest", "Statement", "Account No " + s.Account, "Sort Code 60-00-00",
			"Period Covered {period}",
			"Previous Balance \u00a3" + signed(s.Sections[0].Opening), "New Balance \u00a3" + signed(s.Sections[0].Closing)}
	},
	period: func(start, end time.Time) string {
		return strings.ToUpper(between("02 Jan 2006", " to ", "02 Jan 2006")(start, end))
	},
	columns: []column{{columnDate, "Date", 40}, {columnText, "Description", 110}, {columnIn, "Paid In(\u00a3)", 390}, {columnOut, "Withdrawn(\u00a3)", 465}, {columnBalance, "Balance(\u00a3)", 535}},
	date:    upper(dayFormat("02 Jan")), longDate: upper(dayFormat("02 Jan 2006")), amounts: amountsInTwoColumns, side: amountLast, balance: balanceEachRow, balanceText: markedBalance("OD"),
	headingsOnEachPage: true, opening: "BROUGHT FORWARD", markersHaveDates: true, gap: 2, footer: []string{"National Westminster Bank Plc. Page {page} of {pages}"}, terms: deposits,
})
