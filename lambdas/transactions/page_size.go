package transactions

import (
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
)

const (
	// defaultPageSize is how many transactions a list has when the request does not say.
	defaultPageSize = 50

	// maxPageSize is how many transactions one request reads at most. The app asks for up
	// to 18,000 and does not follow nextKey.
	maxPageSize = 20_000

	// maxPageBytes is the size of a page without compression. Lambda accepts 6 MB, in which
	// each quote is escaped; 100 KB are for what is around the rows.
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	maxPageBytes = 6<<20 - 100<<10

	// rowOverhead is the size of a row without its texts, each quote counted twice, and
	// fieldOverhead that of a field that not all rows have.
	rowOverhead, fieldOverhead = 150, 22

	// listTimeout is for the largest page on a slow day: it takes about a second.
	listTimeout = 20 * time.Second

	// oneProcessorMB is the memory with which Lambda gives a function one processor.
	// Decrypting and encoding 18,000 rows take most of one.
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
	oneProcessorMB = 1769
)

// rowSize returns at least the size of a transaction in a response, as it is escaped
// there.
func rowSize(t *transactionstore.Transaction) int {
	size := rowOverhead + len(t.TransactionID) + len(t.Category)
	for _, text := range append(t.Text.Tags, t.Text.Description, t.Text.Merchant, t.Text.BankName, t.Account) {
		if text != "" {
			size += fieldOverhead + escapedSize(text)
		}
	}
	for _, optional := range []bool{t.Pending, t.ExcludeChoice != nil, len(t.Text.Tags) > 0} {
		if optional {
			size += fieldOverhead + 8
		}
	}
	return size + 2*len(t.Text.Receipt) + 3*len(t.Text.Recurrence)
}

// escapedSize returns the size of a text in JSON inside of JSON.
func escapedSize(text string) int {
	size := len(text)
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			size += 3
		case r < ' ' || r == '<' || r == '>' || r == '&' || r == '\u2028' || r == '\u2029':
			size += 6 // \u003c, its backslash escaped
		}
	}
	return size
}
