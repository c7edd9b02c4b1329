package achievements

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// rows draws transactions of months up to the current one.
func rows(t *rapid.T) (drawn []transactionstore.Transaction) {
	for i := range rapid.IntRange(0, 30).Draw(t, "rows") {
		one := transactionstore.Transaction{Transaction: tables.Transaction{
			TransactionID: fmt.Sprint("t", i), Source: transactionstore.CSV, Category: rapid.SampledFrom([]string{"food", "salary", "transfer"}).Draw(t, "category"),
		}}
		one.SetDate(time.Date(2026, time.Month(rapid.IntRange(5, 11).Draw(t, "month")), 2, 12, 0, 0, 0, time.UTC))
		one.SetAmount(money.FromMinor(rapid.Int64Range(1, 20).Draw(t, "tens")*10, 0), rapid.Bool().Draw(t, "debit"))
		drawn = append(drawn, one)
	}
	return drawn
}

// byHand computes from raw rows what the response says of them, without the figures.
func byHand(rows []transactionstore.Transaction) (streaksResponse, milestonesResponse) {
	balance, has := map[string]money.Amount{}, map[string]bool{}
	used := map[string]bool{}
	var milestones milestonesResponse
	for _, row := range rows {
		month := row.Day[:7]
		has[month] = true
		milestones.TransactionsLogged++
		if row.Category != "transfer" { // own money is left out
			balance[month] = balance[month].Add(row.Amount)
			milestones.TotalSaved = milestones.TotalSaved.Add(row.Amount)
			used[row.Category] = true
		}
	}
	milestones.CategoriesUsed = len(used)
	if milestones.TotalSaved.Sign() < 0 {
		milestones.TotalSaved = money.Amount{}
	}
	var streaks streaksResponse
	for n := 5; n <= 10; n++ {
		month := fmt.Sprintf("2026-%02d", n)
		if has[month] && balance[month].Sign() > 0 {
			streaks.CurrentSavingsStreak++
		} else {
			streaks.CurrentSavingsStreak = 0
		}
		streaks.LongestSavingsStreak = max(streaks.LongestSavingsStreak, streaks.CurrentSavingsStreak)
	}
	return streaks, milestones
}

func TestList_RandomRows_FiguresAreThoseComputedByHand(t *testing.T) {
	stage, users := transactionstoretest.New(t), 0
	achievements, _ := newTable[storedAchievement](t, tables.Achievements)
	rapid.Check(t, func(r *rapid.T) {
		users++
		user, drawn := fmt.Sprint("user-", users), rows(r)
		var changes []transactionstore.Change
		for _, row := range drawn {
			changes = append(changes, transactionstore.Create(row))
		}
		if _, err := stage.Apply(context.Background(), user, changes); err != nil {
			r.Fatal(err)
		}
		got, err := (&list{stage.Store, achievements, func() time.Time { return at }}).List(context.Background(), function.Caller{UserID: user}, function.NoInput{})
		if err != nil {
			r.Fatal(err)
		}
		streaks, milestones := byHand(drawn)
		if got.Streaks != streaks || !got.Milestones.TotalSaved.Equal(milestones.TotalSaved) ||
			got.Milestones.TransactionsLogged != milestones.TransactionsLogged || got.Milestones.CategoriesUsed != milestones.CategoriesUsed {
			r.Fatalf("got %+v and %+v, by hand %+v and %+v", got.Streaks, got.Milestones, streaks, milestones)
		}
	})
}
