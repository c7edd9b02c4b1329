package statements

import "regexp"

// TSB prints the type of each payment in words.
var _ = register(&layout{
	issuer: "TSB",
	marks:  []string{"tsb bank plc"},
	headings: []heading{
		{columnDate, "date"}, {columnCode, "payment type"}, {columnText, "details"}, {columnOut, "money out (£)"}, {columnIn, "money in (£)"}, {columnBalance, "balance (£)"},
	},
	dates:   []dateFormat{dayMonthYear2},
	side:    amountFirst,
	opening: regexp.MustCompile(`(?i)^statement opening balance$`),
	closing: regexp.MustCompile(`(?i)^statement closing balance$`),
})
