package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// goals is a table like those of the domains: one partition for each user.
var goals = &tables.Table{
	Name:         "Goals",
	PartitionKey: tables.Attribute{Name: "userId", Type: tables.String},
	SortKey:      tables.Attribute{Name: "goalId", Type: tables.String},
	Class:        tables.Personal,
}

type goal struct {
	UserID  string `dynamodbav:"userId"`
	GoalID  string `dynamodbav:"goalId"`
	Name    string `dynamodbav:"name,omitempty"`
	Saved   int    `dynamodbav:"saved"`
	Due     int64  `dynamodbav:"due,omitempty"`
	Version string `dynamodbav:"version,omitempty"`
}

func newGoals(t *testing.T) *store.Table[goal] {
	t.Helper()
	return store.New[goal](dynamotest.Client(t), dynamotest.Table(t, goals), goals)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func name(n string) expression.NameBuilder     { return expression.Name(n) }
func value(v any) expression.ValueBuilder      { return expression.Value(v) }
func saved(n int) expression.UpdateBuilder     { return expression.Set(name("saved"), value(n)) }
func is(n int) expression.ConditionBuilder     { return name("saved").Equal(value(n)) }
func has(s string) expression.ConditionBuilder { return name("name").Equal(value(s)) }

func TestGet_ReturnsStoredItem(t *testing.T) {
	table := newGoals(t)
	want := goal{UserID: "ada", GoalID: "g1", Name: "Engine", Saved: 5}
	must(t, table.Create(t.Context(), want))
	for _, consistency := range []store.Consistency{store.Consistent, store.Eventual} {
		if got, err := table.Get(t.Context(), store.Key{"ada", "g1"}, consistency); err != nil || *got != want {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	if _, err := table.Get(t.Context(), store.Key{"ada", "g2"}, store.Consistent); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a missing item: got %v", err)
	}
}

func TestCreate_ExistingItem_Fails(t *testing.T) {
	table := newGoals(t)
	must(t, table.Create(t.Context(), goal{UserID: "ada", GoalID: "g1", Saved: 1}))
	if err := table.Create(t.Context(), goal{UserID: "ada", GoalID: "g1", Saved: 2}); !errors.Is(err, store.ErrConditionFailed) {
		t.Errorf("got %v", err)
	}
	if got, _ := table.Get(t.Context(), store.Key{"ada", "g1"}, store.Consistent); got.Saved != 1 {
		t.Errorf("the first is lost: %+v", got)
	}
}

func TestPut_Conditions_MustAllHold(t *testing.T) {
	table := newGoals(t)
	must(t, table.Put(t.Context(), goal{UserID: "ada", GoalID: "g1", Name: "a", Saved: 1}))
	for _, try := range []struct {
		conditions []expression.ConditionBuilder
		holds      bool
	}{
		{[]expression.ConditionBuilder{is(2)}, false},
		{[]expression.ConditionBuilder{is(1), has("b")}, false},
		{[]expression.ConditionBuilder{has("a"), is(2), has("a")}, false},
		{[]expression.ConditionBuilder{has("a"), is(1)}, true},
	} {
		err := table.Put(t.Context(), goal{UserID: "ada", GoalID: "g1", Name: "a", Saved: 1}, try.conditions...)
		if (err == nil) != try.holds || (err != nil && !errors.Is(err, store.ErrConditionFailed)) {
			t.Errorf("holds %v: got %v", try.holds, err)
		}
	}
}

func TestPut_ConditionFailed_ReturnsConflictingItem(t *testing.T) {
	table := newGoals(t)
	first := goal{UserID: "ada", GoalID: "g1", Name: "first"}
	must(t, table.Create(t.Context(), first))
	err := table.Create(t.Context(), goal{UserID: "ada", GoalID: "g1", Name: "second"})
	if found, ok := table.ConflictingItem(err); !ok || *found != first {
		t.Errorf("got %+v, %v", found, err)
	}
	_, err = table.Update(t.Context(), store.Key{"ada", "g1"}, saved(2), is(9))
	if found, ok := table.ConflictingItem(err); !ok || *found != first {
		t.Errorf("got %+v, %v", found, err)
	}
	if found, ok := table.ConflictingItem(table.Delete(t.Context(), store.Key{"ada", "g1"}, is(9))); !ok || *found != first {
		t.Errorf("got %+v, %v", found, err)
	}
	for _, err := range []error{nil, store.ErrNotFound} {
		if found, ok := table.ConflictingItem(err); ok {
			t.Errorf("%v: got %+v", err, found)
		}
	}
}

func TestTable_SealedItem_IsStoredUnchanged(t *testing.T) {
	table := store.New[store.SealedItem](dynamotest.Client(t), dynamotest.Table(t, goals), goals)
	raw := store.SealedItem{
		"userId": &types.AttributeValueMemberS{Value: "ada"}, "goalId": &types.AttributeValueMemberS{Value: "g1"},
		"name": &types.AttributeValueMemberB{Value: []byte("sealed")},
	}
	must(t, table.Create(t.Context(), raw))
	got, err := table.Get(t.Context(), store.Key{"ada", "g1"}, store.Consistent)
	if err != nil || !reflect.DeepEqual(*got, raw) {
		t.Errorf("got %v, %v", got, err)
	}
	page, err := table.Query(t.Context(), store.Query{Partition: "ada", Limit: 1})
	if err != nil || len(page.Items) != 1 || !reflect.DeepEqual(page.Items[0], raw) {
		t.Errorf("got %v, %v", page, err)
	}
}

func TestUpdate_ReturnsItemAndCreatesNone(t *testing.T) {
	table := newGoals(t)
	must(t, table.Create(t.Context(), goal{UserID: "ada", GoalID: "g1", Name: "a", Saved: 1}))
	got, err := table.Update(t.Context(), store.Key{"ada", "g1"}, saved(7), is(1))
	if err != nil || got.Saved != 7 || got.Name != "a" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := table.Update(t.Context(), store.Key{"ada", "g1"}, saved(8), is(1)); !errors.Is(err, store.ErrConditionFailed) || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a condition that does not hold: got %v", err)
	}
	for _, conditions := range [][]expression.ConditionBuilder{nil, {is(1)}} {
		if _, err := table.Update(t.Context(), store.Key{"ada", "g2"}, saved(8), conditions...); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a missing item: got %v", err)
		}
	}
	if _, err := table.Upsert(t.Context(), store.Key{"ada", "g2"}, saved(8), is(1)); !errors.Is(err, store.ErrConditionFailed) || errors.Is(err, store.ErrNotFound) {
		t.Errorf("an upsert whose condition does not hold: got %v", err)
	}
	if got, err := table.Upsert(t.Context(), store.Key{"ada", "g2"}, saved(9)); err != nil || got.Saved != 9 || got.GoalID != "g2" {
		t.Errorf("upsert: got %+v, %v", got, err)
	}
}

func TestDelete_Condition_MustHold(t *testing.T) {
	table := newGoals(t)
	must(t, table.Create(t.Context(), goal{UserID: "ada", GoalID: "g1", Saved: 1}))
	if err := table.Delete(t.Context(), store.Key{"ada", "g1"}, is(2)); !errors.Is(err, store.ErrConditionFailed) {
		t.Errorf("got %v", err)
	}
	must(t, table.Delete(t.Context(), store.Key{"ada", "g1"}, is(1)))
	must(t, table.Delete(t.Context(), store.Key{"ada", "g1"}))
	if _, err := table.Get(t.Context(), store.Key{"ada", "g1"}, store.Consistent); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestReplace_WrittenInBetween_Fails(t *testing.T) {
	table := newGoals(t)
	mine := &goal{UserID: "ada", GoalID: "g1", Saved: 1}
	must(t, table.Replace(t.Context(), mine))
	theirs, err := table.Get(t.Context(), store.Key{"ada", "g1"}, store.Consistent)
	must(t, err)
	if mine.Version == "" || theirs.Version != mine.Version {
		t.Fatalf("versions %q and %q", mine.Version, theirs.Version)
	}
	theirs.Saved = 2
	must(t, table.Replace(t.Context(), theirs))
	mine.Saved = 3
	if err := table.Replace(t.Context(), mine); !errors.Is(err, store.ErrConditionFailed) {
		t.Errorf("got %v", err)
	}
	if err := table.Replace(t.Context(), &goal{UserID: "ada", GoalID: "g1"}); !errors.Is(err, store.ErrConditionFailed) {
		t.Errorf("one that was never read: got %v", err)
	}
	theirs.Saved = 4
	must(t, table.Replace(t.Context(), theirs))
}

// Items with personal fields are encoded by a schema before they are stored.
func TestReplace_SealedItem_UsesItsVersion(t *testing.T) {
	table := store.New[store.SealedItem](dynamotest.Client(t), dynamotest.Table(t, goals), goals)
	mine := store.SealedItem{"userId": &types.AttributeValueMemberS{Value: "ada"}, "goalId": &types.AttributeValueMemberS{Value: "g1"}}
	must(t, table.Replace(t.Context(), &mine))
	theirs, err := table.Modify(t.Context(), store.Key{"ada", "g1"}, func(i *store.SealedItem) error {
		(*i)["name"] = &types.AttributeValueMemberB{Value: []byte("sealed")}
		return nil
	})
	if err != nil || mine["version"] == nil || reflect.DeepEqual((*theirs)["version"], mine["version"]) {
		t.Fatalf("%v became %v, %v", mine, theirs, err)
	}
	for range 2 { // what is not stored leaves the item as it was
		if err := table.Replace(t.Context(), &mine); !errors.Is(err, store.ErrConditionFailed) {
			t.Errorf("got %v", err)
		}
	}
	got, err := table.Get(t.Context(), store.Key{"ada", "g1"}, store.Consistent)
	if err != nil || !reflect.DeepEqual(got, theirs) {
		t.Errorf("got %v, %v", got, err)
	}
}

// repeating sends every put and update twice, as the SDK does when an answer is lost.
type repeating struct{ store.Client }

func (r repeating) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if _, err := r.Client.UpdateItem(ctx, in, o...); err != nil {
		return nil, err
	}
	return r.Client.UpdateItem(ctx, in, o...)
}

func (r repeating) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if _, err := r.Client.PutItem(ctx, in, o...); err != nil {
		return nil, err
	}
	return r.Client.PutItem(ctx, in, o...)
}

func TestModify_LostResponse_ChangesOnce(t *testing.T) {
	physical := dynamotest.Table(t, goals)
	table := store.New[goal](repeating{dynamotest.Client(t)}, physical, goals)
	must(t, table.Replace(t.Context(), &goal{UserID: "ada", GoalID: "g1", Saved: 1}))
	got, err := table.Modify(t.Context(), store.Key{"ada", "g1"}, func(g *goal) error { g.Saved += 5; return nil })
	if err != nil || got.Saved != 6 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestUpdateFrom_LostAnswer_ChangesOnce(t *testing.T) {
	table := store.New[goal](repeating{dynamotest.Client(t)}, dynamotest.Table(t, goals), goals)
	must(t, table.Put(t.Context(), goal{UserID: "ada", GoalID: "g1", Saved: 1, Name: "Engine"}))
	for want := 6; want <= 11; want += 5 { // the first without a version to compare
		got, err := table.UpdateFrom(t.Context(), store.Key{"ada", "g1"}, func(g *goal) (expression.UpdateBuilder, error) {
			return saved(g.Saved + 5), nil
		})
		if err != nil || got.Saved != want || got.Name != "Engine" {
			t.Errorf("got %+v, %v", got, err)
		}
	}
}

func TestRemove_MissingItem_ReturnsErrNotFound(t *testing.T) {
	table := newGoals(t)
	must(t, table.Create(t.Context(), goal{UserID: "ada", GoalID: "g1"}))
	must(t, table.Remove(t.Context(), store.Key{"ada", "g1"}))
	if err := table.Remove(t.Context(), store.Key{"ada", "g1"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestModify_InParallel_KeepsAllChanges(t *testing.T) {
	table := newGoals(t)
	must(t, table.Replace(t.Context(), &goal{UserID: "ada", GoalID: "g1"}))
	const writers = 4
	var done sync.WaitGroup
	for range writers {
		done.Go(func() {
			err := store.ErrConflict
			for range 5 { // a writer that always loses comes again
				if errors.Is(err, store.ErrConflict) {
					_, err = table.Modify(context.Background(), store.Key{"ada", "g1"}, func(g *goal) error { g.Saved++; return nil })
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if got, err := table.Get(t.Context(), store.Key{"ada", "g1"}, store.Consistent); err != nil || got.Saved != writers {
		t.Errorf("%d writers left %+v, %v", writers, got, err)
	}
}

func TestModifyOrCreate_FirstWritersAtOnce_KeepAllChanges(t *testing.T) {
	table := newGoals(t)
	fresh := func() *goal { return &goal{UserID: "ada", GoalID: "g1", Saved: 10} }
	var done sync.WaitGroup
	for range 3 {
		done.Go(func() {
			if _, err := table.ModifyOrCreate(context.Background(), store.Key{"ada", "g1"}, fresh, func(g *goal) error { g.Saved++; return nil }); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if got, err := table.Get(t.Context(), store.Key{"ada", "g1"}, store.Consistent); err != nil || got.Saved != 13 {
		t.Errorf("stored is %+v, %v", got, err)
	}
	refused := errors.New("refused")
	if _, err := table.ModifyOrCreate(t.Context(), store.Key{"ada", "g2"}, fresh, func(*goal) error { return refused }); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}

func TestTransact_ConditionFailed_NamesWrite(t *testing.T) {
	table := newGoals(t)
	must(t, table.Create(t.Context(), goal{UserID: "ada", GoalID: "old", Saved: 1}))
	must(t, table.Create(t.Context(), goal{UserID: "ada", GoalID: "gone", Saved: 1}))
	writes := func(state int) []store.Write {
		return []store.Write{
			table.TxCreate(goal{UserID: "ada", GoalID: "new"}),
			table.TxUpdate(store.Key{"ada", "old"}, saved(2), is(state)),
			table.TxDelete(store.Key{"ada", "gone"}),
			table.TxPut(goal{UserID: "ada", GoalID: "any"}),
		}
	}
	err := table.Transact(t.Context(), writes(5)...)
	if !errors.Is(err, store.ErrConditionFailed) || store.ConditionFailedAt(err, 0) || !store.ConditionFailedAt(err, 1) || store.ConditionFailedAt(err, 2) {
		t.Errorf("got %v", err)
	}
	for id, want := range map[string]bool{"new": false, "any": false, "old": true, "gone": true} {
		if _, err := table.Get(t.Context(), store.Key{"ada", id}, store.Consistent); (err == nil) != want {
			t.Errorf("after a refused transaction %s: %v", id, err)
		}
	}
	must(t, table.Transact(t.Context(), writes(1)...))
	for id, want := range map[string]bool{"new": true, "any": true, "old": true, "gone": false} {
		if _, err := table.Get(t.Context(), store.Key{"ada", id}, store.Consistent); (err == nil) != want {
			t.Errorf("after the transaction %s: %v", id, err)
		}
	}
	err = table.Transact(t.Context(), table.TxUpdate(store.Key{"ada", "gone"}, saved(2)), table.TxConditionCheck(store.Key{"ada", "new"}, is(3)))
	if !store.ConditionFailedAt(err, 0) || !store.ConditionFailedAt(err, 1) {
		t.Errorf("a missing item and a check: got %v", err)
	}
}

func TestPut_TooLargeItem_IsRefusedUnsent(t *testing.T) {
	table := store.New[goal](nil, "t", goals) // sending would panic
	for name, err := range map[string]error{
		"put":         table.Put(t.Context(), goal{UserID: "ada", GoalID: "g", Name: strings.Repeat("x", 400<<10)}),
		"transaction": table.Transact(t.Context(), table.TxCreate(goal{UserID: "ada", GoalID: "g", Name: strings.Repeat("é", 200<<10)})),
		"batch":       table.WriteAll(t.Context(), []goal{{UserID: "ada", GoalID: "g", Name: strings.Repeat("x", 400<<10)}}, nil),
	} {
		if !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	must(t, newGoals(t).Put(t.Context(), goal{UserID: "ada", GoalID: "g", Name: strings.Repeat("x", 399<<10)}))
}

func TestKey_WrongType_IsRefused(t *testing.T) {
	table := store.New[goal](nil, "t", goals)
	for _, key := range []store.Key{nil, {"ada"}, {"ada", "g", "more"}, {"ada", 5}, {"", "g"}, {[]byte("ada"), "g"}} {
		if _, err := table.Get(t.Context(), key, store.Consistent); err == nil || !strings.Contains(err.Error(), "Goals") {
			t.Errorf("%v: got %v", key, err)
		}
	}
}

func TestDeleteAll_Query_DeletesWhatItFindsOnEveryPage(t *testing.T) {
	table := newGoals(t)
	var all []goal
	for i := range 7 {
		all = append(all, goal{UserID: "ada", GoalID: fmt.Sprint("g", i), Saved: i % 2}, goal{UserID: "eve", GoalID: fmt.Sprint("g", i)})
	}
	must(t, table.WriteAll(t.Context(), all, nil))
	deleted, err := table.DeleteAll(t.Context(), store.Query{Partition: "ada", Filter: is(0), Limit: 3, Consistency: store.Consistent})
	if err != nil || deleted != 4 {
		t.Errorf("deleted %d, %v", deleted, err)
	}
	for user, want := range map[string]int{"ada": 3, "eve": 7} {
		left, err := table.Query(t.Context(), store.Query{Partition: user, Limit: 10, Consistency: store.Consistent})
		if err != nil || len(left.Items) != want {
			t.Errorf("%s has %v, %v, want %d", user, left.Items, err, want)
		}
	}
	if deleted, err := table.DeleteAll(t.Context(), store.Query{Partition: "bob", Limit: 3}); err != nil || deleted != 0 {
		t.Errorf("without items: deleted %d, %v", deleted, err)
	}
}
