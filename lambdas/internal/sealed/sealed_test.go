package sealed_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed/sealedtest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

var (
	byDate = &tables.Index{Name: "date", SortKey: tables.Attribute{Name: "date", Type: tables.String}, Projection: tables.Projection{Attributes: []string{"title"}}}
	notes  = &tables.Table{
		Name:         "Notes",
		PartitionKey: tables.Attribute{Name: "userId", Type: tables.String},
		SortKey:      tables.Attribute{Name: "noteId", Type: tables.String},
		Indexes:      []*tables.Index{byDate},
		Class:        tables.Personal, Erasure: tables.ErasePartition,
	}
)

type note struct {
	UserID string                 `dynamodbav:"userId"`
	NoteID string                 `dynamodbav:"noteId"`
	Date   string                 `dynamodbav:"date"`
	Title  tables.EncryptedString `dynamodbav:"title"`
	Reads  int                    `dynamodbav:"reads"`
	Tags   []string               `dynamodbav:"tags,omitempty"`
}

type world struct {
	name  string
	raw   *store.Table[store.SealedItem]
	notes *sealed.Table[note]
}

func newWorld(t *testing.T) world {
	t.Helper()
	table := sealedtest.New[note](t, notes, "ada", "bob")
	return world{table.Name, table.Raw, table.Table}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func noteOf(user string, n int) note {
	return note{UserID: user, NoteID: fmt.Sprintf("n%d", n), Date: fmt.Sprintf("2026-01-%02d", 10-n), Title: tables.EncryptedString(fmt.Sprintf("secret %d", n))}
}

func TestTable_WrittenItems_AreSealedAndReadBack(t *testing.T) {
	w := newWorld(t)
	must(t, w.notes.Create(t.Context(), "ada", noteOf("ada", 1)))
	must(t, w.notes.Put(t.Context(), "ada", noteOf("ada", 2)))
	must(t, w.notes.PutAll(t.Context(), "ada", noteOf("ada", 3), noteOf("ada", 4)))
	write, err := w.notes.TxCreate(t.Context(), "ada", noteOf("ada", 5))
	must(t, err)
	must(t, w.notes.Transact(t.Context(), write))
	if stored := dynamotest.Text(t, w.name); strings.Contains(stored, "secret") {
		t.Errorf("a title is stored in clear: %s", stored)
	}
	one, err := w.notes.Get(t.Context(), store.Key{"ada", "n1"})
	must(t, err)
	if want := noteOf("ada", 1); !reflect.DeepEqual(*one, want) {
		t.Errorf("got %+v", *one)
	}
	page, err := w.notes.Query(t.Context(), store.Query{Partition: "ada", Limit: 10})
	must(t, err)
	some, err := w.notes.GetAll(t.Context(), "ada", "n2", "n5", "n9")
	must(t, err)
	if len(page.Items) != 5 || string(page.Items[4].Title) != "secret 5" || len(some) != 2 {
		t.Errorf("got %d and %d items", len(page.Items), len(some))
	}
}

func TestQuery_LocalIndex_OpensWhatItProjects(t *testing.T) {
	w := newWorld(t)
	for n := range 3 {
		must(t, w.notes.Create(t.Context(), "ada", noteOf("ada", n)))
	}
	page, err := w.notes.Query(t.Context(), store.Query{Index: byDate, Partition: "ada", Limit: 2, Descending: true})
	must(t, err)
	if len(page.Items) != 2 || page.Next == "" || string(page.Items[0].Title) != "secret 0" || page.Items[0].Date != "2026-01-10" {
		t.Errorf("got %+v", page)
	}
	page, err = w.notes.Query(t.Context(), store.Query{Partition: "ada", Limit: 1, Attributes: []string{"title"}})
	must(t, err)
	if got := page.Items[0]; string(got.Title) != "secret 0" || got.Date != "" {
		t.Errorf("got %+v", got)
	}
}

func TestModifyOrCreate_EditsAtOnce_CreateOneItemWithAll(t *testing.T) {
	w := newWorld(t)
	var done atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			_, err := w.notes.ModifyOrCreate(t.Context(), store.Key{"ada", "n1"}, func() note { return noteOf("ada", 1) }, func(n *note) error {
				n.Reads++
				return nil
			})
			switch {
			case err == nil:
				done.Add(1)
			case !errors.Is(err, store.ErrConflict): // it gave up after its attempts
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, err := w.notes.Get(t.Context(), store.Key{"ada", "n1"}); err != nil || done.Load() == 0 || got.Reads != int(done.Load()) || got.Title != "secret 1" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestModify_TwoEditsAtOnce_KeepsBoth(t *testing.T) {
	w := newWorld(t)
	must(t, w.notes.Create(t.Context(), "ada", noteOf("ada", 1)))
	key := store.Key{"ada", "n1"}
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() {
			_, err := w.notes.Modify(t.Context(), key, func(n *note) error {
				n.Reads++
				n.Tags = append(n.Tags, fmt.Sprint(i))
				return nil
			})
			if err != nil && !errors.Is(err, store.ErrConflict) {
				t.Error(err)
			}
			if err != nil {
				t.Log("gave up after its attempts")
			}
		})
	}
	all.Wait()
	got, err := w.notes.Get(t.Context(), key)
	must(t, err)
	if got.Reads != len(got.Tags) || got.Reads == 0 {
		t.Errorf("an edit was lost: %+v", got)
	}
}

func TestModify_AttributeOfAnotherRelease_IsKept(t *testing.T) {
	w := newWorld(t)
	must(t, w.notes.Create(t.Context(), "ada", noteOf("ada", 1)))
	key := store.Key{"ada", "n1"}
	_, err := w.raw.Update(t.Context(), key, expression.Set(expression.Name("colour"), expression.Value("red")))
	must(t, err)
	changed, err := w.notes.Modify(t.Context(), key, func(n *note) error { n.Title = "another"; return nil })
	must(t, err)
	stored, err := w.raw.Get(t.Context(), key, store.Consistent)
	must(t, err)
	if (*stored)["colour"] == nil || string(changed.Title) != "another" {
		t.Errorf("got %v, %+v", (*stored)["colour"], changed)
	}
}

func TestModify_EditOfSlice_IsStored(t *testing.T) {
	w := newWorld(t)
	first := noteOf("ada", 1)
	first.Tags = []string{"a", "b"}
	must(t, w.notes.Create(t.Context(), "ada", first))
	_, err := w.notes.Modify(t.Context(), store.Key{"ada", "n1"}, func(n *note) error { n.Tags[0] = "z"; return nil })
	must(t, err)
	got, err := w.notes.Get(t.Context(), store.Key{"ada", "n1"})
	must(t, err)
	if got.Tags[0] != "z" {
		t.Errorf("the tags are %v", got.Tags)
	}
}

func TestModify_FailedEdit_StoresNothing(t *testing.T) {
	w := newWorld(t)
	must(t, w.notes.Create(t.Context(), "ada", noteOf("ada", 1)))
	refused := errors.New("refused")
	_, err := w.notes.Modify(t.Context(), store.Key{"ada", "n1"}, func(n *note) error { n.Reads = 7; return refused })
	got, getErr := w.notes.Get(t.Context(), store.Key{"ada", "n1"})
	must(t, getErr)
	if !errors.Is(err, refused) || got.Reads != 0 {
		t.Errorf("got %v, %+v", err, got)
	}
}

func TestTable_MissingItemOrAccount_IsNotFound(t *testing.T) {
	w := newWorld(t)
	key := store.Key{"ada", "none"}
	_, get := w.notes.Get(t.Context(), key)
	_, modify := w.notes.Modify(t.Context(), key, func(*note) error { return nil })
	for name, err := range map[string]error{"get": get, "modify": modify, "remove": w.notes.Remove(t.Context(), key)} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, query := w.notes.Query(t.Context(), store.Query{Partition: "eve", Limit: 1})
	for name, err := range map[string]error{"query": query, "create": w.notes.Create(t.Context(), "eve", noteOf("eve", 1))} {
		if !errors.Is(err, accounts.ErrNotFound) {
			t.Errorf("%s without an account: got %v", name, err)
		}
	}
	must(t, w.notes.Create(t.Context(), "ada", noteOf("ada", 1)))
	must(t, w.notes.Remove(t.Context(), store.Key{"ada", "n1"}))
}

func TestCreate_ItemOfAnotherUser_IsRefused(t *testing.T) {
	w := newWorld(t)
	if err := w.notes.Create(t.Context(), "ada", noteOf("bob", 1)); err == nil {
		t.Error("bob's item is stored under ada's key")
	}
}

func TestHash_EqualTexts_AreFoundForOneUserOnly(t *testing.T) {
	w := newWorld(t)
	hash := func(user string) string {
		h, err := w.notes.Hash(t.Context(), user, "title", "secret")
		must(t, err)
		return h
	}
	first, again := hash("ada"), hash("ada")
	if first != again || first == hash("bob") {
		t.Error("the hash does not tell users apart, or texts")
	}
}

func TestNew_TableOfOtherKeys_Panics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a table without the user's id as its partition key is taken")
		}
	}()
	other := *notes
	other.Erasure = tables.EraseExplicitly
	sealed.New[note](nil, &other, sealedtest.DataKeys{})
}
