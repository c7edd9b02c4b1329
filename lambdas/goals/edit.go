package goals

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Edit writes goals. The routes with a user in the path are the legacy forms.
var Edit = function.Define(function.Spec[*edit]{
	Name:    "goals-edit",
	Purpose: "Creates, changes and deletes goals of the caller, and adds contributions to them.",
	New: func(resources *function.Resources) (*edit, error) {
		return &edit{sealed.Open[tables.Goal](resources, tables.Goals), time.Now}, nil
	},
	Routes: []function.RouteOf[*edit]{
		function.SignedIn("POST /goals", (*edit).Create, function.Idempotent()),
		function.SignedIn("POST /goals/{id}", (*edit).CreateForUser, function.Idempotent()),
		function.SignedIn("PUT /goals/{id}", (*edit).Update),
		function.SignedIn("PUT /goals/{userId}/{goalId}", (*edit).UpdateForUser),
		function.SignedIn("DELETE /goals/{id}", (*edit).Delete),
		function.SignedIn("DELETE /goals/{userId}/{goalId}", (*edit).DeleteForUser),
		function.SignedIn("POST /goals/{userId}/{goalId}/contributions", (*edit).Contribute),
	},
	Permissions: sealed.Permissions(tables.Goals, tables.Query, tables.GetItem, tables.PutItem, tables.UpdateItem, tables.DeleteItem),
})

type edit struct {
	goals *sealed.Table[tables.Goal]
	now   func() time.Time
}

type savedGoalResponse struct {
	Goal    goalResponse `json:"goal"`
	Message string       `json:"message"`
}

// Create creates a goal of the caller.
func (e *edit) Create(ctx context.Context, caller function.Caller, in createRequest) (savedGoalResponse, error) {
	made := in.goal(caller.UserID, e.now())
	addContribution(&made, "", *in.CurrentAmount, e.now())
	touch(&made, e.now())
	response := savedGoalResponse{goalOf(made), "Your goal is saved."}
	return response, e.create(ctx, made, response)
}

// CreateForUser is Create in the legacy form.
func (e *edit) CreateForUser(ctx context.Context, caller function.Caller, in createForUserRequest) (goalResponse, error) {
	if in.UserID != caller.UserID {
		return goalResponse{}, errNoGoal
	}
	made := in.goal(caller.UserID, e.now())
	made.Type, made.Priority, made.AutoSave = in.Type, in.Priority, in.AutoSaveSettings.item()
	return goalOf(made), e.create(ctx, made, goalOf(made))
}

// create stores a new goal and the response to the request, both or neither.
func (e *edit) create(ctx context.Context, made tables.Goal, response any) error {
	existing, err := e.goals.Query(ctx, store.Query{Partition: made.UserID, KeysOnly: true, Limit: maxGoals})
	if err != nil {
		return err
	}
	if len(existing.Items) == maxGoals {
		return errTooMany
	}
	creation, creationErr := e.goals.TxCreate(ctx, made.UserID, made)
	completion, completionErr := idempotency.Completion(ctx, response)
	if err := errors.Join(creationErr, completionErr); err != nil {
		return err
	}
	return e.goals.Transact(ctx, creation, completion)
}

// Update changes the fields of a goal that the request has. Two devices that change
// different fields both keep theirs.
func (e *edit) Update(ctx context.Context, caller function.Caller, in updateRequest) (savedGoalResponse, error) {
	changed, err := e.modify(ctx, caller.UserID, in.GoalID, in.goalChange.apply)
	if err != nil {
		return savedGoalResponse{}, err
	}
	return savedGoalResponse{goalOf(*changed), "Your goal is saved."}, nil
}

// UpdateForUser is Update in the legacy form.
func (e *edit) UpdateForUser(ctx context.Context, caller function.Caller, in updateForUserRequest) (goalResponse, error) {
	if in.UserID != caller.UserID {
		return goalResponse{}, errNoGoal
	}
	changed, err := e.modify(ctx, caller.UserID, in.GoalID, in.goalChange.apply)
	if err != nil {
		return goalResponse{}, err
	}
	return goalOf(*changed), nil
}

func (e *edit) modify(ctx context.Context, userID, goalID string, apply func(*tables.Goal, time.Time)) (*tables.Goal, error) {
	changed, err := e.goals.Modify(ctx, store.Key{userID, goalID}, func(g *tables.Goal) error {
		apply(g, e.now())
		touch(g, e.now())
		return nil
	})
	return changed, store.AsNotFound(err, errNoGoal)
}

// Delete deletes a goal.
func (e *edit) Delete(ctx context.Context, caller function.Caller, in goalRequest) (function.SuccessResponse, error) {
	err := e.goals.Remove(ctx, store.Key{caller.UserID, in.GoalID})
	return function.SuccessResponse{Success: true, Message: "Your goal is deleted."}, store.AsNotFound(err, errNoGoal)
}

// DeleteForUser is Delete in the legacy form.
func (e *edit) DeleteForUser(ctx context.Context, caller function.Caller, in userGoalRequest) (function.SuccessResponse, error) {
	if in.UserID != caller.UserID {
		return function.SuccessResponse{}, errNoGoal
	}
	return e.Delete(ctx, caller, goalRequest{in.GoalID})
}

// Contribute adds to the current amount of a goal, once for a source and a timestamp.
func (e *edit) Contribute(ctx context.Context, caller function.Caller, in contributionRequest) (progressResponse, error) {
	if in.UserID != caller.UserID {
		return progressResponse{}, errNoGoal
	}
	id, err := e.goals.Hash(ctx, caller.UserID, "goal-contribution", in.GoalID, in.Source, in.Timestamp)
	if err != nil {
		return progressResponse{}, err
	}
	changed, err := e.modify(ctx, caller.UserID, in.GoalID, func(g *tables.Goal, now time.Time) { contribute(g, id, in.Amount, now) })
	if err != nil {
		return progressResponse{}, err
	}
	return progressOf(*changed, e.now()), nil
}
