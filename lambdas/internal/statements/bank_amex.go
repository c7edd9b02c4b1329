package statements

import "regexp"

// American Express prints no balances, and CR below a credit: the totals of the page prove the rows.
var _ = register(&layout{
	issuer: "American Express",
	marks:  []string{"american express"},
	headings: []heading{
		{columnDate, "transaction date"}, {columnOtherDate, "process date"}, {columnText, "transaction details"}, {columnAmount, "amount £"},
	},
	dates:   []dateFormat{monthDay},
	side:    amountFirst,
	card:    true,
	skipped: regexp.MustCompile(`(?i)^total new spend`),
	totals: totals{
		opening: regexp.MustCompile(`(?i)^previous balance (\S+)$`),
		closing: regexp.MustCompile(`(?i)^closing balance (\S+)$`),
		out:     regexp.MustCompile(`(?i)^new debits (\S+)$`),
		in:      regexp.MustCompile(`(?i)^new credits (\S+)$`),
	},
})
