package achievements

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// List reads achievements.
var List = function.Define(function.Spec[*list]{
	Name:    "achievements-list",
	Purpose: "Lists the caller's achievements, with level, streaks and milestones.",
	New: func(resources *function.Resources) (*list, error) {
		return &list{transactionstore.OpenFigures(resources), store.Open[storedAchievement](resources, tables.Achievements), time.Now}, nil
	},
	Routes: []function.RouteOf[*list]{function.SignedIn("GET /achievements", (*list).List)},
	Permissions: function.Permissions{
		Tables: []tables.Grant{tables.Achievements.Allow(tables.Query)},
	}.And(transactionstore.MonthsPermissions),
})

// maxAchievements is more items than a user has: one for each goal that was ever reached.
const maxAchievements = 1000

type list struct {
	figures interface {
		Months(ctx context.Context, userID, from, to string) ([]transactionstore.Month, error)
	}
	achievements *store.Table[storedAchievement]
	now          func() time.Time
}

// storedAchievement is an achievement, or the counters, which have no type.
type storedAchievement struct {
	tables.Achievement
	GoalsReached int `dynamodbav:"goalsReached"`
}

type listResponse struct {
	UserID              string                             `json:"userId"`
	Progress            progressResponse                   `json:"progress"`
	Achievements        function.List[achievementResponse] `json:"achievements"`
	Streaks             streaksResponse                    `json:"streaks"`
	Milestones          milestonesResponse                 `json:"milestones"`
	NewAchievements     function.List[achievementResponse] `json:"newAchievements"`
	Celebration         *celebration                       `json:"celebration"`
	MotivationalMessage string                             `json:"motivationalMessage"`
}

// streaksResponse counts whole months in a row in which income was above spending.
type streaksResponse struct {
	CurrentSavingsStreak int `json:"currentSavingsStreak"`
	LongestSavingsStreak int `json:"longestSavingsStreak"`
}

type milestonesResponse struct {
	TotalSaved         money.Amount `json:"totalSaved"` // income less spending, at least zero
	GoalsCompleted     int          `json:"goalsCompleted"`
	TransactionsLogged int          `json:"transactionsLogged"`
	CategoriesUsed     int          `json:"categoriesUsed"`
}

// List returns the caller's achievements, the newest first: those that were recorded, and
// those that the figures of whole months amount to.
func (l *list) List(ctx context.Context, caller function.Caller, _ function.NoInput) (listResponse, error) {
	var months []transactionstore.Month
	var both errgroup.Group
	both.Go(func() (err error) {
		months, err = l.figures.Months(ctx, caller.UserID, "", "")
		return err
	})
	stored, err := l.achievements.Query(ctx, store.Query{Partition: caller.UserID, Limit: maxAchievements, Consistency: store.Consistent})
	if err := errors.Join(err, both.Wait()); err != nil {
		return listResponse{}, err
	}
	now := l.now()
	whole := wholeMonths(months, calendar.MonthOf(now))
	earned := inOrder(append(recorded(stored.Items), fromFigures(caller.UserID, whole)...))
	response := listResponse{
		UserID: caller.UserID, Progress: progressOf(earned), Achievements: earned, Streaks: streaksOf(whole, calendar.MonthOf(now)),
		Milestones: milestonesOf(months, stored.Items), NewAchievements: newSince(earned, now.Add(-newFor)),
	}
	response.Celebration = celebrate(response.NewAchievements)
	response.MotivationalMessage = response.Progress.message()
	return response, nil
}

func milestonesOf(months []transactionstore.Month, stored []storedAchievement) milestonesResponse {
	var found milestonesResponse
	used := map[string]bool{}
	for _, month := range months {
		found.TotalSaved = found.TotalSaved.Add(month.Income).Sub(month.Spend)
		found.TransactionsLogged += month.Count
		for code := range month.Categories {
			used[code] = true
		}
	}
	if found.TotalSaved.Sign() < 0 {
		found.TotalSaved = money.Amount{}
	}
	for _, item := range stored {
		found.GoalsCompleted += item.GoalsReached
	}
	found.CategoriesUsed = len(used)
	return found
}
