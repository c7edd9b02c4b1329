package erasure

import (
	"errors"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestGuardWrite_UserOrConditionGone_WritesNothing(t *testing.T) {
	client, users, name := dynamotest.Client(t), dynamotest.Table(t, tables.Users), dynamotest.Table(t, one)
	guard, items := NewGuard(client, users), store.New[item](client, name, one)
	fill(t, client, users, tables.Users, "ada", 1)
	count := func(user string) int {
		t.Helper()
		page, err := items.Query(t.Context(), store.Query{Partition: user, Limit: 10, Consistency: store.Consistent})
		if err != nil {
			t.Fatal(err)
		}
		return len(page.Items)
	}
	for _, write := range []struct {
		user string
		item item
		want int
	}{
		{"ada", item{UserID: "ada", ID: "a"}, 1},
		{"ada", item{UserID: "ada", ID: "a"}, 1}, // the message comes again
		{"gone", item{UserID: "gone", ID: "a"}, 0},
	} {
		if err := guard.Write(t.Context(), write.user, CausedAt(1), items.TxCreate(write.item)); err != nil {
			t.Errorf("%+v: %v", write.item, err)
		}
		if got := count(write.user); got != write.want {
			t.Errorf("%s has %d items, not %d", write.user, got, write.want)
		}
	}
	for user, want := range map[string]bool{"ada": true, "gone": false} {
		if wrote, err := guard.TryWrite(t.Context(), user, CausedAt(1), items.TxCreate(item{UserID: user, ID: "b"})); wrote != want || err != nil {
			t.Errorf("%s: written %v, %v", user, wrote, err)
		}
	}
	if wrote, err := guard.TryWrite(t.Context(), "ada", CausedAt(1), items.TxCreate(item{UserID: "ada", ID: "b"})); wrote || err != nil {
		t.Errorf("again: written %v, %v", wrote, err)
	}
	if err := guard.Write(t.Context(), "ada", CausedAt(1), items.TxCreate(item{UserID: "ada"})); err == nil || errors.Is(err, store.ErrConditionFailed) {
		t.Errorf("a write that cannot work: %v", err)
	}
}
