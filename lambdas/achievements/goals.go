package achievements

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Goals records achievements for goals.
var Goals = function.Define(function.Spec[*goalAchievements]{
	Name:    "achievements-goals",
	Purpose: "Records an achievement for each goal that was reached, and counts them.",
	New: func(resources *function.Resources) (*goalAchievements, error) {
		return &goalAchievements{
			guard:        erasure.OpenGuard(resources),
			goals:        store.Open[store.SealedItem](resources, tables.Goals),
			achievements: store.Open[tables.Achievement](resources, tables.Achievements),
		}, nil
	},
	Events: []function.EventOf[*goalAchievements]{function.Consumes(goals.Reached, (*goalAchievements).Add)},
	Permissions: function.Permissions{Tables: []tables.Grant{
		tables.Goals.Allow(tables.ConditionCheckItem),
		tables.Achievements.Allow(tables.PutItem, tables.UpdateItem),
	}}.And(erasure.GuardPermissions),
})

type goalAchievements struct {
	guard        *erasure.Guard
	goals        *store.Table[store.SealedItem]
	achievements *store.Table[tables.Achievement]
}

// Add records the achievement for a goal and counts it, once, while the goal and its
// user are there.
func (a *goalAchievements) Add(ctx context.Context, reached goals.GoalReached) error {
	return a.guard.Write(ctx, reached.UserID, erasure.CausedAt(reached.ReachedAt),
		a.goals.TxConditionCheck(store.Key{reached.UserID, reached.GoalID}),
		a.achievements.TxCreate(tables.Achievement{
			UserID: reached.UserID, ID: tables.GoalAchievementID(reached.GoalID), Type: "goal_completion",
			GoalID: reached.GoalID, Amount: reached.TargetAmount, EarnedAt: reached.ReachedAt,
		}),
		a.achievements.TxUpsert(store.Key{reached.UserID, tables.AchievementCountersID}, expression.Add(expression.Name("goalsReached"), expression.Value(1))),
	)
}
