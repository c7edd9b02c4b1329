package statements

import "regexp"

// Barclays prints the balance once a day, and a box beside the table.
var _ = register(&layout{
	issuer: "Barclays",
	marks:  []string{"barclays"},
	headings: []heading{
		{columnDate, "date"}, {columnText, "description"}, {columnOut, "money out"}, {columnIn, "money in"}, {columnBalance, "balance"},
	},
	dates:   []dateFormat{dayMonth},
	side:    amountFirst,
	opening: regexp.MustCompile(`(?i)^start balance$`),
	closing: regexp.MustCompile(`(?i)^(end balance|balance carried forward)$`),
	skipped: regexp.MustCompile(`(?i)^continued$`),
})
