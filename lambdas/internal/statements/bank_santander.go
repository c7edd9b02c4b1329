package statements

import "regexp"

// Santander prints ordinal dates and a balance on each row.
var _ = register(&layout{
	issuer: "Santander",
	marks:  []string{"santander"},
	headings: []heading{
		{columnDate, "date"}, {columnText, "description"}, {columnIn, "money in"}, {columnOut, "money out"}, {columnBalance, "£ balance"},
	},
	dates:   []dateFormat{dayMonth},
	side:    amountFirst,
	opening: regexp.MustCompile(`(?i)^balance brought forward from previous statement$`),
	closing: regexp.MustCompile(`(?i)^(balance carried forward to next statement|your balance at close of business.*)$`),
})
