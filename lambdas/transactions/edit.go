package transactions

import (
	"cmp"
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/categoryrules"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
)

// Edit writes single transactions and expenses.
var Edit = function.Define(function.Spec[*edit]{
	Name:    "transactions-edit",
	Purpose: "Creates, changes and deletes single transactions and expenses of the caller.",
	New: func(resources *function.Resources) (*edit, error) {
		return &edit{transactionstore.Open(resources), categoryrules.Open(resources), time.Now}, nil
	},
	Routes: []function.RouteOf[*edit]{
		function.SignedIn("POST /transactions", (*edit).Create, function.Idempotent()),
		function.SignedIn("PUT /transactions/{transactionId}", (*edit).Update),
		function.SignedIn("DELETE /transactions/{transactionId}", (*edit).Delete),
		function.SignedIn("POST /expenses", (*edit).CreateExpense, function.Idempotent()),
		function.SignedIn("PUT /expenses/{expenseId}", (*edit).UpdateExpense),
		function.SignedIn("DELETE /expenses/{expenseId}", (*edit).DeleteExpense),
	},
	Permissions: transactionstore.CreatePermissions.And(transactionstore.EditPermissions).And(transactionstore.DeletePermissions).
		And(categoryrules.LearnPermissions).And(categoryrules.ApplyPermissions),
})

type edit struct {
	transactions *transactionstore.Store
	rules        *categoryrules.Rules
	now          func() time.Time
}

type savedResponse struct {
	Message     string              `json:"message"`
	Transaction transactionResponse `json:"transaction"`
}

// Create creates a transaction of the caller. One without a category gets that of the
// user's rule for its merchant.
func (e *edit) Create(ctx context.Context, caller function.Caller, in createRequest) (savedResponse, error) {
	made := in.transaction(e.now())
	if made.Category == string(categories.Other) {
		if err := e.followRule(ctx, caller.UserID, &made); err != nil {
			return savedResponse{}, err
		}
	}
	response := savedResponse{"Your transaction is saved.", responseOf(&made)}
	return response, e.create(ctx, caller.UserID, made, response)
}

func (e *edit) followRule(ctx context.Context, userID string, made *transactionstore.Transaction) error {
	rules, err := e.rules.All(ctx, userID)
	if err != nil {
		return err
	}
	hashes, err := e.transactions.MerchantHashes(ctx, userID, cmp.Or(made.Text.Merchant, made.Text.Description))
	if err == nil {
		rules.Apply(made, hashes[0])
	}
	return err
}

// create stores a new transaction and the response to the request, both or neither.
func (e *edit) create(ctx context.Context, userID string, made transactionstore.Transaction, response any) error {
	completion, err := idempotency.Completion(ctx, response)
	if err != nil {
		return err
	}
	_, err = e.transactions.Apply(ctx, userID, []transactionstore.Change{transactionstore.Create(made)}, completion)
	return err
}

// Update changes the fields of a transaction that the request has. Two devices that
// change different fields both keep theirs. Another category is remembered for the
// merchant.
func (e *edit) Update(ctx context.Context, caller function.Caller, in updateRequest) (savedResponse, error) {
	before := ""
	changed, err := e.apply(ctx, caller.UserID, transactionstore.Edit(in.ID, func(t *transactionstore.Transaction) error {
		before = t.Category
		return in.apply(t)
	}), errNoTransaction)
	if err == nil && changed.Category != before {
		err = e.rules.Learn(ctx, caller.UserID, categoryrules.Category(categories.Code(changed.Category)), changed.MerchantHash)
	}
	if err != nil {
		return savedResponse{}, err
	}
	return savedResponse{"Your transaction is saved.", responseOf(changed)}, nil
}

// Delete deletes a transaction.
func (e *edit) Delete(ctx context.Context, caller function.Caller, in transactionRequest) (function.SuccessResponse, error) {
	_, err := e.apply(ctx, caller.UserID, transactionstore.Delete(in.ID), errNoTransaction)
	return function.SuccessResponse{Success: true, Message: "Your transaction is deleted."}, err
}

// apply makes one change, and returns notFound when its transaction does not exist.
func (e *edit) apply(ctx context.Context, userID string, change transactionstore.Change, notFound *apierror.Error) (*transactionstore.Transaction, error) {
	results, err := e.transactions.Apply(ctx, userID, []transactionstore.Change{change})
	if err != nil {
		return nil, err
	}
	if results[0].Outcome == transactionstore.NotFound {
		return nil, notFound
	}
	return results[0].Transaction, nil
}
