package statements

import "regexp"

// Revolut prints a table for each currency.
var _ = register(&layout{
	issuer: "Revolut",
	marks:  []string{"revolut"},
	headings: []heading{
		{columnDate, "date"}, {columnText, "description"}, {columnOut, "money out"}, {columnIn, "money in"}, {columnBalance, "balance"},
	},
	dates:   []dateFormat{dayMonthYear, {"Jan 2 2006", 3, true}},
	side:    amountFirst,
	section: regexp.MustCompile(`^[A-Z]{3} Statement$`),
	totals: totals{
		opening: regexp.MustCompile(`(?i)^opening balance (\S+)$`),
		closing: regexp.MustCompile(`(?i)^closing balance (\S+)$`),
	},
})
