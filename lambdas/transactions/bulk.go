package transactions

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/categoryrules"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
)

// Bulk changes many transactions at once, and learns rules from that.
var Bulk = function.Define(function.Spec[*bulk]{
	Name:    "transactions-bulk",
	Purpose: "Gives many transactions of the caller a category, or leaves them out of spending, and remembers it for their merchants.",
	New: func(resources *function.Resources) (*bulk, error) {
		return &bulk{transactionstore.Open(resources), categoryrules.Open(resources)}, nil
	},
	Routes: []function.RouteOf[*bulk]{
		function.SignedIn("POST /transactions/bulk-categorize", (*bulk).Categorise),
		function.SignedIn("POST /transactions/bulk-exclude", (*bulk).Exclude),
	},
	Permissions: transactionstore.EditPermissions.And(categoryrules.LearnPermissions),
	Timeout:     29 * time.Second, // a thousand transactions take some seconds
})

type bulk struct {
	transactions *transactionstore.Store
	rules        *categoryrules.Rules
}

type categoriseRequest struct {
	TransactionIDs []string `json:"transactionIds" validate:"required,max=1000,dive,min=1,max=128"`
	Category       string   `json:"category" validate:"required,max=50,plaintext"`
}

type categoriseResponse struct {
	Message  string `json:"message"`
	Updated  int    `json:"updated"`
	Failed   int    `json:"failed"`
	Category string `json:"category"`
}

// Categorise gives transactions a category, and remembers it for their merchants. An id
// that is none of the caller's transactions is counted as failed.
func (b *bulk) Categorise(ctx context.Context, caller function.Caller, in categoriseRequest) (categoriseResponse, error) {
	code := categories.Parse(in.Category)
	changed, failed, err := b.edit(ctx, caller.UserID, in.TransactionIDs, func(t *transactionstore.Transaction) { t.Category = string(code) })
	if err == nil {
		err = b.rules.Learn(ctx, caller.UserID, categoryrules.Category(code), merchantsOf(changed)...)
	}
	if err != nil {
		return categoriseResponse{}, err
	}
	return categoriseResponse{
		Message: fmt.Sprintf("%d transactions are changed.", len(changed)), Updated: len(changed), Failed: failed, Category: code.In(categories.TransactionList),
	}, nil
}

type excludeRequest struct {
	TransactionIDs   []string `json:"transactionIds" validate:"required,max=1000,dive,min=1,max=128"`
	ExcludeFromSpend *bool    `json:"excludeFromSpend" validate:"required"`
	Merchant         string   `json:"merchant" validate:"omitempty,max=500,plaintext"`
}

type excludeResponse struct {
	Updated          int  `json:"updated"`
	Failed           int  `json:"failed"`
	ExcludeFromSpend bool `json:"excludeFromSpend"`
}

// Exclude leaves transactions out of spending, or takes them in. With a merchant it
// remembers that for the merchant. A leg of a transfer that is taken in is no longer
// linked to the other.
func (b *bulk) Exclude(ctx context.Context, caller function.Caller, in excludeRequest) (excludeResponse, error) {
	changed, failed, err := b.edit(ctx, caller.UserID, in.TransactionIDs, func(t *transactionstore.Transaction) {
		choice := *in.ExcludeFromSpend
		t.ExcludeChoice = &choice
	})
	if err == nil && in.Merchant != "" {
		err = b.learnExclusion(ctx, caller.UserID, in)
	}
	if err != nil {
		return excludeResponse{}, err
	}
	return excludeResponse{len(changed), failed, *in.ExcludeFromSpend}, nil
}

func (b *bulk) learnExclusion(ctx context.Context, userID string, in excludeRequest) error {
	hashes, err := b.transactions.MerchantHashes(ctx, userID, in.Merchant)
	if err != nil {
		return err
	}
	return b.rules.Learn(ctx, userID, categoryrules.Exclusion(*in.ExcludeFromSpend), hashes...)
}

// edit changes the transactions with these ids. It returns those that are as the edit
// made them, and how many do not exist.
func (b *bulk) edit(ctx context.Context, userID string, ids []string, edit func(*transactionstore.Transaction)) (changed []*transactionstore.Transaction, failed int, err error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	changes := make([]transactionstore.Change, len(ids))
	for i, id := range ids {
		changes[i] = transactionstore.Edit(id, func(t *transactionstore.Transaction) error {
			edit(t)
			return nil
		})
	}
	results, err := b.transactions.Apply(ctx, userID, changes)
	for _, result := range results {
		if result.Outcome == transactionstore.NotFound {
			failed++
		} else if result.Transaction != nil {
			changed = append(changed, result.Transaction)
		}
	}
	return changed, failed, err
}

func merchantsOf(transactions []*transactionstore.Transaction) []string {
	hashes := make([]string, len(transactions))
	for i, t := range transactions {
		hashes[i] = t.MerchantHash
	}
	return hashes
}
