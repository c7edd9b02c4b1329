package achievements

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure/erasuretest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

// counts are how many transactions users have, half of them in one month.
type counts map[string]int

func (c counts) Months(_ context.Context, userID, _, _ string) ([]transactionstore.Month, error) {
	return []transactionstore.Month{{Count: c[userID] / 2}, {Count: c[userID] - c[userID]/2}}, nil
}

func TestCount_Milestones_AreRecordedOnce(t *testing.T) {
	users, name := newTable[account](t, tables.Users)
	must(t, users.Put(t.Context(), account{"ada"}))
	achievements, _ := newTable[tables.Achievement](t, tables.Achievements)
	has, at := counts{"ada": 1, "gone": 5}, time.UnixMilli(7)
	a := &transactionAchievements{erasure.NewGuard(dynamotest.Client(t), name), has, achievements, func() time.Time { return at }}
	created := transactions.TransactionChanged{UserID: "ada", TransactionID: "t", Kind: transactions.TransactionCreated}
	ids := func(user string) (found []string) {
		t.Helper()
		page, err := achievements.Query(t.Context(), store.Query{Partition: user, Limit: 10, Consistency: store.Consistent})
		must(t, err)
		for _, one := range page.Items {
			found = append(found, one.ID)
			if one.EarnedAt != 7 && one.ID == "transactions#1" {
				t.Errorf("%s is earned again, at %d", one.ID, one.EarnedAt)
			}
		}
		return found
	}
	deleted := created
	deleted.Kind = transactions.TransactionDeleted
	if userOfCreation(deleted) != "" || userOfCreation(created) != "ada" {
		t.Error("a deletion counts, or a creation does not")
	}
	must(t, a.Count(t.Context(), created))
	if got := ids("ada"); !slices.Equal(got, []string{"transactions#1"}) {
		t.Errorf("a transaction earns %v", got)
	}
	at, has["ada"] = time.UnixMilli(8), 100
	must(t, a.Count(t.Context(), created))
	must(t, a.Count(t.Context(), created))
	if got := ids("ada"); !slices.Equal(got, []string{"transactions#1", "transactions#100"}) {
		t.Errorf("100 transactions earn %v", got)
	}
	created.UserID = "gone"
	must(t, a.Count(t.Context(), created))
	if got := ids("gone"); len(got) != 0 {
		t.Errorf("a deleted account has %v", got)
	}
}

// Transactions that are being erased count still.
func TestCount_DuringAnErasure_RecordsNothingUntilItsEnd(t *testing.T) {
	accounts := erasuretest.New(t, "ada")
	achievements, name := newTable[tables.Achievement](t, tables.Achievements)
	has, at := counts{"ada": 100}, time.UnixMilli(1_000_000)
	a := &transactionAchievements{accounts.Guard, has, achievements, func() time.Time { return at }}
	created := transactions.TransactionChanged{UserID: "ada", TransactionID: "t", Kind: transactions.TransactionCreated}
	boundary := at.Add(-time.Minute)
	accounts.Begin(t, "ada", boundary)
	if err := a.Count(t.Context(), created); !errors.Is(err, erasure.ErrUnfinished) || dynamotest.Text(t, name) != "[]" {
		t.Errorf("got %v, recorded %s", err, dynamotest.Text(t, name))
	}
	accounts.End(t, "ada", boundary, at)
	at, has["ada"] = at.Add(time.Second), 1
	must(t, a.Count(t.Context(), created))
	if text := dynamotest.Text(t, name); strings.Contains(text, "transactions#100") || !strings.Contains(text, "transactions#1") {
		t.Errorf("recorded %s", text)
	}
}
