package imports

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/backoff"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/importidentity"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
)

const (
	// chunkSize is how many transactions are created at once, with the figures of their
	// months: as many as fit a transaction of DynamoDB.
	chunkSize = 90
	// pageSize is how many transactions of the user are read at once.
	pageSize = 5000
)

// throttled is the pause after DynamoDB refused a chunk for lack of capacity. A chunk
// takes the capacity of a third of a second.
var throttled = backoff.FullJitter{Base: 200 * time.Millisecond, Max: time.Second}

// Written is what Write did.
type Written struct {
	// Created is the number of transactions that this import created, and Existed of
	// those that another import created meanwhile.
	Created, Existed int
	// Left are the transactions that the time did not allow.
	Left []transactionstore.Transaction
}

// Write creates transactions until a moment. After an error, Written has what was done
// before it: the rest may be done too, if its response was lost. Writing it again is
// harmless.
func (i *Importer) Write(ctx context.Context, userID string, transactions []transactionstore.Transaction, until time.Time) (Written, error) {
	done := Written{Left: transactions}
	for attempt := 0; len(done.Left) > 0 && i.now().Before(until); {
		n := min(chunkSize, len(done.Left))
		changes := make([]transactionstore.Change, n)
		for c := range changes {
			changes[c] = transactionstore.Create(done.Left[c])
		}
		results, err := i.transactions.Apply(ctx, userID, changes)
		if isThrottled(err) && backoff.Sleep(ctx, throttled.Wait(attempt)) {
			attempt++
			continue
		}
		if err != nil {
			return done, err
		}
		attempt = 0
		for _, result := range results {
			if result.Outcome == transactionstore.Created {
				done.Created++
			} else {
				done.Existed++
			}
		}
		done.Left = done.Left[n:]
	}
	return done, nil
}

// isThrottled reports whether the chunk may be tried again: DynamoDB has no capacity, or
// other requests write the same months.
func isThrottled(err error) bool { return errors.Is(err, store.ErrConflict) || store.Throttled(err) }

// LinkTransfers links the transfers between the user's accounts with a leg between two
// days, and removes links that only one leg has.
func (i *Importer) LinkTransfers(ctx context.Context, userID string, from, to dates.Day) error {
	stored, err := i.between(ctx, userID, transactionstore.Filter{From: shift(from, -importidentity.MaxTransferDays), To: shift(to, importidentity.MaxTransferDays)})
	if err != nil {
		return err
	}
	byID := make(map[string]*transactionstore.Transaction, len(stored))
	for _, t := range stored {
		byID[t.TransactionID] = t
	}
	var legs []importidentity.Leg
	left := map[string]string{}
	for _, t := range stored {
		other := byID[t.TransferID]
		linked := t.TransferID != "" && (other == nil || other.TransferID == t.TransactionID)
		if t.TransferID != "" && !linked {
			left[t.TransactionID] = t.TransferID
		}
		legs = append(legs, importidentity.Leg{
			ID: t.TransactionID, Account: t.Account, Day: dates.Day(t.Day), Amount: t.Amount, Text: t.Text.Description, Taken: linked || t.Refused(),
		})
	}
	var changes []transactionstore.Change
	for _, pair := range importidentity.Pairs(legs) {
		changes = append(changes, transactionstore.Link(pair.Out.ID, pair.In.ID)...)
		delete(left, pair.Out.ID)
		delete(left, pair.In.ID)
	}
	for id, other := range left {
		changes = append(changes, transactionstore.Unlink(id, other))
	}
	if len(changes) == 0 {
		return nil
	}
	_, err = i.transactions.Apply(ctx, userID, changes)
	return err
}

// between returns all transactions that a filter selects.
func (i *Importer) between(ctx context.Context, userID string, filter transactionstore.Filter) (all []*transactionstore.Transaction, err error) {
	for cursor := ""; ; {
		page, err := i.transactions.List(ctx, userID, filter, pageSize, cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Transactions...)
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}

// shift returns the day so many days later.
func shift(day dates.Day, days int) dates.Day {
	at, err := dates.ParseDay(string(day))
	if err != nil {
		return day
	}
	return dates.DayOf(at.AddDate(0, 0, days))
}
