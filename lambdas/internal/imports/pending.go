package imports

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/packed"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	// partSize is how many transactions a part has. A consumer writes them in two seconds,
	// at 1,000 write units a second and four for each transaction.
	partSize = 500
	// retention is longer than a message waits in its queue and among the dead letters.
	retention = 30 * 24 * time.Hour
)

// Part names a part of an import that a consumer is to write. It has no text of the user.
type Part struct {
	UserID   string `json:"userId"`
	ImportID string `json:"importId"`
	// Attempt is the request that saved the part. Another attempt has parts of its own,
	// so that no consumer deletes rows that it has not read.
	Attempt string    `json:"attempt"`
	Number  int       `json:"number"`
	From    dates.Day `json:"from"`
	To      dates.Day `json:"to"`
	// At is when the part was stored, in epoch milliseconds.
	At int64 `json:"at"`
}

func (p Part) key() store.Key { return store.Key{p.UserID, p.ID()} }

// ID returns the id of the part among those of its user.
func (p Part) ID() string { return fmt.Sprintf("%s#%s#%04d", p.ImportID, p.Attempt, p.Number) }

// Pending is the parts that are not yet written. It is safe for concurrent use.
type Pending struct {
	items *sealed.Table[tables.PendingImport]
	raw   *store.Table[store.SealedItem]
	now   func() time.Time
}

// NewPending returns the parts in this table, which is given sealed and as it is stored.
func NewPending(items *sealed.Table[tables.PendingImport], raw *store.Table[store.SealedItem], now func() time.Time) *Pending {
	return &Pending{items, raw, now}
}

// Save stores transactions that are to be created, and returns their parts.
func (p *Pending) Save(ctx context.Context, userID, importID string, plan Plan, left []transactionstore.Transaction) ([]Part, error) {
	var parts []Part
	attempt := rand.Text()
	for len(left) > 0 {
		n := min(partSize, len(left))
		part := Part{userID, importID, attempt, len(parts), plan.From, plan.To, p.now().UnixMilli()}
		rows, err := encodeRows(left[:n])
		if err != nil {
			return nil, err
		}
		item := tables.PendingImport{
			UserID: userID, PartID: part.ID(), Rows: tables.EncryptedString(rows), ExpiresAt: p.now().Add(retention).Unix(),
		}
		if err := p.items.Put(ctx, userID, item); err != nil {
			return nil, err
		}
		parts, left = append(parts, part), left[n:]
	}
	return parts, nil
}

// Load returns the transactions of a part. There are none when the part is written, or
// when the user's data were erased.
func (p *Pending) Load(ctx context.Context, part Part) ([]transactionstore.Transaction, error) {
	item, err := p.items.Get(ctx, part.key())
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decodeRows(string(item.Rows))
}

// Exists is the condition that a part is not written and not erased.
func (p *Pending) Exists(part Part) store.Write { return p.raw.TxConditionCheck(part.key()) }

// Done deletes a part, and reports whether no other part of the import is left.
func (p *Pending) Done(ctx context.Context, part Part) (last bool, err error) {
	if err := p.raw.Delete(ctx, part.key()); err != nil {
		return false, err
	}
	others, err := p.raw.Query(ctx, store.Query{
		Partition: part.UserID, Limit: 1, KeysOnly: true, Consistency: store.Consistent,
		Sort: expression.Key(tables.PendingImports.SortKey.Name).BeginsWith(part.ImportID + "#"),
	})
	return len(others.Items) == 0, err
}

// pendingRow is a transaction of a part as it is stored: the release before and after a
// deployment read it.
type pendingRow struct {
	ID       string                 `json:"id"`
	Day      string                 `json:"day"`
	At       int64                  `json:"at"`
	Rank     int                    `json:"rank"`
	Amount   money.Amount           `json:"amount"`
	Category string                 `json:"category"`
	Exclude  *bool                  `json:"exclude,omitempty"`
	Account  string                 `json:"account"`
	Source   string                 `json:"source"`
	ImportID string                 `json:"importId"`
	Text     transactionstore.Texts `json:"text"`
}

func encodeRows(transactions []transactionstore.Transaction) (string, error) {
	rows := make([]pendingRow, len(transactions))
	for n, t := range transactions {
		rows[n] = pendingRow{t.TransactionID, t.Day, t.At, t.Rank, t.Amount, t.Category, t.ExcludeChoice, t.Account, t.Source, t.ImportID, t.Text}
	}
	return packed.Encode(rows)
}

func decodeRows(text string) ([]transactionstore.Transaction, error) {
	var rows []pendingRow
	if err := packed.Decode(text, &rows); err != nil {
		return nil, fmt.Errorf("the rows of an import: %w", err)
	}
	transactions := make([]transactionstore.Transaction, len(rows))
	for n, row := range rows {
		transactions[n] = transactionstore.Transaction{
			Transaction: tables.Transaction{
				TransactionID: row.ID, Day: row.Day, At: row.At, Rank: row.Rank, Amount: row.Amount, Category: row.Category,
				ExcludeChoice: row.Exclude, Account: row.Account, Source: row.Source, ImportID: row.ImportID,
			},
			Text: row.Text,
		}
	}
	return transactions, nil
}
