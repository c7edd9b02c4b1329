package statements

import "regexp"

// Lloyds prints money in before money out, a code for each row, and hidden text in blank columns.
var _ = register(&layout{
	issuer: "Lloyds Bank",
	marks:  []string{"lloyds bank"},
	headings: []heading{
		{columnDate, "date"}, {columnText, "description"}, {columnCode, "type"}, {columnIn, "money in (£)"}, {columnOut, "money out (£)"}, {columnBalance, "balance (£)"},
	},
	dates: []dateFormat{dayMonthYear2},
	codes: map[string]bool{
		"BGC": true, "BP": true, "CHG": true, "CHQ": true, "COR": true, "CPT": true, "DD": true, "DEB": true, "DEP": true,
		"FEE": true, "FPI": true, "FPO": true, "MPI": true, "MPO": true, "PAY": true, "SO": true, "TFR": true,
	},
	side: amountFirst,
	totals: totals{
		opening: lloydsBalance,
		closing: lloydsBalance,
	},
})

// lloydsBalance matches the balance on the first day, and then that on the last.
var lloydsBalance = regexp.MustCompile(`(?i)^balance on \d{1,2} [a-z]+ \d{4} (\S+)$`)
