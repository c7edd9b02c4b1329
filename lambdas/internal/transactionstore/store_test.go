package transactionstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// spent returns a debit of so many pence on a day.
func spent(id, day string, pence int64) transactionstore.Transaction {
	made := transactionstore.Transaction{
		Transaction: tables.Transaction{TransactionID: id, Category: "groceries", Source: transactionstore.Manual},
		Text:        transactionstore.Texts{Description: "Weekly shop", Merchant: "Tesco Express"},
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	made.SetDate(at)
	made.SetAmount(money.FromMinor(pence, 2), true)
	return made
}

func received(id, day string, pence int64) transactionstore.Transaction {
	made := spent(id, day, pence)
	made.SetAmount(money.FromMinor(pence, 2), false)
	made.Category, made.Text = "income", transactionstore.Texts{Description: "ACME salary"}
	return made
}

func apply(t testing.TB, s *transactionstore.Store, user string, changes ...transactionstore.Change) []transactionstore.Result {
	t.Helper()
	results, err := s.Apply(t.Context(), user, changes)
	must(t, err)
	return results
}

func outcomes(results []transactionstore.Result) (found []transactionstore.Outcome) {
	for _, r := range results {
		found = append(found, r.Outcome)
	}
	return found
}

func months(t testing.TB, s *transactionstore.Store, user string) []transactionstore.Month {
	t.Helper()
	found, err := s.Months(t.Context(), user, "", "")
	must(t, err)
	return found
}

func list(t testing.TB, s *transactionstore.Store, user string) (ids []string) {
	t.Helper()
	page, err := s.List(t.Context(), user, transactionstore.Filter{}, 1000, "")
	must(t, err)
	for _, one := range page.Transactions {
		ids = append(ids, one.TransactionID)
	}
	return ids
}

// agrees fails the test unless the kept figures are what the transactions add up to.
func agrees(t testing.TB, s *transactionstore.Store, user string) {
	t.Helper()
	differences, err := s.Repair(context.Background(), user, false)
	must(t, err)
	if len(differences) > 0 {
		t.Fatalf("the figures differ: %v", differences)
	}
}

func TestApply_EachKindOfChange_KeepsFigures(t *testing.T) {
	s := transactionstoretest.New(t)
	apply(t, s.Store, "ada",
		transactionstore.Create(spent("a", "2026-07-01", 1000)),
		transactionstore.Create(spent("b", "2026-07-02", 550)),
		transactionstore.Create(received("c", "2026-07-02", 200000)))
	got := months(t, s.Store, "ada")
	if len(got) != 1 || got[0].Month != "2026-07" || got[0].Count != 3 || got[0].Spend.String() != "15.5" || got[0].Income.String() != "2000" ||
		got[0].Net().String() != "1984.5" || got[0].Categories["groceries"].Spend.String() != "15.5" || !slices.Equal(got[0].Days, []int{1, 2}) {
		t.Fatalf("got %+v", got)
	}
	results := apply(t, s.Store, "ada",
		transactionstore.Create(spent("a", "2026-07-05", 1)),
		transactionstore.Edit("b", func(t *transactionstore.Transaction) error {
			t.SetDate(time.Date(2026, 6, 30, 23, 0, 0, 0, time.UTC)) // 1 July in London
			t.Category = "transport"
			return nil
		}),
		transactionstore.Edit("c", func(t *transactionstore.Transaction) error { return nil }),
		transactionstore.Delete("none"))
	if want := []transactionstore.Outcome{transactionstore.Exists, transactionstore.Edited, transactionstore.Unchanged, transactionstore.NotFound}; !slices.Equal(outcomes(results), want) {
		t.Errorf("got %v", outcomes(results))
	}
	apply(t, s.Store, "ada", transactionstore.Edit("b", func(t *transactionstore.Transaction) error {
		t.SetDate(time.Date(2026, 6, 30, 22, 0, 0, 0, time.UTC))
		return nil
	}), transactionstore.Delete("a"))
	got = months(t, s.Store, "ada")
	if len(got) != 2 || got[0].Spend.Sign() != 0 || got[0].Count != 1 || got[1].Month != "2026-06" || got[1].Categories["transport"].Spend.String() != "5.5" || !slices.Equal(got[1].Days, []int{30}) {
		t.Errorf("got %+v", got)
	}
	if ids := list(t, s.Store, "ada"); !slices.Equal(ids, []string{"c", "b"}) {
		t.Errorf("the list has %v", ids)
	}
	agrees(t, s.Store, "ada")
}

func TestApply_DebitSentPositive_CountsAsSpending(t *testing.T) {
	s := transactionstoretest.New(t)
	for i, pence := range []int64{500, -500} {
		for _, debit := range []bool{true, false} {
			one := spent(fmt.Sprint(i, debit), "2026-01-01", 1)
			one.SetAmount(money.FromMinor(pence, 2), debit)
			apply(t, s.Store, "ada", transactionstore.Create(one))
			if one.Debit() != debit || one.Amount.Sign() > 0 == debit {
				t.Errorf("%d as a debit: %v is %s", pence, debit, one.Amount)
			}
		}
	}
	if got := months(t, s.Store, "ada")[0]; got.Spend.String() != "10" || got.Income.String() != "10" || !got.Net().IsZero() {
		t.Errorf("got %+v", got)
	}
}

func TestApply_TextsOfOwnMoney_AreExcludedUnlessChosen(t *testing.T) {
	s := transactionstoretest.New(t)
	yes, no := true, false
	for text, want := range map[string]bool{
		"Transfer to ISA": true, "INTERNAL MOVE": true, "To Savings": true, "round-up": true, "Round ups": true, "CREDIT CARD PAYMENT": true,
		"PAYMENT RECEIVED - THANK YOU": true, "to holiday pot": true, "Mobile Xfer": true, "MOBILE-CHANNEL FT": true,
		"CARD PAYMENT TO ACME SHOP": false, "INTERNATIONAL FOODS": false, "Jackpot": false, "Tesco": false, "Cup roundabout": false,
	} {
		one := spent(text, "2026-01-01", 100)
		one.Text.Description = text
		stored := apply(t, s.Store, "ada", transactionstore.Create(one))[0].Transaction
		if stored.Excluded != want || stored.ExcludeChoice != nil {
			t.Errorf("%s: excluded %v", text, stored.Excluded)
		}
		for _, choice := range []*bool{&yes, &no} {
			edited := apply(t, s.Store, "ada", transactionstore.Edit(text, func(t *transactionstore.Transaction) error { t.ExcludeChoice = choice; return nil }))[0].Transaction
			if edited.Excluded != *choice {
				t.Errorf("%s: the choice %v is not kept", text, *choice)
			}
		}
	}
	agrees(t, s.Store, "ada")
	if got := months(t, s.Store, "ada")[0]; got.Spend.String() != "15" {
		t.Errorf("the spending is %s", got.Spend)
	}
}

func TestApply_StoredItems_HaveNoText(t *testing.T) {
	s := transactionstoretest.New(t)
	one := spent("a", "2026-07-01", 1000)
	one.Text = transactionstore.Texts{Description: "secret-d", Merchant: "secret-m", Notes: "secret-n", Original: "secret-o", BankName: "secret-b", Tags: []string{"secret-t"}}
	apply(t, s.Store, "ada", transactionstore.Create(one))
	for _, name := range []string{s.ItemsName, s.FiguresName} {
		if stored := dynamotest.Text(t, name); strings.Contains(strings.ToLower(stored), "secret") {
			t.Errorf("a text is stored in clear: %s", stored)
		}
	}
	got, err := s.Get(t.Context(), "ada", "a")
	must(t, err)
	if fmt.Sprint(got.Text) != fmt.Sprint(one.Text) {
		t.Errorf("got %+v", got.Text)
	}
}

func TestApply_DeletedRowOfImport_StaysDeleted(t *testing.T) {
	s := transactionstoretest.New(t)
	row := spent("row", "2026-07-01", 1000)
	row.Source = transactionstore.CSV
	apply(t, s.Store, "ada", transactionstore.Create(row))
	apply(t, s.Store, "ada", transactionstore.Delete("row"))
	again := apply(t, s.Store, "ada", transactionstore.Create(row))
	_, err := s.Get(t.Context(), "ada", "row")
	found, listErr := s.WithMerchant(t.Context(), "ada", "Tesco Express", 10)
	must(t, listErr)
	if again[0].Outcome != transactionstore.Exists || !errors.Is(err, store.ErrNotFound) || len(list(t, s.Store, "ada"))+len(found) != 0 {
		t.Errorf("got %v, %v, %v", outcomes(again), err, found)
	}
	if twice := apply(t, s.Store, "ada", transactionstore.Delete("row")); twice[0].Outcome != transactionstore.NotFound {
		t.Errorf("deleted twice: %v", outcomes(twice))
	}
	agrees(t, s.Store, "ada")
}

func TestApply_MoreThanATransaction_MakesAllOnce(t *testing.T) {
	s := transactionstoretest.New(t)
	var rows []transactionstore.Change
	for i := range 450 {
		row := spent(fmt.Sprintf("row-%d", i), fmt.Sprintf("2026-%02d-%02d", 1+i%12, 1+i%28), int64(i))
		row.Source = transactionstore.CSV
		rows = append(rows, transactionstore.Create(row))
	}
	apply(t, s.Store, "ada", rows[100:300]...)
	count := map[transactionstore.Outcome]int{}
	for _, r := range apply(t, s.Store, "ada", rows...) {
		count[r.Outcome]++
	}
	if count[transactionstore.Created] != 250 || count[transactionstore.Exists] != 200 || len(list(t, s.Store, "ada")) != 450 {
		t.Errorf("got %v, %d", count, len(list(t, s.Store, "ada")))
	}
	agrees(t, s.Store, "ada")
}

func TestApply_OtherWriteRefused_WritesNothing(t *testing.T) {
	s := transactionstoretest.New(t)
	other := s.Items.TxConditionCheck(store.Key{"ada", "none"})
	_, err := s.Apply(t.Context(), "ada", []transactionstore.Change{transactionstore.Create(spent("a", "2026-07-01", 1))}, other)
	_, only := s.Only(other).Apply(t.Context(), "ada", []transactionstore.Change{transactionstore.Create(spent("a", "2026-07-01", 1))})
	if !errors.Is(err, store.ErrConditionFailed) || !errors.Is(only, store.ErrConditionFailed) || len(list(t, s.Store, "ada"))+len(months(t, s.Store, "ada")) != 0 {
		t.Errorf("got %v, %v", err, only)
	}
}

func TestApply_MistakeOfCaller_IsAnError(t *testing.T) {
	s := transactionstoretest.New(t)
	private, none := spent("a", "2026-07-01", 1), spent("", "2026-07-01", 1)
	private.Category = "My secret club"
	for name, changes := range map[string][]transactionstore.Change{
		"a category that is no code": {transactionstore.Create(private)},
		"no id":                      {transactionstore.Create(none)},
		"an id twice":                {transactionstore.Delete("a"), transactionstore.Delete("a")},
	} {
		if _, err := s.Apply(t.Context(), "ada", changes); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := s.Apply(t.Context(), transactionstoretest.Gone, []transactionstore.Change{transactionstore.Create(spent("a", "2026-07-01", 1))}); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("without an account: %v", err)
	}
}

func TestApply_DevicesAtOnce_LoseNothing(t *testing.T) {
	s := transactionstoretest.New(t)
	var rows []transactionstore.Change
	for i := range 20 {
		rows = append(rows, transactionstore.Create(spent(fmt.Sprint(i), "2026-07-01", 100)))
	}
	apply(t, s.Store, "ada", rows...)
	retried := func(changes ...transactionstore.Change) {
		for {
			_, err := s.Apply(t.Context(), "ada", changes)
			if err == nil {
				return
			}
			if !errors.Is(err, store.ErrConflict) { // the client asks again
				t.Error(err)
				return
			}
		}
	}
	var all sync.WaitGroup
	for device := range 4 {
		all.Go(func() {
			for i := range 5 { // the same transaction, each device another field
				retried(transactionstore.Edit("0", func(t *transactionstore.Transaction) error {
					t.Text.Tags = append(t.Text.Tags, fmt.Sprint(device, i))
					t.SetAmount(t.Amount.Abs().Add(money.FromMinor(1, 2)), true)
					return nil
				}))
				retried(transactionstore.Edit(fmt.Sprint(1+device), func(t *transactionstore.Transaction) error { t.Category = "transport"; return nil }))
			}
		})
	}
	all.Go(func() { // a bulk change of what another device deletes
		var changes []transactionstore.Change
		for i := range 20 {
			changes = append(changes, transactionstore.Edit(fmt.Sprint(i), func(t *transactionstore.Transaction) error { t.Rank = 7; return nil }))
		}
		retried(changes...)
	})
	all.Go(func() {
		for i := 10; i < 20; i++ {
			retried(transactionstore.Delete(fmt.Sprint(i)))
		}
	})
	all.Wait()
	got, err := s.Get(t.Context(), "ada", "0")
	must(t, err)
	if len(got.Text.Tags) != 20 || got.Amount.String() != "-1.2" || got.Rank != 7 || len(list(t, s.Store, "ada")) != 10 {
		t.Errorf("%d tags, %s, rank %d", len(got.Text.Tags), got.Amount, got.Rank)
	}
	agrees(t, s.Store, "ada")
}

func TestList_Filters_AreReal(t *testing.T) {
	s := transactionstoretest.New(t)
	apply(t, s.Store, "ada",
		transactionstore.Create(spent("june", "2026-06-30", 1)), transactionstore.Create(spent("first", "2026-07-01", 1)),
		transactionstore.Create(received("pay", "2026-07-31", 5)), transactionstore.Create(spent("august", "2026-08-01", 1)))
	apply(t, s.Store, "eve", transactionstore.Create(spent("other", "2026-07-15", 1)))
	for name, tc := range map[string]struct {
		filter transactionstore.Filter
		want   []string
	}{
		"all":      {transactionstore.Filter{}, []string{"august", "pay", "first", "june"}},
		"a month":  {transactionstore.Filter{From: "2026-07-01", To: "2026-07-31"}, []string{"pay", "first"}},
		"from":     {transactionstore.Filter{From: "2026-07-31"}, []string{"august", "pay"}},
		"to":       {transactionstore.Filter{To: "2026-06-30"}, []string{"june"}},
		"debit":    {transactionstore.Filter{Type: "debit", From: "2026-07-01"}, []string{"august", "first"}},
		"credit":   {transactionstore.Filter{Type: "credit"}, []string{"pay"}},
		"category": {transactionstore.Filter{Category: "income", Type: "credit", Source: "manual"}, []string{"pay"}},
		"backward": {transactionstore.Filter{From: "2026-08-01", To: "2026-07-01"}, nil},
	} {
		page, err := s.List(t.Context(), "ada", tc.filter, 10, "")
		must(t, err)
		var ids []string
		for _, one := range page.Transactions {
			ids = append(ids, one.TransactionID)
		}
		if !slices.Equal(ids, tc.want) {
			t.Errorf("%s: got %v", name, ids)
		}
	}
}

func TestList_Cursor_ContinuesItsOwnListOnly(t *testing.T) {
	s := transactionstoretest.New(t)
	for i := range 7 {
		apply(t, s.Store, "ada", transactionstore.Create(spent(fmt.Sprint(i), fmt.Sprintf("2026-07-0%d", 1+i), 1)))
	}
	var ids []string
	july := transactionstore.Filter{From: "2026-07-01", To: "2026-07-31"}
	page, err := s.List(t.Context(), "ada", july, 3, "")
	must(t, err)
	first := page
	for {
		for _, one := range page.Transactions {
			ids = append(ids, one.TransactionID)
		}
		if page.Next == "" {
			break
		}
		page, err = s.List(t.Context(), "ada", july, 3, page.Next)
		must(t, err)
	}
	if !slices.Equal(ids, []string{"6", "5", "4", "3", "2", "1", "0"}) {
		t.Errorf("got %v", ids)
	}
	made, err := s.CursorAfter(july, first.Transactions[2])
	if err != nil || made != first.Next {
		t.Errorf("got %s, %v", made, err)
	}
	_, other := s.List(t.Context(), "ada", transactionstore.Filter{From: "2026-07-01", To: dates.Day("2026-07-30")}, 3, first.Next)
	_, eve := s.List(t.Context(), "eve", july, 3, first.Next)
	_, forged := s.List(t.Context(), "ada", july, 3, "x.y")
	for name, err := range map[string]error{"another filter": other, "another user": eve, "forged": forged} {
		if !errors.Is(err, store.ErrBadCursor) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestWithMerchant_SameMerchant_IsFound(t *testing.T) {
	s := transactionstoretest.New(t)
	apply(t, s.Store, "ada", transactionstore.Create(spent("a", "2026-07-01", 1)), transactionstore.Create(received("b", "2026-07-01", 1)))
	found, err := s.WithMerchant(t.Context(), "ada", " TESCO  express", 10)
	must(t, err)
	if len(found) != 1 || found[0].TransactionID != "a" || found[0].Category != "groceries" {
		t.Errorf("got %+v", found)
	}
}

func TestRepair_PlantedDifference_IsReportedAndCorrected(t *testing.T) {
	s := transactionstoretest.New(t)
	apply(t, s.Store, "ada", transactionstore.Create(spent("a", "2026-07-01", 1000)), transactionstore.Create(spent("b", "2026-08-01", 1000)))
	must(t, s.Items.Delete(t.Context(), store.Key{"ada", "b"}))         // as an erasure deletes it
	must(t, s.Figures.Delete(t.Context(), store.Key{"ada", "2026-07"})) // as nothing should
	for _, correct := range []bool{false, true} {
		found, err := s.Repair(t.Context(), "ada", correct)
		must(t, err)
		text := fmt.Sprint(found)
		if len(found) != 10 || !strings.Contains(text, "{2026-07 spend 0 10}") || !strings.Contains(text, "{2026-08 count 1 0}") {
			t.Errorf("correct %v: found %s", correct, text)
		}
	}
	agrees(t, s.Store, "ada")
	if got := months(t, s.Store, "ada"); len(got) != 1 || got[0].Spend.String() != "10" {
		t.Errorf("got %+v", got)
	}
	apply(t, s.Store, "ada", transactionstore.Create(spent("c", "2026-07-01", 1)))
	agrees(t, s.Store, "ada")
}

func queryAll(user string) store.Query {
	return store.Query{Partition: user, Limit: 100_000, Consistency: store.Consistent}
}
