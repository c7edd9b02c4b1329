package statements

import "regexp"

// NatWest prints the year of the first date only. Its summary may leave out what the table has, so the
// balance brought forward counts.
var _ = register(&layout{
	issuer: "NatWest",
	marks:  []string{"natwest"},
	headings: []heading{
		{columnDate, "date"}, {columnText, "description"}, {columnIn, "paid in(£)"}, {columnOut, "withdrawn(£)"}, {columnBalance, "balance(£)"},
	},
	dates:   []dateFormat{dayMonthYear, dayMonth},
	side:    amountLast,
	opening: regexp.MustCompile(`(?i)^brought forward$`),
})
