package statementtest

import (
	"strings"
	"time"
)

// banks are the layouts by name.
var banks = map[string]*bank{
	"barclays":   barclays(),
	"hsbc":       hsbc(),
	"lloyds":     lloyds(),
	"natwest":    natwest(),
	"santander":  santander(),
	"nationwide": nationwide(),
	"tsb":        tsb(),
	"monzo":      monzo(),
	"starling":   starling(),
	"revolut":    revolut(),
	"chase":      chase(),
	"hsbc-card":  hsbcCard(),
	"amex":       amex(),
}

// deposits is the text about the compensation scheme that many statements end with. It has amounts in it.
var deposits = []string{
	"Important information about compensation arrangements",
	"Your eligible deposits are protected up to a total of \u00a385,000.00 by the FSCS.",
	"Arranged overdraft usage fee example: borrow \u00a3500.00 for 30 days at 39.90% cost \u00a315.10",
	"Call us on 0800 123 4567 from 9.00 to 17.00",
}

const long = "2 January 2006"

func barclays() *bank {
	return &bank{
		issuer: "Barclays",
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
	}
}

func hsbc() *bank {
	return &bank{
		issuer: "HSBC",
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
	}
}

func lloyds() *bank {
	return &bank{
		issuer: "Lloyds Bank",
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
	}
}

func natwest() *bank {
	return &bank{
		issuer: "NatWest",
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
	}
}

func santander() *bank {
	return &bank{
		issuer: "Santander",
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
	}
}

func nationwide() *bank {
	return &bank{
		issuer: "Nationwide",
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
	}
}

func tsb() *bank {
	return &bank{
		issuer: "TSB",
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
	}
}

func monzo() *bank {
	return &bank{
		issuer: "Monzo",
		texts: []textKind{
			out("", "{shop} {town} GBR"), out("", "{shop} {town} NLD", "Amount: EUR -{foreign}. Conversion rate: {rate}."), out("", "{shop} (Direct Debit)", "Reference: {ref}"),
			out("", "{person} (P2P Payment)", "Reference: thanks", "for {ref}"), in("", "{person} (Faster Payments)", "Reference: {ref}"), zero("", "{shop} card check"), in("", "Interest"),
		},
		masthead: func(s *Statement) []string {
			return []string{"Monzo Bank Limited", "Personal Account statement", "{period}", "Sort code: 04-00-04", "Account number: " + s.Account}
		},
		period:  between("02/01/2006", " - ", "02/01/2006"),
		columns: []column{{columnDate, "Date", 40}, {columnText, "Description", 120}, {columnAmount, "(GBP) Amount", 450}, {columnBalance, "(GBP) Balance", 545}},
		date:    dayFormat("02/01/2006"), dateOnEachRow: true, amounts: amountsSigned, side: amountCentred, balance: balanceEachRow, balanceText: plainBalance, newestFirst: true, headingsOnEachPage: true,
		gap: 9, pots: true,
		summary: func(s Section) []string {
			out, in := flows(s)
			return []string{"\u00a3" + signed(s.Closing) + " Balance", "-\u00a3" + pounds(out) + " Total outgoings", "+\u00a3" + pounds(in) + " Total deposits"}
		},
		footer: []string{"Monzo Bank Limited. Page {page}"}, terms: deposits,
	}
}

func starling() *bank {
	return &bank{
		issuer: "Starling",
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
	}
}

func revolut() *bank {
	return &bank{
		issuer: "Revolut",
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
	}
}

func chase() *bank {
	return &bank{
		issuer: "Chase",
		texts: []textKind{
			out("", "{shop}", "Purchase"), out("", "{shop}", "Purchase", "EUR {foreign}", "FX rate \u00a31 = \u20ac{rate}"), out("", "{person}", "Payment"), out("", "To Round-ups", "Transfer"),
			in("", "From {person}", "Payment"), in("", "{shop}", "Refund"), in("", "Interest earned", "Interest"),
		},
		masthead: func(s *Statement) []string {
			return []string{"Chase account statement", "Account number: " + s.Account + " Sort code: 60-84-07", "{period}"}
		},
		period:  between("02 Jan 2006", " - ", "02 Jan 2006"),
		columns: []column{{columnDate, "Date", 40}, {columnText, "Transaction details", 120}, {columnAmount, "Amount", 440}, {columnBalance, "Balance", 545}},
		date:    dayFormat("02 Jan 2006"), dateOnEachRow: true, amounts: amountsSigned, sign: "\u00a3", plus: true, side: amountFirst, balance: balanceEachRow,
		balanceText: func(pence int64) (string, string) {
			if pence < 0 {
				return "-\u00a3" + pounds(pence), ""
			}
			return "\u00a3" + pounds(pence), ""
		},
		headingsOnEachPage: true, opening: "Opening balance", closing: "Closing balance", markersHaveDates: true, gap: 3,
		footer: []string{"Chase is a registered trademark of J.P. Morgan Europe Limited. Page {page} of {pages}"}, terms: deposits,
	}
}

func hsbcCard() *bank {
	return &bank{
		issuer: "HSBC credit card", card: true,
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
	}
}

func amex() *bank {
	return &bank{
		issuer: "American Express", card: true,
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
	}
}

// owed prints the balance of a card: what the holder owes is positive.
func owed(pence int64) string { return signed(-pence) }
