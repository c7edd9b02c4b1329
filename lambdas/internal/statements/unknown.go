package statements

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
)

// knownHeadings are the headings of columns by their texts in lower case, without signs of currencies.
var knownHeadings = map[string]column{
	"date": columnDate, "transaction date": columnDate,
	"description": columnText, "details": columnText, "transaction details": columnText, "transaction": columnText, "particulars": columnText,
	"type": columnCode, "payment type": columnCode, "transaction type": columnCode,
	"money out": columnOut, "paid out": columnOut, "withdrawn": columnOut, "withdrawals": columnOut, "debit": columnOut, "debits": columnOut, "out": columnOut,
	"money in": columnIn, "paid in": columnIn, "receipts": columnIn, "deposits": columnIn, "credit": columnIn, "credits": columnIn, "in": columnIn,
	"amount":  columnAmount,
	"balance": columnBalance, "account balance": columnBalance, "running balance": columnBalance,
}

// maxHeadingWords is the number of words of the longest heading, with a sign of a currency apart.
const maxHeadingWords = 3

var currencySigns = strings.NewReplacer("£", "", "(", "", ")", "", "gbp", "")

// headingsOf returns the headings of a line if they are those of a table: a date, a text, amounts and a
// balance.
func headingsOf(words []pdftext.Word) ([]heading, bool) {
	var headings []heading
	count := map[column]int{}
	for i := 0; i < len(words); {
		n, c := headingAt(words[i:])
		if n == 0 {
			return nil, false
		}
		headings = append(headings, heading{c, strings.ToLower(textOf(words[i : i+n]))})
		count[c]++
		i += n
	}
	for _, n := range count {
		if n > 1 {
			return nil, false
		}
	}
	amounts := count[columnAmount] == 1 && count[columnOut]+count[columnIn] == 0 || count[columnAmount] == 0 && count[columnOut] == 1 && count[columnIn] == 1
	return headings, amounts && count[columnDate] == 1 && count[columnText] == 1 && count[columnBalance] == 1
}

// headingAt returns the longest heading that words begin with.
func headingAt(words []pdftext.Word) (n int, c column) {
	for n := min(maxHeadingWords, len(words)); n > 0; n-- {
		if words[n-1].Text == "£" { // it belongs to the next heading
			continue
		}
		text := strings.TrimSpace(currencySigns.Replace(strings.ToLower(textOf(words[:n]))))
		if c, ok := knownHeadings[text]; ok {
			return n, c
		}
	}
	return 0, 0
}

// unknownLayouts are the ways in which banks print a table with the same headings.
func unknownLayouts(headings []heading) []*layout {
	common := layout{
		headings: headings,
		dates:    []dateFormat{slashed, dayMonthYear, dayMonthYearLong, dayMonthYear2, dayMonth, monthDay},
		opening:  regexp.MustCompile(`(?i)^(statement )?(balance brought forward|brought forward|(start|opening) balance|balance from statement \d+)`),
		closing:  regexp.MustCompile(`(?i)^(statement )?(balance carried forward|carried forward|(end|closing) balance)`),
		skipped:  regexp.MustCompile(`(?i)^(continued|end of day balance|effective date .*)$`),
		totals: totals{
			opening: regexp.MustCompile(`(?i)^opening balance (\S+)$`),
			closing: regexp.MustCompile(`(?i)^closing balance (\S+)$`),
		},
	}
	var ways []*layout
	for _, s := range []side{amountFirst, amountLast, amountCentred} {
		for _, newestFirst := range []bool{false, true} {
			way := common
			way.side, way.newestFirst = s, newestFirst
			ways = append(ways, &way)
		}
	}
	return ways
}

// readUnknown reads the statement of an unknown bank in every way in which banks print tables. It returns
// what the balances prove if all proven ways agree, and ErrUnknownLayout otherwise.
func readUnknown(ctx context.Context, pages []pdftext.Page) (Statement, error) {
	headings, ok := firstHeadings(pages)
	if !ok {
		return Statement{}, ErrUnknownLayout
	}
	var proven *Statement
	ways := unknownLayouts(headings)
	for _, way := range ways {
		statement, err := readWith(ctx, way, pages)
		if ctx.Err() != nil || errors.Is(err, ErrTooLong) {
			return Statement{}, err
		}
		if err != nil {
			continue
		}
		if proven != nil && !reflect.DeepEqual(*proven, statement) {
			return Statement{}, fmt.Errorf("%w: its texts can be read in two ways", ErrUnknownLayout)
		}
		proven = &statement
	}
	if proven == nil {
		return Statement{}, fmt.Errorf("%w: its balances prove no way to read it", ErrUnknownLayout)
	}
	proven.Issuer = issuerOf(ways[0].textOutside(pages[0]), knownBanks())
	proven.Origin = originOf(pages, headings)
	return *proven, nil
}

// knownBanks returns the banks whose names are known. One with a layout may print a table that is not its layout's.
func knownBanks() []named {
	banks := slices.Clone(withoutLayout)
	for _, l := range layouts {
		banks = append(banks, l.named())
	}
	return banks
}

func firstHeadings(pages []pdftext.Page) ([]heading, bool) {
	for _, page := range pages {
		for _, line := range page.Lines {
			if headings, ok := headingsOf(line.Words); ok {
				return headings, true
			}
		}
	}
	return nil, false
}
