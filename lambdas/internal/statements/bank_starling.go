package statements

import "regexp"

// Starling prints the headings on the first page only.
var _ = register(&layout{
	issuer: "Starling",
	marks:  []string{"starling bank"},
	headings: []heading{
		{columnDate, "date"}, {columnCode, "type"}, {columnText, "transaction"}, {columnIn, "in"}, {columnOut, "out"}, {columnBalance, "account balance"},
	},
	dates:     []dateFormat{slashed},
	side:      amountFirst,
	opening:   regexp.MustCompile(`(?i)^opening balance$`),
	skipped:   regexp.MustCompile(`(?i)^end of day balance$`),
	continues: true,
	totals: totals{
		closing: regexp.MustCompile(`(?i)^closing balance (\S+)$`),
	},
})
