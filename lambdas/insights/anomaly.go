package insights

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// anomaly is a transaction of this month that alone is well above an average month of its
// category.
type anomaly struct {
	TransactionID  string       `json:"transactionId"`
	Merchant       string       `json:"merchant"`
	Amount         money.Amount `json:"amount"`
	ExpectedAmount money.Amount `json:"expectedAmount"` // the average month
	Severity       string       `json:"severity"`
	Reason         string       `json:"reason"`
}

var (
	// unusualTimes is how many average months a transaction is at least, to be unusual.
	unusualTimes = decimal.New(15, -1)
	// Above these, it is of medium and of high severity.
	mediumTimes, highTimes = decimal.NewFromInt(2), decimal.NewFromInt(3)
)

const (
	maxAnomalies = 10
	// maxRows is how many of the newest transactions of a month are looked at.
	maxRows = 2000
)

// anomalies returns the unusual transactions of this month, the largest first. A category
// in which this month's spending is not unusual has none, so that most calls read no
// transaction.
func (a *analytics) anomalies(ctx context.Context, userID string, current month, b basis) ([]anomaly, error) {
	suspects := map[string]money.Amount{}
	for code, category := range current.Categories {
		if average := b.averageOf(code); unusual(category.Spend, average) {
			suspects[code] = average
		}
	}
	if len(suspects) == 0 {
		return nil, nil
	}
	page, err := a.rows.List(ctx, userID, transactionstore.Filter{
		From: dates.Day(current.Month + "-01"), To: dates.Day(current.Month + "-31"), Type: "debit",
	}, maxRows, "")
	if err != nil {
		return nil, err
	}
	var found []anomaly
	for _, row := range page.Transactions {
		average, suspect := suspects[row.Category]
		if suspect && !row.Excluded && unusual(row.Amount.Abs(), average) {
			found = append(found, anomalyOf(row, average, b))
		}
	}
	slices.SortStableFunc(found, func(x, y anomaly) int { return y.Amount.Cmp(x.Amount) })
	return found[:min(len(found), maxAnomalies)], nil
}

// unusual reports whether an amount is unusual beside the average month of its category.
// There is nothing to compare with where nothing was spent.
func unusual(amount, average money.Amount) bool {
	return average.Sign() > 0 && atLeast(amount, average, unusualTimes)
}

func atLeast(amount, average money.Amount, times decimal.Decimal) bool {
	return amount.Decimal().Cmp(average.Decimal().Mul(times)) >= 0
}

func anomalyOf(row *transactionstore.Transaction, average money.Amount, b basis) anomaly {
	amount := row.Amount.Abs()
	found := anomaly{
		TransactionID: row.TransactionID, Merchant: cmp.Or(row.Text.Merchant, row.Text.Description, nameOf(row.Category)),
		Amount: amount, ExpectedAmount: average, Severity: "low",
		Reason: fmt.Sprintf("%s on %s on %s. An average month from %s had %s.", amount.Pounds(), nameOf(row.Category), row.Day, b.names(), average.Pounds()),
	}
	switch {
	case atLeast(amount, average, highTimes):
		found.Severity = "high"
	case atLeast(amount, average, mediumTimes):
		found.Severity = "medium"
	}
	return found
}
