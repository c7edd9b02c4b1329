package tables

import "github.com/expenzez/infrastructure/lambdas/money"

// Budgets holds one item with all budgets of a user, and one for each budget and month
// in which a threshold was crossed. Package budgetstore reads it.
var Budgets = &Table{
	Name:         "Budgets",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// The ids of the items: that of the budgets, and what those of alerts begin with.
const (
	BudgetPreferencesID = "preferences"
	budgetAlertPrefix   = "alert#"
)

// MonthlyBudgetID is the id of the budget for all spending. Each other budget has the
// canonical code of its category as its id.
const MonthlyBudgetID = "monthly"

// BudgetPreferences is the item with the id BudgetPreferencesID.
type BudgetPreferences struct {
	UserID string `dynamodbav:"userId"`
	ID     string `dynamodbav:"id"`
	// Budgets are the budgets by their id. There is none without a limit.
	Budgets map[string]Budget `dynamodbav:"budgets"`
	// AlertThreshold is in percent of a budget, 0 when it was never set.
	AlertThreshold int `dynamodbav:"alertThreshold,omitempty"`
	// Currency is a code of ISO 4217. Amounts are not converted.
	Currency string `dynamodbav:"currency,omitempty"`
	// Version is a new random text at each write.
	Version string `dynamodbav:"version"`
}

// Budget is what a user means to spend at most in a calendar month. Times are in epoch
// milliseconds.
type Budget struct {
	Limit     money.Amount `dynamodbav:"limit"`
	CreatedAt int64        `dynamodbav:"createdAt"`
	// ChangedAt is when the limit or the threshold changed last. Alerts from before are
	// about another budget.
	ChangedAt int64 `dynamodbav:"changedAt"`
}

// BudgetAlertID returns the id of the alert of a budget and a month, YYYY-MM.
func BudgetAlertID(month, budgetID string) string { return budgetAlertPrefix + month + "#" + budgetID }

// BudgetAlert is the item that a threshold of a budget was crossed in a month: the
// highest threshold so far.
type BudgetAlert struct {
	UserID string `dynamodbav:"userId"`
	// ID is BudgetAlertID.
	ID       string `dynamodbav:"id"`
	BudgetID string `dynamodbav:"budgetId"`
	// Month is YYYY-MM.
	Month string `dynamodbav:"month"`
	// Threshold is in percent of the limit.
	Threshold int `dynamodbav:"threshold"`
	// Limit and Spend are those of the moment of the crossing.
	Limit money.Amount `dynamodbav:"limit"`
	Spend money.Amount `dynamodbav:"spend"`
	// BudgetChangedAt is ChangedAt of the budget.
	BudgetChangedAt int64 `dynamodbav:"budgetChangedAt"`
	// CrossedAt is in epoch milliseconds.
	CrossedAt int64 `dynamodbav:"crossedAt"`
	// Published says that the message about the crossing was published.
	Published bool `dynamodbav:"published,omitempty"`
	// ExpiresAt is in epoch seconds.
	ExpiresAt int64 `dynamodbav:"expiresAt"`
}
