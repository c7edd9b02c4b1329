package facts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/budgetstore"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Permissions are what a function needs that opens a Reader.
var Permissions = transactionstore.MonthsPermissions.And(sealed.Permissions(tables.Goals, tables.Query)).And(budgetstore.Permissions).
	And(creditfigures.Permissions).And(billstore.ReadPermissions)

// MonthlyFigures are what users' transactions add up to. *transactionstore.Store has them.
type MonthlyFigures interface {
	Months(ctx context.Context, userID, from, to string) ([]transactionstore.Month, error)
}

// SavedGoals are users' goals. *sealed.Table[tables.Goal] has them.
type SavedGoals interface {
	Query(ctx context.Context, q store.Query) (store.Page[tables.Goal], error)
}

// SetBudgets are users' budgets. *budgetstore.Reader has them.
type SetBudgets interface {
	Preferences(ctx context.Context, userID string) (tables.BudgetPreferences, error)
}

// CreditFigures are what users entered about their credit. *creditfigures.Reader has them.
type CreditFigures interface {
	Read(ctx context.Context, userID string) (creditfigures.Figures, error)
}

// KnownBills are users' bills. *billstore.Store has them.
type KnownBills interface {
	Read(ctx context.Context, userID string, today dates.Day) (billstore.Bills, error)
}

// Reader reads the facts of users. It is safe for concurrent use.
type Reader struct {
	figures MonthlyFigures
	goals   SavedGoals
	budgets SetBudgets
	credit  CreditFigures
	bills   KnownBills
}

// New returns the reader of these figures, goals, budgets and bills.
func New(figures MonthlyFigures, goals SavedGoals, budgets SetBudgets, credit CreditFigures, bills KnownBills) *Reader {
	return &Reader{figures, goals, budgets, credit, bills}
}

// Open returns the reader of a function that has Permissions.
func Open(resources *function.Resources) *Reader {
	return New(transactionstore.OpenFigures(resources), sealed.Open[tables.Goal](resources, tables.Goals), budgetstore.Open(resources), creditfigures.Open(resources),
		billstore.Open(resources))
}

// Read returns the facts of a user at a moment, which is in the current month. It reads
// all tables at the same time, and returns the first of their errors.
func (r *Reader) Read(ctx context.Context, userID string, now time.Time) (Facts, error) {
	known := Facts{Today: calendar.DayOf(now)}
	month := known.Month()
	var (
		months  []transactionstore.Month
		page    store.Page[tables.Goal]
		budgets tables.BudgetPreferences
		credit  creditfigures.Figures
		bills   billstore.Bills
		all     errgroup.Group
	)
	all.Go(func() (err error) {
		months, err = r.figures.Months(ctx, userID, dates.AddMonths(month, -monthsAveraged), month)
		return err
	})
	all.Go(func() (err error) {
		page, err = r.goals.Query(ctx, store.Query{Partition: userID, Descending: true, Limit: 100})
		return err
	})
	all.Go(func() (err error) {
		budgets, err = r.budgets.Preferences(ctx, userID)
		return err
	})
	all.Go(func() (err error) {
		credit, err = r.credit.Read(ctx, userID)
		return err
	})
	all.Go(func() (err error) {
		bills, err = r.bills.Read(ctx, userID, known.Today)
		return err
	})
	if err := all.Wait(); err != nil {
		return Facts{}, fmt.Errorf("read facts: %w", err)
	}
	current, _ := transactionstore.FindMonth(months, month)
	known.Health = credit.Health(averageIncome(month, months))
	goals, titles := ofGoals(page.Items, now)
	known.Titles = titles
	known.List = slices.Concat(spending(month, months), ofBudgets(month, budgetstore.Status(budgets, current)), goals,
		ofCredit(credit, known.Health), ofBills(bills))
	return known, nil
}
