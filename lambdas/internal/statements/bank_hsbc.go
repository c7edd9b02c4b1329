package statements

import "regexp"

// HSBC prints the amount beside the last line of a text, and the balance once a day.
var _ = register(&layout{
	issuer: "HSBC",
	marks:  []string{"hsbc uk bank plc", "sortcode"},
	headings: []heading{
		{columnDate, "date"}, {columnText, "payment type and details"}, {columnOut, "£paid out"}, {columnIn, "£paid in"}, {columnBalance, "£balance"},
	},
	dates: []dateFormat{dayMonthYear2},
	side:  amountLast,
	codes: map[string]bool{
		"ATM": true, "BP": true, "CHG": true, "CHQ": true, "CR": true, "DD": true, "DR": true, "OBP": true,
		"OTR": true, "SO": true, "SOL": true, "TFR": true, "VIS": true, ")))": true,
	},
	opening: regexp.MustCompile(`(?i)^balance brought forward$`),
	closing: regexp.MustCompile(`(?i)^balance carried forward$`),
	skipped: regexp.MustCompile(`^[A.]$`),
})

// A credit card of HSBC has no balances: the totals of the page prove the rows.
var _ = register(&layout{
	issuer: "HSBC credit card",
	marks:  []string{"hsbc uk bank plc", "card number"},
	headings: []heading{
		{columnDate, "received by us"}, {columnOtherDate, "transaction date"}, {columnText, "details"}, {columnAmount, "amount"},
	},
	dates:   []dateFormat{dayMonthYear2},
	side:    amountFirst,
	card:    true,
	skipped: regexp.MustCompile(`(?i)^summary of interest`),
	totals: totals{
		opening: regexp.MustCompile(`(?i)^previous balance (\S+)$`),
		closing: regexp.MustCompile(`(?i)^new balance (\S+)$`),
	},
})
