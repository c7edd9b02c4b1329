package transactionstore

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Month is what a user's transactions of one month add up to. All amounts but those of
// Net are positive.
type Month struct {
	// Month is the calendar month, YYYY-MM.
	Month string
	// Count is the number of transactions.
	Count int
	// Credits and Debits are the sums of all money in and out.
	Credits, Debits money.Amount
	// Income and Spend are Credits and Debits without what is excluded.
	Income, Spend money.Amount
	// Categories are the parts of Income and Spend, by canonical code.
	Categories map[string]Category
	// Days are the days of the month with transactions, in order.
	Days []int
}

// Category is what one category has of a month, without what is excluded.
type Category struct{ Income, Spend money.Amount }

// Net returns what the month added to the user's balance.
func (m Month) Net() money.Amount { return m.Credits.Sub(m.Debits) }

// FindMonth returns the figures of a month, YYYY-MM, and whether they are among the given
// ones. A month without transactions has none, and is zero.
func FindMonth(months []Month, name string) (Month, bool) {
	i := slices.IndexFunc(months, func(m Month) bool { return m.Month == name })
	if i < 0 {
		return Month{Month: name}, false
	}
	return months[i], true
}

// The names of the attributes of figures. Those that end in a colon are followed by a
// category or a day.
const (
	countFigure    = "count"
	creditsFigure  = "credits"
	debitsFigure   = "debits"
	incomeFigure   = "income"
	spendFigure    = "spend"
	incomeOfFigure = "income:"
	spendOfFigure  = "spend:"
	onDayFigure    = "day:"

	versionAttribute = "version"
)

// figures are numbers by the name of their attribute. Those that are missing are zero.
type figures map[string]money.Amount

func (f figures) add(name string, amount money.Amount) {
	if sum := f[name].Add(amount); sum.IsZero() {
		delete(f, name)
	} else {
		f[name] = sum
	}
}

// figuresOf returns what a transaction adds to the figures of its month.
func figuresOf(t *Transaction) figures {
	one, found := money.FromMinor(1, 0), figures{}
	total, part, partOf := creditsFigure, incomeFigure, incomeOfFigure
	if t.Debit() {
		total, part, partOf = debitsFigure, spendFigure, spendOfFigure
	}
	found.add(countFigure, one)
	found.add(onDayFigure+t.Day[len(t.Day)-2:], one)
	found.add(total, t.Amount.Abs())
	if !t.Excluded {
		found.add(part, t.Amount.Abs())
		found.add(partOf+t.Category, t.Amount.Abs())
	}
	return found
}

// deltas are changes of figures, by month.
type deltas map[string]figures

// change adds what a transaction adds to its month, and takes away what it added
// before. Either may be nil.
func (d deltas) change(before, after *Transaction) {
	for t, sign := range map[*Transaction]int64{before: -1, after: 1} {
		if t == nil {
			continue
		}
		if d[t.Month()] == nil {
			d[t.Month()] = figures{}
		}
		for name, amount := range figuresOf(t) {
			if sign < 0 {
				amount = amount.Neg()
			}
			d[t.Month()].add(name, amount)
		}
	}
	maps.DeleteFunc(d, func(_ string, f figures) bool { return len(f) == 0 })
}

// writes returns the writes that apply the changes to the stored figures.
func (d deltas) writes(userID string, stored *store.Table[store.SealedItem]) []store.Write {
	var writes []store.Write
	for _, month := range slices.Sorted(maps.Keys(d)) {
		change := expression.Set(expression.Name(versionAttribute), expression.Value(rand.Text()))
		for name, amount := range d[month] {
			change = change.Add(expression.Name(name), expression.Value(amount))
		}
		writes = append(writes, stored.TxUpsert(store.Key{userID, month}, change))
	}
	return writes
}

// maxMonths is more months than a user has: 100 years.
const maxMonths = 1200

// Months returns the figures of the months that have transactions, from one month to
// another, both included, the newest first. Empty bounds are open. It reads one page of
// items, whatever number of transactions they count (Query on TransactionFigures).
func (s *Store) Months(ctx context.Context, userID, from, to string) ([]Month, error) {
	stored, err := s.storedFigures(ctx, userID, from, to)
	if err != nil {
		return nil, err
	}
	var months []Month
	for _, one := range stored {
		if month := one.decode(); month.Count > 0 {
			months = append(months, month)
		}
	}
	return months, nil
}

// monthFigures are the figures of a month as they are stored.
type monthFigures struct {
	month, version string
	figures        figures
}

func (s *Store) storedFigures(ctx context.Context, userID, from, to string) ([]monthFigures, error) {
	key := expression.Key(tables.TransactionFigures.SortKey.Name)
	q := store.Query{Partition: userID, Descending: true, Limit: maxMonths, Consistency: store.Consistent}
	if from != "" && to != "" && from > to {
		return nil, nil
	}
	if from != "" || to != "" {
		q.Sort = key.Between(expression.Value(orDefault(from, "0000-00")), expression.Value(orDefault(to, "9999-99")))
	}
	page, err := s.figures.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	months := make([]monthFigures, len(page.Items))
	for i, item := range page.Items {
		if months[i], err = readFigures(item); err != nil {
			return nil, err
		}
	}
	return months, nil
}

func orDefault(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// readFigures returns the figures of an item: its numbers but for the time of the write.
func readFigures(item store.SealedItem) (monthFigures, error) {
	found := monthFigures{figures: figures{}}
	for name, value := range item {
		switch v := value.(type) {
		case *types.AttributeValueMemberN:
			if name == store.WrittenAt {
				continue
			}
			amount, err := money.Parse(v.Value)
			if err != nil {
				return found, fmt.Errorf("figure %s: %w", name, err)
			}
			found.figures.add(name, amount)
		case *types.AttributeValueMemberS:
			switch name {
			case tables.TransactionFigures.SortKey.Name:
				found.month = v.Value
			case versionAttribute:
				found.version = v.Value
			}
		}
	}
	return found, nil
}

func (m monthFigures) decode() Month {
	f := m.figures
	found := Month{
		Month: m.month, Count: int(f[countFigure].Decimal().IntPart()), Categories: map[string]Category{},
		Credits: f[creditsFigure], Debits: f[debitsFigure], Income: f[incomeFigure], Spend: f[spendFigure],
	}
	for name, amount := range f {
		if code, ok := strings.CutPrefix(name, incomeOfFigure); ok {
			category := found.Categories[code]
			category.Income = amount
			found.Categories[code] = category
		}
		if code, ok := strings.CutPrefix(name, spendOfFigure); ok {
			category := found.Categories[code]
			category.Spend = amount
			found.Categories[code] = category
		}
		if text, ok := strings.CutPrefix(name, onDayFigure); ok {
			if day, err := strconv.Atoi(text); err == nil {
				found.Days = append(found.Days, day)
			}
		}
	}
	slices.Sort(found.Days)
	return found
}
