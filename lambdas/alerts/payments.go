package alerts

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

const (
	// recentDays is how old a payment is at most of which a user is alerted: an import
	// brings those of years.
	recentDays = 3
	// historyDays is the time whose payments say what is usual, and maxHistory how many of
	// them are read.
	historyDays, maxHistory = 90, 2000
	// fewestPayments is how many earlier payments of a category say what is usual.
	fewestPayments = 8
	// unusualFactor is how many times the usual payment an unusual one is.
	unusualFactor = 3
)

var (
	// largePayment is the amount from which a payment is large, whatever is usual.
	largePayment = money.FromMinor(50_000, 2)
	// smallPayment is the amount below which no payment is unusual.
	smallPayment = money.FromMinor(5_000, 2)
)

// payment is what of a transaction tells what is usual.
type payment struct {
	UserID        string       `dynamodbav:"userId"`
	TransactionID string       `dynamodbav:"transactionId"`
	Amount        money.Amount `dynamodbav:"amount"`
	Category      string       `dynamodbav:"category"`
	Excluded      bool         `dynamodbav:"excluded"`
}

// TransactionChanged alerts of a new payment that is large, or much larger than the user's
// earlier payments of its category.
func (d *detect) TransactionChanged(ctx context.Context, changed transactions.TransactionChanged) error {
	made := changed.After
	if changed.Kind != transactions.TransactionCreated || made == nil || made.Excluded || made.Amount.Sign() >= 0 || !d.isRecent(made.Day) {
		return nil
	}
	spent := made.Amount.Neg()
	if spent.Cmp(smallPayment) < 0 {
		return nil
	}
	preferences, err := stored(ctx, d.preferences, changed.UserID)
	if err != nil || !preferences.Alerts.Anomalies {
		return err
	}
	alert := tables.ProactiveAlert{
		UserID: changed.UserID, ID: "payment-" + changed.TransactionID, Type: "SPENDING_ANOMALY", Priority: "MEDIUM", Event: notifications.LargePayment,
		TransactionID: changed.TransactionID, Category: made.Category, Day: made.Day, Amount: spent, CreatedAt: beginOf(made.Day),
	}
	source := erasure.CausedAt(changed.At)
	if spent.Cmp(largePayment) < 0 {
		source = source.AndReadAt(d.now())
		unusual, err := d.isUnusual(ctx, changed, spent)
		if err != nil || !unusual {
			return err
		}
		alert.Event = notifications.UnusualSpend
	}
	return d.raise(ctx, alert, source)
}

// isRecent reports whether a day is one of the last days in London.
func (d *detect) isRecent(day string) bool {
	now := d.now()
	return day > string(calendar.DayOf(now.AddDate(0, 0, -recentDays))) && day <= string(calendar.DayOf(now.AddDate(0, 0, 1)))
}

// beginOf returns the beginning of a day in epoch milliseconds.
func beginOf(day string) int64 {
	at, err := dates.ParseDay(day)
	if err != nil {
		return 0
	}
	return at.UnixMilli()
}

// isUnusual reports whether a payment is unusualFactor times the median of the earlier
// payments of its category, or more.
func (d *detect) isUnusual(ctx context.Context, changed transactions.TransactionChanged, spent money.Amount) (bool, error) {
	from := string(calendar.DayOf(d.now().AddDate(0, 0, -historyDays)))
	page, err := d.payments.Query(ctx, store.Query{
		Index: tables.TransactionsByDay, Partition: changed.UserID, Sort: expression.Key("position").GreaterThanEqual(expression.Value(from)),
		Attributes: []string{"amount", "category", "excluded"}, Limit: maxHistory, Descending: true,
	})
	if err != nil {
		return false, err
	}
	var earlier []money.Amount
	for _, p := range page.Items {
		if p.TransactionID != changed.TransactionID && p.Category == changed.After.Category && !p.Excluded && p.Amount.Sign() < 0 {
			earlier = append(earlier, p.Amount.Neg())
		}
	}
	if len(earlier) < fewestPayments {
		return false, nil
	}
	slices.SortFunc(earlier, money.Amount.Cmp)
	threshold := money.Amount{}
	for range unusualFactor {
		threshold = threshold.Add(earlier[len(earlier)/2])
	}
	return spent.Cmp(threshold) >= 0, nil
}
