package statements

import "regexp"

// Chase prints the type of a payment and foreign amounts below the row.
var _ = register(&layout{
	issuer: "Chase",
	marks:  []string{"chase account statement"},
	headings: []heading{
		{columnDate, "date"}, {columnText, "transaction details"}, {columnAmount, "amount"}, {columnBalance, "balance"},
	},
	dates:   []dateFormat{dayMonthYear},
	side:    amountFirst,
	opening: regexp.MustCompile(`(?i)^opening balance$`),
	closing: regexp.MustCompile(`(?i)^closing balance$`),
})
