package budgets

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/budgetstore"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Edit writes budgets.
var Edit = function.Define(function.Spec[*edit]{
	Name:    "budgets-edit",
	Purpose: "Changes and deletes budgets of the caller.",
	New:     newEdit,
	Routes: []function.RouteOf[*edit]{
		function.SignedIn("PUT /profile/budget-preferences", (*edit).Update),
		function.SignedIn("DELETE /budgets/{budgetId}", (*edit).Delete),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{tables.Budgets.Allow(tables.GetItem, tables.PutItem)},
	}.And(entitlement.Permissions),
	Timeout: 15 * time.Second, // RevenueCat may take 5 s of it
})

type edit struct {
	budgets *store.Table[tables.BudgetPreferences]
	plans   interface {
		Of(ctx context.Context, caller function.Caller) (entitlement.Entitlement, error)
	}
	now func() time.Time
}

func newEdit(resources *function.Resources) (*edit, error) {
	plans, err := entitlement.Open(resources)
	if err != nil {
		return nil, err
	}
	return &edit{store.Open[tables.BudgetPreferences](resources, tables.Budgets), plans, time.Now}, nil
}

// Update changes the budgets that the request has. The categories replace all stored
// ones.
func (e *edit) Update(ctx context.Context, caller function.Caller, in preferencesRequest) (preferencesResponse, error) {
	changed, err := e.modify(ctx, caller.UserID, func(stored *tables.BudgetPreferences) error {
		before := stored.Budgets
		in.apply(stored, e.now())
		return e.checkPlan(ctx, caller, before, stored.Budgets)
	})
	if err != nil {
		return preferencesResponse{}, err
	}
	return preferencesResponse{preferencesOf(*changed), "Your budgets are saved."}, nil
}

// checkPlan returns errTooMany when a user of the free plan has more budgets than the plan
// allows, and one of them is new. Budgets from a premium plan that has ended stay.
func (e *edit) checkPlan(ctx context.Context, caller function.Caller, before, after map[string]tables.Budget) error {
	if len(after) <= freeBudgets || !addsTo(before, after) {
		return nil
	}
	plan, err := e.plans.Of(ctx, caller)
	if err != nil {
		return err
	}
	if plan.Plan != tables.Premium {
		return errTooMany
	}
	return nil
}

// addsTo reports whether a budget has an id that none had before.
func addsTo(before, after map[string]tables.Budget) bool {
	for id := range after {
		if _, existed := before[id]; !existed {
			return true
		}
	}
	return false
}

type budgetRequest struct {
	BudgetID string `path:"budgetId" json:"-" validate:"required,max=64"`
}

// Delete deletes a budget.
func (e *edit) Delete(ctx context.Context, caller function.Caller, in budgetRequest) (function.SuccessResponse, error) {
	_, err := e.modify(ctx, caller.UserID, func(stored *tables.BudgetPreferences) error {
		if _, found := stored.Budgets[in.BudgetID]; !found {
			return errNoBudget
		}
		delete(stored.Budgets, in.BudgetID)
		return nil
	})
	if err != nil {
		return function.SuccessResponse{}, err
	}
	return function.SuccessResponse{Success: true, Message: "Your budget is deleted."}, nil
}

// modify changes a user's budgets, which have defaults for what the user never set.
func (e *edit) modify(ctx context.Context, userID string, change func(*tables.BudgetPreferences) error) (*tables.BudgetPreferences, error) {
	withDefaults := func(stored *tables.BudgetPreferences) error {
		budgetstore.SetDefaults(stored)
		return change(stored)
	}
	fresh := func() *tables.BudgetPreferences {
		return &tables.BudgetPreferences{UserID: userID, ID: tables.BudgetPreferencesID}
	}
	return e.budgets.ModifyOrCreate(ctx, store.Key{userID, tables.BudgetPreferencesID}, fresh, withDefaults)
}
