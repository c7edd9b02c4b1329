package budgetstore

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Permissions are what a function needs to call Of.
var Permissions = function.Permissions{
	Tables: []tables.Grant{tables.Budgets.Allow(tables.GetItem)},
}.And(transactionstore.MonthsPermissions)

// What users have who never set it: the percentage that the app sends, and its currency.
const (
	DefaultAlertThreshold = 80
	DefaultCurrency       = "GBP"
)

// Figures are the monthly figures of users. *transactionstore.Store has them.
type Figures interface {
	Months(ctx context.Context, userID, from, to string) ([]transactionstore.Month, error)
}

// Reader reads budgets. It is safe for concurrent use.
type Reader struct {
	items   *store.Table[tables.BudgetPreferences]
	figures Figures
}

// Open returns the reader of a function that declares Permissions.
func Open(resources *function.Resources) *Reader {
	return New(store.Open[tables.BudgetPreferences](resources, tables.Budgets), transactionstore.OpenFigures(resources))
}

// New returns a reader over the table Budgets and these figures.
func New(items *store.Table[tables.BudgetPreferences], figures Figures) *Reader {
	return &Reader{items, figures}
}

// Preferences returns a user's budgets as they are stored, with the defaults of a user
// who has none (GetItem on Budgets).
func (r *Reader) Preferences(ctx context.Context, userID string) (tables.BudgetPreferences, error) {
	stored, err := r.items.Get(ctx, store.Key{userID, tables.BudgetPreferencesID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		stored, err = &tables.BudgetPreferences{UserID: userID, ID: tables.BudgetPreferencesID}, nil
	}
	if err != nil {
		return tables.BudgetPreferences{}, err
	}
	SetDefaults(stored)
	return *stored, nil
}

// SetDefaults sets what the user never set.
func SetDefaults(stored *tables.BudgetPreferences) {
	stored.AlertThreshold = cmp.Or(stored.AlertThreshold, DefaultAlertThreshold)
	stored.Currency = cmp.Or(stored.Currency, DefaultCurrency)
}

// Of returns a user's budgets with what is spent of them in a month, YYYY-MM: the monthly
// budget first, and the others by their id. It makes two reads at the same time.
func (r *Reader) Of(ctx context.Context, userID, month string) ([]Budget, error) {
	var spent transactionstore.Month
	var both errgroup.Group
	both.Go(func() (err error) {
		spent, err = r.Spent(ctx, userID, month)
		return err
	})
	preferences, err := r.Preferences(ctx, userID)
	if err := errors.Join(err, both.Wait()); err != nil {
		return nil, err
	}
	return Status(preferences, spent), nil
}

// Spent returns the figures of a month, zero for one without transactions.
func (r *Reader) Spent(ctx context.Context, userID, month string) (transactionstore.Month, error) {
	months, err := r.figures.Months(ctx, userID, month, month)
	found, _ := transactionstore.FindMonth(months, month)
	return found, err
}

// Budget is a budget and what is spent of it in a month.
type Budget struct {
	// ID is tables.MonthlyBudgetID or a category's canonical code.
	ID string
	// Limit is above zero. Spend is not negative.
	Limit, Spend money.Amount
	// AlertThreshold is in percent of the limit.
	AlertThreshold int
	// CreatedAt and ChangedAt are those of tables.Budget, in epoch milliseconds.
	CreatedAt, ChangedAt int64
}

// Status returns budgets with what is spent of them in a month, in the order of Of.
func Status(preferences tables.BudgetPreferences, month transactionstore.Month) []Budget {
	var found []Budget
	for _, id := range slices.SortedFunc(maps.Keys(preferences.Budgets), monthlyFirst) {
		stored := preferences.Budgets[id]
		spend := month.Categories[id].Spend
		if id == tables.MonthlyBudgetID {
			spend = month.Spend
		}
		found = append(found, Budget{
			ID: id, Limit: stored.Limit, Spend: spend, AlertThreshold: preferences.AlertThreshold,
			CreatedAt: stored.CreatedAt, ChangedAt: stored.ChangedAt,
		})
	}
	return found
}

func monthlyFirst(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == tables.MonthlyBudgetID:
		return -1
	case b == tables.MonthlyBudgetID:
		return 1
	}
	return cmp.Compare(a, b)
}

// Monthly reports whether the budget is for all spending.
func (b Budget) Monthly() bool { return b.ID == tables.MonthlyBudgetID }

// Name returns the budget's name for users: its category as the app's budgets spell it.
func (b Budget) Name() string { return NameOf(b.ID) }

// NameOf returns the name for users of the budget with an id.
func NameOf(id string) string {
	if id == tables.MonthlyBudgetID {
		return "Monthly"
	}
	return categories.Code(id).In(categories.BudgetKeys)
}

// Reached reports whether a percentage of the limit is spent, or more.
func (b Budget) Reached(percent int) bool {
	return b.Spend.Decimal().Mul(hundred).Cmp(b.Limit.Decimal().Mul(decimal.NewFromInt(int64(percent)))) >= 0
}

// Over reports whether more than the limit is spent.
func (b Budget) Over() bool { return b.Spend.Cmp(b.Limit) > 0 }

// Used returns how much of the limit is spent, in percent, rounded down to one decimal.
func (b Budget) Used() decimal.Decimal {
	return b.Spend.Decimal().Mul(hundred).Div(b.Limit.Decimal()).RoundFloor(1)
}

var hundred = decimal.NewFromInt(100)
