package goals

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// GoalReached says that a goal was reached for the first time. It has no text of the
// user. ReachedAt is in epoch milliseconds.
type GoalReached struct {
	UserID        string       `json:"userId"`
	GoalID        string       `json:"goalId"`
	TargetAmount  money.Amount `json:"targetAmount"`
	CurrentAmount money.Amount `json:"currentAmount"`
	ReachedAt     int64        `json:"reachedAt"`
}

// Cause returns the cause of the alert and the notification of the goal.
func (r GoalReached) Cause() string { return "goal-" + r.GoalID }

// Reached has a message for each goal that is reached, under the goal's id.
var Reached = function.NewTopic[GoalReached]("goal-reached", "A goal of a user reached its target amount for the first time.")

// Changes follows the changes of goals.
var Changes = function.Define(function.Spec[*changes]{
	Name:    "goals-changes",
	Purpose: "Publishes which goals were reached, from the changes of the table.",
	New: func(resources *function.Resources) (*changes, error) {
		return &changes{messaging.Open(resources, Reached)}, nil
	},
	Events:      []function.EventOf[*changes]{function.Changes(tables.Goals, (*changes).Publish)},
	Permissions: function.Permissions{Publishes: []*function.Topic{Reached.Topic}},
})

type changes struct {
	reached interface {
		Publish(ctx context.Context, id string, message GoalReached) error
	}
}

// reachedState is what of a goal tells whether it was reached.
type reachedState struct {
	UserID        string       `dynamodbav:"userId"`
	GoalID        string       `dynamodbav:"goalId"`
	TargetAmount  money.Amount `dynamodbav:"targetAmount"`
	CurrentAmount money.Amount `dynamodbav:"currentAmount"`
	ReachedAt     int64        `dynamodbav:"reachedAt"`
}

// Publish publishes a message when the goal was reached by the change. The same change
// again publishes the same message under the same id.
func (c *changes) Publish(ctx context.Context, change function.Change[reachedState]) error {
	before, now := change.Old, change.New
	if now == nil || now.ReachedAt == 0 || (before != nil && before.ReachedAt != 0) {
		return nil
	}
	return c.reached.Publish(ctx, now.GoalID, GoalReached(*now))
}
