package goals

import (
	"context"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// List reads goals.
var List = function.Define(function.Spec[*list]{
	Name:    "goals-list",
	Purpose: "Lists the caller's goals with their progress.",
	New: func(resources *function.Resources) (*list, error) {
		return &list{sealed.Open[tables.Goal](resources, tables.Goals), transactionstore.OpenFigures(resources), time.Now}, nil
	},
	Routes:      []function.RouteOf[*list]{function.SignedIn("GET /goals", (*list).List)},
	Permissions: sealed.Permissions(tables.Goals, tables.Query).And(transactionstore.MonthsPermissions),
})

type list struct {
	goals  *sealed.Table[tables.Goal]
	months interface {
		AverageMonth(ctx context.Context, userID string, at time.Time) (transactionstore.Average, error)
	}
	now func() time.Time
}

// listResponse has each goal once: among the active ones, with its progress, or among
// the completed ones.
type listResponse struct {
	UserID                 string                          `json:"userId"`
	ActiveGoals            function.List[goalResponse]     `json:"activeGoals"`
	CompletedGoals         function.List[goalResponse]     `json:"completedGoals"`
	GoalProgress           function.List[progressResponse] `json:"goalProgress"`
	TotalSavedTowardsGoals money.Amount                    `json:"totalSavedTowardsGoals"`
	TotalGoalAmount        money.Amount                    `json:"totalGoalAmount"`
	AverageMonthlyProgress money.Amount                    `json:"averageMonthlyProgress"`
	Recommendations        function.List[recommendation]   `json:"recommendations"`
}

// List returns the caller's goals, the newest first. It sees every write before it.
func (l *list) List(ctx context.Context, caller function.Caller, _ function.NoInput) (listResponse, error) {
	page, err := l.goals.Query(ctx, store.Query{Partition: caller.UserID, Descending: true, Limit: maxReadItems})
	if err != nil {
		return listResponse{}, err
	}
	response := listResponse{UserID: caller.UserID}
	for _, g := range page.Items {
		response.TotalSavedTowardsGoals = response.TotalSavedTowardsGoals.Add(g.CurrentAmount)
		response.TotalGoalAmount = response.TotalGoalAmount.Add(g.TargetAmount)
		if completed(g) {
			response.CompletedGoals = append(response.CompletedGoals, goalOf(g))
			continue
		}
		response.ActiveGoals = append(response.ActiveGoals, goalOf(g))
		response.GoalProgress = append(response.GoalProgress, progressOf(g, l.now()))
	}
	response.AverageMonthlyProgress = perMonth(response.TotalSavedTowardsGoals, page.Items, l.now())
	response.Recommendations, err = l.recommend(ctx, caller.UserID, page.Items)
	return response, err
}

// recommend reads the user's average month only where a goal needs advice.
func (l *list) recommend(ctx context.Context, userID string, goals []tables.Goal) ([]recommendation, error) {
	if !slices.ContainsFunc(goals, func(g tables.Goal) bool { return needsAdvice(g, l.now()) }) {
		return nil, nil
	}
	average, err := l.months.AverageMonth(ctx, userID, l.now())
	if err != nil {
		return nil, err
	}
	return recommend(goals, average, l.now()), nil
}
