package statements

import "regexp"

// Nationwide prints the year alone in the column of dates, and a box beside the table.
var _ = register(&layout{
	issuer: "Nationwide",
	marks:  []string{"nationwide building society"},
	headings: []heading{
		{columnDate, "date"}, {columnText, "description"}, {columnOut, "£out"}, {columnIn, "£in"}, {columnBalance, "£balance"},
	},
	dates:   []dateFormat{dayMonth},
	side:    amountFirst,
	opening: regexp.MustCompile(`(?i)^balance from statement \d+`),
	skipped: regexp.MustCompile(`(?i)^effective date `),
})
