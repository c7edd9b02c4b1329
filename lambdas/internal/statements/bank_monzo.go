package statements

import "regexp"

// Monzo prints the newest row first and the text around the amount. Each pot has a table of its own.
var _ = register(&layout{
	issuer: "Monzo",
	marks:  []string{"monzo"},
	headings: []heading{
		{columnDate, "date"}, {columnText, "description"}, {columnAmount, "(gbp) amount"}, {columnBalance, "(gbp) balance"},
	},
	dates:       []dateFormat{slashed},
	side:        amountCentred,
	newestFirst: true,
	section:     regexp.MustCompile(`(?i)^(pot|personal account|joint account|business account) statement$`),
	totals: totals{
		closing: regexp.MustCompile(`(?i)^(\S+) balance$`),
		out:     regexp.MustCompile(`(?i)^(\S+) total outgoings$`),
		in:      regexp.MustCompile(`(?i)^(\S+) total deposits$`),
	},
})
