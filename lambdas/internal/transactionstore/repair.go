package transactionstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Difference is a figure of a month that is not what the month's transactions add up to.
type Difference struct {
	Month   string       `json:"month"`
	Figure  string       `json:"figure"`
	Kept    money.Amount `json:"kept"`
	Counted money.Amount `json:"counted"`
}

// maxRepairAttempts is how often a month is counted again, because of other writes.
const maxRepairAttempts = 8

// Repair counts a user's transactions and compares them with the figures of each month.
// It returns the differences, and corrects them if it is to. Other requests may write
// meanwhile: a month is only judged when no write came between its two readings.
func (s *Store) Repair(ctx context.Context, userID string, correct bool) ([]Difference, error) {
	stored, err := s.storedFigures(ctx, userID, "", "")
	if err != nil {
		return nil, err
	}
	counted, err := s.count(ctx, userID, "", "")
	if err != nil {
		return nil, err
	}
	kept, months := deltas{}, map[string]bool{}
	for _, one := range stored {
		kept[one.month], months[one.month] = one.figures, true
	}
	for month := range counted {
		months[month] = true
	}
	var all []Difference
	var problems []error
	for _, month := range slices.Sorted(maps.Keys(months)) {
		if len(differences(month, kept[month], counted[month])) == 0 {
			continue
		}
		found, err := s.repairMonth(ctx, userID, month, correct)
		all, problems = append(all, found...), append(problems, err)
	}
	return all, errors.Join(problems...)
}

// repairMonth compares one month, whose first comparison may have been disturbed.
func (s *Store) repairMonth(ctx context.Context, userID, month string, correct bool) ([]Difference, error) {
	for range maxRepairAttempts {
		before, err := s.figuresOfMonth(ctx, userID, month)
		if err != nil {
			return nil, err
		}
		counted, err := s.count(ctx, userID, dates.Day(month+"-01"), dates.Day(month+"-31"))
		if err != nil {
			return nil, err
		}
		found := differences(month, before.figures, counted[month])
		if len(found) == 0 {
			return nil, nil
		}
		if !correct {
			after, err := s.figuresOfMonth(ctx, userID, month)
			if err != nil || after.version == before.version {
				return found, err
			}
			continue
		}
		err = s.correct(ctx, userID, before, counted[month])
		if err == nil || !errors.Is(err, store.ErrConditionFailed) {
			return found, err
		}
	}
	return nil, fmt.Errorf("repair figures of %s: %w", month, store.ErrConflict)
}

// correct replaces figures by those that were counted, unless a transaction of the month
// was written meanwhile: each such write changes the version.
func (s *Store) correct(ctx context.Context, userID string, before monthFigures, counted figures) error {
	unchanged := expression.Name(versionAttribute).AttributeNotExists()
	if before.version != "" {
		unchanged = expression.Name(versionAttribute).Equal(expression.Value(before.version))
	}
	key := store.Key{userID, before.month}
	if len(counted) == 0 {
		return s.figures.Delete(ctx, key, unchanged)
	}
	item, err := attributevalue.MarshalMap(counted)
	if err != nil {
		return err
	}
	item["userId"], item["month"], item[versionAttribute] = text(userID), text(before.month), text(rand.Text())
	return s.figures.Put(ctx, item, unchanged)
}

// figuresOfMonth returns the figures of a month, empty ones when there are none.
func (s *Store) figuresOfMonth(ctx context.Context, userID, month string) (monthFigures, error) {
	item, err := s.figures.Get(ctx, store.Key{userID, month}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return monthFigures{month: month, figures: figures{}}, nil
	}
	if err != nil {
		return monthFigures{}, err
	}
	return readFigures(*item)
}

// count returns what the transactions between two days add up to. It reads only what is
// not sealed.
func (s *Store) count(ctx context.Context, userID string, from, to dates.Day) (deltas, error) {
	counted := deltas{}
	q := store.Query{
		Index: tables.TransactionsByDay, Partition: userID, Sort: Filter{From: from, To: to}.days(),
		Attributes: []string{"day", "amount", "category", "excluded"}, Limit: countedAtOnce, Consistency: store.Consistent,
	}
	for {
		page, err := s.items.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			var t Transaction
			if err := attributevalue.UnmarshalMap(item, &t.Transaction); err != nil {
				return nil, err
			}
			counted.change(nil, &t)
		}
		if page.Next == "" {
			return counted, nil
		}
		q.After = page.Next
	}
}

// countedAtOnce is how many transactions are in memory at once while they are counted.
const countedAtOnce = 5000

// differences compares figures, and returns those that differ in the order of their
// names.
func differences(month string, kept, counted figures) []Difference {
	names := slices.Collect(maps.Keys(kept))
	names = slices.AppendSeq(names, maps.Keys(counted))
	slices.Sort(names)
	var found []Difference
	for _, name := range slices.Compact(names) {
		if !kept[name].Equal(counted[name]) {
			found = append(found, Difference{month, name, kept[name], counted[name]})
		}
	}
	return found
}
