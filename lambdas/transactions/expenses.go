package transactions

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// Expenses are debits that the app's legacy screens write. They are transactions too.

var errNoExpense = apierror.New(http.StatusNotFound, "EXPENSE_NOT_FOUND", "There is no such expense.")

// expenseRequest names an expense of the caller in the path.
type expenseRequest struct {
	ID string `path:"expenseId" json:"-" validate:"required,max=128"`
}

// newExpense is what the legacy screen sends, of a new expense and of an edited one.
type newExpense struct {
	Amount           *money.Amount `json:"amount" validate:"required,gt=0,lte=1000000000"`
	Category         string        `json:"category" validate:"required,oneof=groceries transport dining shopping bills health entertainment other"`
	Description      *string       `json:"description" validate:"omitempty,max=500,plaintext"`
	Date             string        `json:"date" validate:"required,instant"`
	Tags             []string      `json:"tags" validate:"omitempty,max=20,dive,max=50,plaintext"`
	Receipt          *receipt      `json:"receipt"`
	IsRecurring      bool          `json:"isRecurring"`
	RecurringPattern *recurrence   `json:"recurringPattern"`
}

type createExpenseRequest struct{ newExpense }

type updateExpenseRequest struct {
	expenseRequest
	newExpense
}

// receipt is a file that the app has of an expense.
type receipt struct {
	URL      string `json:"url,omitempty" validate:"max=500,plaintext"`
	Filename string `json:"filename,omitempty" validate:"max=255,plaintext"`
}

// recurrence is how often the user says an expense comes.
type recurrence struct {
	Frequency string `json:"frequency,omitempty" validate:"omitempty,oneof=daily weekly monthly yearly"`
	Interval  int    `json:"interval,omitempty" validate:"gte=0,lte=1000"`
	EndDate   string `json:"endDate,omitempty" validate:"max=40,plaintext"`
}

// apply sets what an expense has.
func (e newExpense) apply(t *transactionstore.Transaction) error {
	t.SetAmount(*e.Amount, true)
	t.Category = string(categories.Parse(e.Category))
	if e.Description != nil {
		t.Text.Description = *e.Description
	}
	t.Text.Tags = e.Tags
	setDay(t, &e.Date)
	var err error
	t.Text.Receipt, t.Text.Recurrence = nil, nil
	if e.Receipt != nil {
		t.Text.Receipt, err = json.Marshal(e.Receipt)
	}
	if err == nil && (e.IsRecurring || e.RecurringPattern != nil) {
		t.Text.Recurrence, err = json.Marshal(storedRecurrence{e.IsRecurring, e.RecurringPattern})
	}
	return err
}

// storedRecurrence is the form of transactionstore.Texts.Recurrence.
type storedRecurrence struct {
	Recurs  bool        `json:"r"`
	Pattern *recurrence `json:"p,omitempty"`
}

// expenseResponse is an expense as the app reads it.
type expenseResponse struct {
	ID               string        `json:"id"`
	Amount           money.Amount  `json:"amount"`
	Category         string        `json:"category"`
	Description      string        `json:"description"`
	Date             dates.Instant `json:"date"`
	Tags             []string      `json:"tags,omitempty"`
	Receipt          *receipt      `json:"receipt,omitempty"`
	IsRecurring      bool          `json:"isRecurring"`
	RecurringPattern *recurrence   `json:"recurringPattern,omitempty"`
}

func expenseOf(t *transactionstore.Transaction) expenseResponse {
	response := expenseResponse{
		ID: t.TransactionID, Amount: t.Amount.Abs(), Category: categories.Code(t.Category).In(categories.LegacyExpenses),
		Description: t.Text.Description, Date: t.Date(), Tags: t.Text.Tags,
	}
	if len(t.Text.Receipt) > 0 {
		response.Receipt = new(receipt)
		_ = json.Unmarshal(t.Text.Receipt, response.Receipt) // apply wrote it
	}
	if len(t.Text.Recurrence) > 0 {
		var stored storedRecurrence
		_ = json.Unmarshal(t.Text.Recurrence, &stored) // apply wrote it
		response.IsRecurring, response.RecurringPattern = stored.Recurs, stored.Pattern
	}
	return response
}

type savedExpenseResponse struct {
	Message string          `json:"message"`
	Expense expenseResponse `json:"expense"`
}

// CreateExpense creates an expense of the caller.
func (e *edit) CreateExpense(ctx context.Context, caller function.Caller, in createExpenseRequest) (savedExpenseResponse, error) {
	made := newTransaction(e.now(), transactionstore.Expense, in.Date)
	made.Account = defaultAccount
	if err := in.apply(&made); err != nil {
		return savedExpenseResponse{}, err
	}
	response := savedExpenseResponse{"Your expense is saved.", expenseOf(&made)}
	return response, e.create(ctx, caller.UserID, made, response)
}

// UpdateExpense replaces what an expense has.
func (e *edit) UpdateExpense(ctx context.Context, caller function.Caller, in updateExpenseRequest) (function.SuccessResponse, error) {
	_, err := e.apply(ctx, caller.UserID, transactionstore.Edit(in.ID, func(t *transactionstore.Transaction) error {
		if err := isExpense(t); err != nil {
			return err
		}
		return in.apply(t)
	}), errNoExpense)
	return function.SuccessResponse{Success: true, Message: "Your expense is saved."}, err
}

// isExpense returns errNoExpense for any other transaction.
func isExpense(t *transactionstore.Transaction) error {
	if t.Source != transactionstore.Expense {
		return errNoExpense
	}
	return nil
}

// DeleteExpense deletes an expense.
func (e *edit) DeleteExpense(ctx context.Context, caller function.Caller, in expenseRequest) (function.SuccessResponse, error) {
	_, err := e.apply(ctx, caller.UserID, transactionstore.DeleteIf(in.ID, isExpense), errNoExpense)
	return function.SuccessResponse{Success: true, Message: "Your expense is deleted."}, err
}

// listExpensesRequest selects expenses. Dates are moments, or days of the calendar.
type listExpensesRequest struct {
	Limit     int    `query:"limit" json:"-" validate:"gte=0"`
	StartKey  string `query:"startKey" json:"-" validate:"max=4096"`
	StartDate string `query:"startDate" json:"-" validate:"omitempty,day|instant"`
	EndDate   string `query:"endDate" json:"-" validate:"omitempty,day|instant"`
	Category  string `query:"category" json:"-" validate:"max=50,plaintext"`
}

type listExpensesResponse struct {
	Expenses    function.List[expenseResponse] `json:"expenses"`
	TotalAmount money.Amount                   `json:"totalAmount"`
	NextKey     string                         `json:"nextKey,omitempty"`
}

// ListExpenses returns the caller's expenses, the newest first.
func (l *list) ListExpenses(ctx context.Context, caller function.Caller, in listExpensesRequest) (listExpensesResponse, error) {
	filter := listRequest{StartDate: dayOf(in.StartDate), EndDate: dayOf(in.EndDate), Category: in.Category}.filter()
	filter.Source = transactionstore.Expense
	page, err := l.page(ctx, caller, filter, in.Limit, in.StartKey)
	if err != nil {
		return listExpensesResponse{}, err
	}
	response := listExpensesResponse{NextKey: page.Next}
	for _, t := range page.Transactions {
		response.Expenses = append(response.Expenses, expenseOf(t))
		response.TotalAmount = response.TotalAmount.Add(t.Amount.Abs())
	}
	return response, nil
}

// dayOf returns the day of a date that the rules have seen.
func dayOf(text string) string {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return string(calendar.DayOf(at))
	}
	return text
}
