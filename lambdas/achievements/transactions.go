package achievements

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

// Transactions records achievements for numbers of transactions.
var Transactions = function.Define(function.Spec[*transactionAchievements]{
	Name:    "achievements-transactions",
	Purpose: "Records an achievement when a user has a first, a hundredth and a thousandth transaction.",
	New: func(resources *function.Resources) (*transactionAchievements, error) {
		return &transactionAchievements{
			guard:        erasure.OpenGuard(resources),
			figures:      transactionstore.OpenFigures(resources),
			achievements: store.Open[tables.Achievement](resources, tables.Achievements),
			now:          time.Now,
		}, nil
	},
	Events: []function.EventOf[*transactionAchievements]{function.ConsumesGroups(transactions.Changed, userOfCreation, (*transactionAchievements).Count)},
	Permissions: function.Permissions{
		Tables: []tables.Grant{tables.Achievements.Allow(tables.PutItem)},
	}.And(transactionstore.MonthsPermissions).And(erasure.GuardPermissions),
})

// milestones are the numbers of transactions for which there is an achievement.
var milestones = []int{1, 100, 1000}

type transactionAchievements struct {
	guard   *erasure.Guard
	figures interface {
		Months(ctx context.Context, userID, from, to string) ([]transactionstore.Month, error)
	}
	achievements *store.Table[tables.Achievement]
	now          func() time.Time
}

// userOfCreation is the group of a change: only creations count, and those of one user at
// once.
func userOfCreation(change transactions.TransactionChanged) string {
	if change.Kind != transactions.TransactionCreated {
		return ""
	}
	return change.UserID
}

// Count records the achievements for the transactions that the user has when one is
// created. An achievement is recorded once, and stays when transactions are deleted.
func (a *transactionAchievements) Count(ctx context.Context, change transactions.TransactionChanged) error {
	source := erasure.ReadAt(a.now())
	months, err := a.figures.Months(ctx, change.UserID, "", "")
	if err != nil {
		return err
	}
	count := 0
	for _, month := range months {
		count += month.Count
	}
	for _, milestone := range milestones {
		if count < milestone {
			break
		}
		err := a.guard.Write(ctx, change.UserID, source, a.achievements.TxCreate(tables.Achievement{
			UserID: change.UserID, ID: tables.TransactionAchievementID(milestone), Type: "special", EarnedAt: a.now().UnixMilli(),
		}))
		if err != nil {
			return err
		}
	}
	return nil
}
