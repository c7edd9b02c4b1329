package briefs

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure/erasuretest"
	"github.com/expenzez/infrastructure/lambdas/internal/mornings"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// late does something before the first transaction, after all that is read for it.
type late struct {
	store.Client
	once sync.Once
	do   func()
}

func (l *late) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	l.once.Do(l.do)
	return l.Client.TransactWriteItems(ctx, in, options...)
}

// Figures are read, the user erases their data, and then the brief is written. The erasure
// goes on or has ended by then.
func TestMake_ErasureBetweenReadAndWrite_StoresNothing(t *testing.T) {
	for name, made := range map[string]func(*testing.T, *maker){
		"daily": func(t *testing.T, m *maker) {
			got, err := m.Daily(t.Context(), caller("ada"), function.NoInput{})
			if err != nil || got.Brief.SpendingSummary.MonthSpent.String() != "2" {
				t.Errorf("shown is %+v, %v", got, err)
			}
		},
		"monthly": func(t *testing.T, m *maker) {
			got, err := m.Monthly(t.Context(), caller("ada"), monthlyRequest{latest})
			if err != nil || got.Report == nil || got.Report.ReportData.TotalExpenses.String() != "1" {
				t.Errorf("shown is %+v, %v", got, err)
			}
		},
		"ahead": func(t *testing.T, m *maker) {
			must(t, m.readers.Put(t.Context(), readerOf("ada", m.now())))
			must(t, m.Make(t.Context(), mornings.Request{UserID: "ada", Day: "2026-07-15"}))
			must(t, m.readers.Delete(t.Context(), store.Key{"ada", "reader"}))
		},
	} {
		for _, ended := range []bool{false, true} {
			w := newWorld(t)
			w.add(row{"2026-06-01", -100, "home"}, row{"2026-07-01", -200, "home"})
			accounts, began := erasuretest.Of(t, w.users), w.now()
			erase := func() {
				accounts.Begin(t, "ada", began.Add(time.Millisecond))
				if ended {
					accounts.End(t, "ada", began.Add(time.Millisecond), began.Add(2*time.Millisecond))
				}
			}
			made(t, w.maker(&late{Client: dynamotest.Client(t), do: erase}))
			if ids := w.ids("ada"); len(ids) != 0 {
				t.Errorf("%s, ended %v: stored are %v", name, ended, ids)
			}
		}
	}
}

// An erasure takes a while. What is read meanwhile may be from before it.
func TestMake_ReadDuringAnErasure_StoresNothingUntilItsEnd(t *testing.T) {
	w := newWorld(t)
	w.add(row{"2026-06-01", -100, "home"})
	accounts, boundary := erasuretest.Of(t, w.users), w.now()
	accounts.Begin(t, "ada", boundary)
	w.at.Add(time.Minute.Milliseconds())
	w.daily("ada")
	_, err := w.monthly("ada", latest)
	must(t, err)
	if ids := w.ids("ada"); len(ids) != 0 {
		t.Errorf("stored are %v", ids)
	}
	accounts.End(t, "ada", boundary, w.now())
	w.at.Add(time.Second.Milliseconds())
	w.daily("ada")
	if ids := w.ids("ada"); !slices.Equal(ids, []string{"daily-2026-07-15", "reader"}) {
		t.Errorf("after the erasure, stored are %v", ids)
	}
}
