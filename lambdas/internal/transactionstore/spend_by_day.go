package transactionstore

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// SpendByDayPermissions are for SpendByDay. It needs no data key.
var SpendByDayPermissions = function.Permissions{
	Tables: []tables.Grant{tables.Transactions.AllowQuery(tables.TransactionsByDay)},
}

// spendPage is how many transactions are read at once.
const spendPage = 1000

// SpendByDay returns what was spent on each day from one to another, both included,
// without what is excluded. Days without spending are left out. It reads the transactions
// of these days, and no text of them.
func (s *Store) SpendByDay(ctx context.Context, userID string, from, to dates.Day) (map[dates.Day]money.Amount, error) {
	q := store.Query{
		Index: tables.TransactionsByDay, Partition: userID, Sort: Filter{From: from, To: to}.days(), Limit: spendPage,
		Attributes: []string{"day", "amount", "excluded"}, Consistency: store.Consistent,
	}
	spent := map[dates.Day]money.Amount{}
	for {
		page, err := s.items.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			var row struct {
				Day      dates.Day    `dynamodbav:"day"`
				Amount   money.Amount `dynamodbav:"amount"`
				Excluded bool         `dynamodbav:"excluded"`
			}
			if err := attributevalue.UnmarshalMap(item, &row); err != nil {
				return nil, err
			}
			if row.Amount.Sign() < 0 && !row.Excluded {
				spent[row.Day] = spent[row.Day].Add(row.Amount.Abs())
			}
		}
		if q.After = page.Next; q.After == "" {
			return spent, nil
		}
	}
}
