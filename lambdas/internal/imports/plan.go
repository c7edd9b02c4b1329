package imports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/categoryrules"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/importidentity"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Plan is what an import of a file has to do.
type Plan struct {
	// New are the transactions to create, ordered by day.
	New []transactionstore.Transaction
	// Duplicates is the number of rows that are stored already, or were deleted.
	Duplicates int
	// ByRule is how many new rows have their category by a rule of the user, and
	// ByKeyword how many have it by their text.
	ByRule, ByKeyword int
	// From and To are the days of the file.
	From, To dates.Day
}

// Plan returns what an import of the file has to do. It writes nothing.
func (i *Importer) Plan(ctx context.Context, userID string, file File) (Plan, error) {
	rows := file.identities()
	plan := Plan{}
	plan.From, plan.To = period(rows)
	decisions, ids, err := i.decide(ctx, userID, file, rows)
	if err != nil {
		return Plan{}, err
	}
	other, err := i.otherSource(ctx, userID, file, plan, rows, decisions)
	if err != nil {
		return Plan{}, err
	}
	made := maker{file: file, importID: file.ID()}
	for n, decision := range decisions {
		if decision.Duplicate || other[n] {
			plan.Duplicates++
			continue
		}
		plan.New = append(plan.New, made.transaction(n, ids[n], rows[n].Day))
	}
	if err := i.categorise(ctx, userID, &plan); err != nil {
		return Plan{}, err
	}
	slices.SortStableFunc(plan.New, func(a, b transactionstore.Transaction) int { return cmp.Compare(a.Day, b.Day) })
	return plan, nil
}

// decide compares the rows with what is stored. It returns the id of each row too.
func (i *Importer) decide(ctx context.Context, userID string, file File, rows []importidentity.Row) ([]importidentity.Decision, []string, error) {
	identity := importidentity.NewFile(file.scope(), rows)
	keys := identity.Keys()
	ids, err := i.ids(ctx, userID, keys)
	if err != nil {
		return nil, nil, err
	}
	stored, err := i.transactions.Imported(ctx, userID, ids...)
	if err != nil {
		return nil, nil, err
	}
	known, idOf := map[importidentity.Key]importidentity.Stored{}, map[importidentity.Key]string{}
	for n, key := range keys {
		idOf[key] = ids[n]
		if found, is := stored[ids[n]]; is {
			known[key] = importidentity.Stored(found)
		}
	}
	decisions := identity.Decide(known)
	ofRows := make([]string, len(rows))
	for n, decision := range decisions {
		ofRows[n] = idOf[decision.Key]
	}
	return decisions, ofRows, nil
}

// ids returns the ids of transactions with these identities.
func (i *Importer) ids(ctx context.Context, userID string, keys []importidentity.Key) ([]string, error) {
	parts := make([][]string, len(keys))
	for n, key := range keys {
		parts[n] = key.Parts()
	}
	ids, err := i.transactions.ImportedIDs(ctx, userID, parts)
	for n, key := range keys {
		if err == nil {
			ids[n] = fmt.Sprintf("%s-%d", ids[n], key.Occurrence)
		}
	}
	return ids, err
}

// otherSource returns which of the rows that are no duplicates came already from the other
// kind of file of the bank. A duplicate uses up no transaction of the other kind.
func (i *Importer) otherSource(
	ctx context.Context, userID string, file File, plan Plan, rows []importidentity.Row, decisions []importidentity.Decision,
) (map[int]bool, error) {
	source := transactionstore.Statement
	if file.Source == transactionstore.Statement {
		source = transactionstore.CSV
	}
	stored, err := i.between(ctx, userID, transactionstore.Filter{From: plan.From, To: plan.To, Source: source})
	if err != nil {
		return nil, err
	}
	var existing []importidentity.Existing
	for _, t := range stored {
		if t.Account == file.Bank {
			existing = append(existing, importidentity.Existing{ID: t.TransactionID, Row: importidentity.Row{
				Day: dates.Day(t.Day), Amount: t.Amount, Text: cmp.Or(t.Text.Original, t.Text.Description),
			}})
		}
	}
	var left []importidentity.Row
	var indexes []int
	for n, decision := range decisions {
		if !decision.Duplicate {
			left, indexes = append(left, rows[n]), append(indexes, n)
		}
	}
	found := map[int]bool{}
	for n := range importidentity.FromOtherSource(left, existing) {
		found[indexes[n]] = true
	}
	return found, nil
}

// maker makes transactions of the rows of a file.
type maker struct {
	file     File
	importID string
}

func (m maker) transaction(n int, id string, day dates.Day) transactionstore.Transaction {
	row := m.file.Rows[n]
	t := transactionstore.Transaction{
		Transaction: tables.Transaction{
			TransactionID: id, Day: string(day), At: row.At.UnixMilli(), Rank: m.rank(n), Amount: row.Amount, Category: string(cmp.Or(row.Category, categories.Other)),
			Account: m.file.Bank, Source: m.file.Source, ImportID: m.importID,
		},
		Text: transactionstore.Texts{Description: row.Description, Merchant: row.Merchant, BankName: m.file.BankName, Original: row.Description},
	}
	return t
}

// rank orders rows of one moment as the bank did, whether it lists the newest first or
// last.
func (m maker) rank(n int) int {
	if rows := m.file.Rows; rows[0].At.After(rows[len(rows)-1].At) {
		return len(rows) - n
	}
	return n
}

// categorise gives new transactions the categories of the user's rules. Without a rule,
// a category that the client did not know comes from the text.
func (i *Importer) categorise(ctx context.Context, userID string, plan *Plan) error {
	rules, err := i.rules.All(ctx, userID)
	if err != nil {
		return err
	}
	names := make([]string, len(plan.New))
	for n := range plan.New {
		names[n] = cmp.Or(plan.New[n].Text.Merchant, plan.New[n].Text.Description)
	}
	hashes, err := i.transactions.MerchantHashes(ctx, userID, names...)
	if err != nil {
		return err
	}
	for n := range plan.New {
		switch t := &plan.New[n]; {
		case rules.Apply(t, hashes[n]):
			plan.ByRule++
		case t.Category == string(categories.Other):
			if code, known := merchants.Category(t.Text.Description); known {
				t.Category = string(code)
				plan.ByKeyword++
			}
		}
	}
	return nil
}

// Rules are the rules of users that an importer applies.
type Rules interface {
	All(ctx context.Context, userID string) (categoryrules.Set, error)
}

// Importer imports files. It is safe for concurrent use.
type Importer struct {
	transactions *transactionstore.Store
	rules        Rules
	now          func() time.Time
}

// New returns an importer into this store with these rules. Only Plan needs rules.
func New(transactions *transactionstore.Store, rules Rules, now func() time.Time) *Importer {
	return &Importer{transactions, rules, now}
}
