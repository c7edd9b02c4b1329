package transactionstore

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Filter selects transactions of a list. Empty fields select all.
type Filter struct {
	// From and To are the first and the last calendar day.
	From, To dates.Day
	// Category is a canonical code.
	Category string
	// Type is "debit" or "credit".
	Type string
	// Source is one of the sources.
	Source string
}

// Page is a page of a list. Next is the cursor of the next page, empty on the last.
type Page struct {
	Transactions []*Transaction
	Next         string
}

// List returns at most limit transactions, the newest first. It sees every write before
// it. After is the Next of the page before; one of another filter, or of another user,
// is store.ErrBadCursor. The transactions have what the index by day holds.
func (s *Store) List(ctx context.Context, userID string, filter Filter, limit int, after string) (Page, error) {
	cursor, err := filter.unbind(after)
	if err != nil || filter.empty() {
		return Page{}, err
	}
	q := store.Query{
		Index: tables.TransactionsByDay, Partition: userID, Sort: filter.days(), Filter: filter.condition(),
		Descending: true, Limit: limit, Consistency: store.Consistent, After: cursor,
	}
	var found store.Page[store.SealedItem]
	key, err := s.withKey(ctx, userID, func() (err error) {
		found, err = s.items.Query(ctx, q)
		return err
	})
	if err != nil {
		return Page{}, err
	}
	page := Page{Transactions: make([]*Transaction, len(found.Items)), Next: filter.bind(found.Next)}
	for i, item := range found.Items {
		if page.Transactions[i], err = s.open(key, item); err != nil {
			return Page{}, err
		}
	}
	return page, nil
}

// CursorAfter returns the cursor of the page that begins after a transaction of a list,
// for a page that is cut short.
func (s *Store) CursorAfter(filter Filter, t *Transaction) (string, error) {
	cursor, err := s.items.Cursor(tables.TransactionsByDay, store.SealedItem{
		"userId": text(t.UserID), "transactionId": text(t.TransactionID), "position": text(t.Position),
	})
	return filter.bind(cursor), err
}

// empty reports whether the filter ends before it begins, which DynamoDB refuses.
func (f Filter) empty() bool { return f.From != "" && f.To != "" && f.From > f.To }

// days is the condition on the position of transactions between two days.
func (f Filter) days() expression.KeyConditionBuilder {
	if f.From == "" && f.To == "" {
		return expression.KeyConditionBuilder{}
	}
	from, to := orDefault(string(f.From), "0000"), orDefault(string(f.To), "9999")
	return expression.Key(tables.TransactionsByDay.SortKey.Name).Between(expression.Value(from), expression.Value(to+"~")) // positions go on with "#"
}

func (f Filter) condition() expression.ConditionBuilder {
	var all []expression.ConditionBuilder
	if f.Category != "" {
		all = append(all, expression.Name("category").Equal(expression.Value(f.Category)))
	}
	if f.Source != "" {
		all = append(all, expression.Name("source").Equal(expression.Value(f.Source)))
	}
	switch f.Type {
	case "debit":
		all = append(all, expression.Name("amount").LessThanEqual(expression.Value(0)))
	case "credit":
		all = append(all, expression.Name("amount").GreaterThan(expression.Value(0)))
	}
	switch len(all) {
	case 0:
		return expression.ConditionBuilder{}
	case 1:
		return all[0]
	}
	return expression.And(all[0], all[1], all[2:]...)
}

// bind and unbind keep a cursor to the filter that it came from.
func (f Filter) bind(cursor string) string {
	if cursor == "" {
		return ""
	}
	return f.mark() + "." + cursor
}

func (f Filter) unbind(bound string) (string, error) {
	if bound == "" {
		return "", nil
	}
	mark, cursor, _ := strings.Cut(bound, ".")
	if mark != f.mark() || cursor == "" {
		return "", store.ErrBadCursor.Because(fmt.Errorf("a cursor of another filter"))
	}
	return cursor, nil
}

func (f Filter) mark() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", f))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// Get returns a transaction, or store.ErrNotFound.
func (s *Store) Get(ctx context.Context, userID, id string) (*Transaction, error) {
	var item *store.SealedItem
	key, err := s.withKey(ctx, userID, func() (err error) {
		item, err = s.items.Get(ctx, store.Key{userID, id}, store.Consistent)
		return err
	})
	if err != nil {
		return nil, err
	}
	t, err := s.open(key, *item)
	if err == nil && t.DeletedAt != 0 {
		return nil, store.ErrNotFound
	}
	return t, err
}

// GetAll returns the transactions with these ids that exist, by id.
func (s *Store) GetAll(ctx context.Context, userID string, ids ...string) (map[string]*Transaction, error) {
	_, found, err := s.read(ctx, userID, ids)
	return found, err
}

// Merchant is a transaction with a merchant, as the index by merchant has it.
type Merchant struct {
	TransactionID string       `dynamodbav:"transactionId"`
	Category      string       `dynamodbav:"category"`
	Day           string       `dynamodbav:"day"`
	Amount        money.Amount `dynamodbav:"amount"`
	Excluded      bool         `dynamodbav:"excluded"`
}

// WithMerchant returns at most limit transactions whose normalised merchant is that of
// the text.
func (s *Store) WithMerchant(ctx context.Context, userID, merchant string, limit int) ([]Merchant, error) {
	key, err := s.keys.DataKey(ctx, userID)
	if err != nil {
		return nil, err
	}
	hash, err := hashMerchant(key, merchant)
	if err != nil || hash == "" {
		return nil, err
	}
	return s.WithMerchantHash(ctx, userID, hash, limit)
}

// WithMerchantHash returns at most limit transactions with a MerchantHash. It needs no
// data key.
func (s *Store) WithMerchantHash(ctx context.Context, userID, hash string, limit int) ([]Merchant, error) {
	page, err := s.items.Query(ctx, store.Query{
		Index: tables.TransactionsByMerchant, Partition: userID, Limit: limit, Consistency: store.Consistent,
		Sort: expression.Key(tables.TransactionsByMerchant.SortKey.Name).Equal(expression.Value(hash)),
	})
	if err != nil {
		return nil, err
	}
	found := make([]Merchant, len(page.Items))
	for i, item := range page.Items {
		if err := attributevalue.UnmarshalMap(item, &found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func text(value string) *types.AttributeValueMemberS {
	return &types.AttributeValueMemberS{Value: value}
}
