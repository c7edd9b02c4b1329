package budgets

import (
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/budgetstore"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// preferencesResponse has all budgets of the caller.
type preferencesResponse struct {
	BudgetPreferences preferences `json:"budgetPreferences"`
	Message           string      `json:"message,omitempty"`
}

// preferences are the budgets as the app reads them. A limit of zero is no budget.
type preferences struct {
	MonthlySpendingLimit money.Amount               `json:"monthlySpendingLimit"`
	MonthlyBudget        money.Amount               `json:"monthlyBudget"` // the same, for earlier versions of the app
	CategoryBudgets      function.Map[money.Amount] `json:"categoryBudgets"`
	AlertThreshold       float64                    `json:"alertThreshold"` // whole percent
	Currency             string                     `json:"currency"`
}

func preferencesOf(stored tables.BudgetPreferences) preferences {
	limit := stored.Budgets[tables.MonthlyBudgetID].Limit
	found := preferences{
		MonthlySpendingLimit: limit, MonthlyBudget: limit, CategoryBudgets: map[string]money.Amount{},
		AlertThreshold: float64(stored.AlertThreshold), Currency: stored.Currency,
	}
	for id, budget := range stored.Budgets {
		if id != tables.MonthlyBudgetID {
			found.CategoryBudgets[budgetstore.NameOf(id)] = budget.Limit
		}
	}
	return found
}

// preferencesRequest has what to change; an absent field is left as it is. The categories
// replace all that there are. A limit of zero is no budget.
type preferencesRequest struct {
	MonthlySpendingLimit *money.Amount           `json:"monthlySpendingLimit" validate:"omitempty,gte=0,lte=1000000000"`
	MonthlyBudget        *money.Amount           `json:"monthlyBudget" validate:"omitempty,gte=0,lte=1000000000"` // counts without the first
	CategoryBudgets      map[string]money.Amount `json:"categoryBudgets" validate:"omitempty,max=100,dive,keys,max=64,plaintext,endkeys,gte=0,lte=1000000000"`
	AlertThreshold       *money.Amount           `json:"alertThreshold" validate:"omitempty,gte=1,lte=100"`
	Currency             *string                 `json:"currency" validate:"omitempty,len=3,alpha"`
}

// apply changes the stored budgets. Only a budget whose limit or threshold is another
// than before is changed.
func (r preferencesRequest) apply(stored *tables.BudgetPreferences, now time.Time) {
	limits := map[string]money.Amount{}
	for id, budget := range stored.Budgets {
		limits[id] = budget.Limit
	}
	if r.CategoryBudgets != nil {
		limits = r.categoryLimits(stored.Budgets)
		limits[tables.MonthlyBudgetID] = stored.Budgets[tables.MonthlyBudgetID].Limit
	}
	for _, limit := range []*money.Amount{r.MonthlyBudget, r.MonthlySpendingLimit} {
		if limit != nil {
			limits[tables.MonthlyBudgetID] = *limit
		}
	}
	threshold := stored.AlertThreshold
	if r.AlertThreshold != nil {
		threshold = int(r.AlertThreshold.Round(0).Decimal().IntPart())
	}
	if r.Currency != nil {
		stored.Currency = *r.Currency
	}
	budgets := map[string]tables.Budget{}
	for id, limit := range limits {
		if limit.Sign() <= 0 {
			continue
		}
		budget, existed := stored.Budgets[id]
		if !existed {
			budget.CreatedAt = now.UnixMilli()
		}
		if !existed || !budget.Limit.Equal(limit) || threshold != stored.AlertThreshold {
			budget.ChangedAt = now.UnixMilli()
		}
		budget.Limit = limit
		budgets[id] = budget
	}
	stored.Budgets, stored.AlertThreshold = budgets, threshold
}

// categoryLimits returns the limits by canonical code. The app may send a category under
// the spelling that it was served and under another one: then the amount that is new
// counts, and of several new ones the largest.
func (r preferencesRequest) categoryLimits(stored map[string]tables.Budget) map[string]money.Amount {
	limits := map[string]money.Amount{}
	for word, amount := range r.CategoryBudgets {
		id := string(categories.Parse(word))
		other, twice := limits[id]
		before := stored[id].Limit
		switch {
		case amount.Sign() <= 0:
		case !twice, other.Equal(before), !amount.Equal(before) && amount.Cmp(other) > 0:
			limits[id] = amount
		}
	}
	return limits
}
