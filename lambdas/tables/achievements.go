package tables

import (
	"fmt"

	"github.com/expenzez/infrastructure/lambdas/money"
)

// Achievements holds one item for each achievement of a user, and one with the user's
// counters.
var Achievements = &Table{
	Name:         "Achievements",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// AchievementCountersID is the id of the item with a user's counters.
const AchievementCountersID = "counters"

// GoalAchievementID returns the id of the achievement for a goal that was reached.
func GoalAchievementID(goalID string) string { return "goal#" + goalID }

// TransactionAchievementID returns the id of the achievement for a number of
// transactions.
func TransactionAchievementID(count int) string { return fmt.Sprintf("transactions#%d", count) }

// Achievement is an item of Achievements.
type Achievement struct {
	UserID string `dynamodbav:"userId"`
	ID     string `dynamodbav:"id"`
	// Type is a type of Achievement in the contract, such as "goal_completion".
	Type   string       `dynamodbav:"type"`
	GoalID string       `dynamodbav:"goalId,omitempty"`
	Amount money.Amount `dynamodbav:"amount"`
	// EarnedAt is in epoch milliseconds.
	EarnedAt int64 `dynamodbav:"earnedAt"`
}

// AchievementCounters is the item with the id AchievementCountersID.
type AchievementCounters struct {
	UserID string `dynamodbav:"userId"`
	ID     string `dynamodbav:"id"`
	// GoalsReached counts each goal once, however often it is reached.
	GoalsReached int `dynamodbav:"goalsReached"`
}
