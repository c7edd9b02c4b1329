package bills

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

// maxPayments is how many transactions with a merchant are read: a user who buys a coffee
// on each day has as many in five years.
const maxPayments = 2000

// Detect detects bills.
var Detect = function.Define(function.Spec[*detect]{
	Name:    "bills-detect",
	Purpose: "Detects the bills among the payments to each merchant whose transactions changed.",
	Timeout: 30 * time.Second, // a batch has up to 1,000 changes
	New: func(resources *function.Resources) (*detect, error) {
		return &detect{transactionstore.OpenToRead(resources), billstore.Open(resources), erasure.OpenGuard(resources)}, nil
	},
	Events: []function.EventOf[*detect]{function.ConsumesGroups(transactions.Changed, merchantsOf, (*detect).Run)},
	Permissions: billstore.SavePermissions.
		And(transactionstore.MerchantHashPermissions).And(transactionstore.GetPermissions),
})

type detect struct {
	transactions *transactionstore.Store
	bills        *billstore.Store
	guard        *erasure.Guard
}

// merchantsOf returns the user and the merchants of a change, so that the many rows of an
// import lead to one detection of each merchant in a batch. A change without a merchant
// concerns no bill.
func merchantsOf(change transactions.TransactionChanged) string {
	hashes := hashesOf(change)
	if len(hashes) == 0 {
		return ""
	}
	return change.UserID + "#" + strings.Join(hashes, "#")
}

// hashesOf returns the keyed hashes of the merchants before and after a change.
func hashesOf(change transactions.TransactionChanged) []string {
	var hashes []string
	for _, state := range []*transactions.TransactionState{change.Before, change.After} {
		if state != nil && state.MerchantHash != "" && !slices.Contains(hashes, state.MerchantHash) {
			hashes = append(hashes, state.MerchantHash)
		}
	}
	return hashes
}

// Run detects the bills of the merchants of a transaction that changed.
func (d *detect) Run(ctx context.Context, change transactions.TransactionChanged) error {
	for _, hash := range hashesOf(change) {
		err := d.detect(ctx, change.UserID, hash)
		if errors.Is(err, accounts.ErrNotFound) {
			return nil // the account was deleted
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// detect detects the bills among the payments to a merchant and stores them. It reads the
// stored bills first, so that of two detections the one with older transactions does not
// overwrite the other. It reads the transactions with this merchant and no others, so its
// cost does not grow with the history. Transactions that are neither spending nor income are
// no payments.
func (d *detect) detect(ctx context.Context, userID, merchantHash string) error {
	found, err := d.bills.NewDetection(ctx, userID, merchantHash)
	if err != nil {
		return err
	}
	rows, err := d.transactions.WithMerchantHash(ctx, userID, merchantHash, maxPayments)
	if err != nil {
		return err
	}
	var payments []billdetect.Payment
	codes := map[string]string{}
	for _, row := range rows {
		if row.Excluded {
			continue
		}
		payments = append(payments, billdetect.Payment{ID: row.TransactionID, Day: dates.Day(row.Day), Amount: row.Amount})
		codes[row.TransactionID] = row.Category
	}
	found.Series = billdetect.Detect(payments)
	for _, series := range found.Series {
		found.Categories = append(found.Categories, codes[series.Payments[len(series.Payments)-1].ID])
	}
	found.Describe = func(ctx context.Context) (billstore.Merchant, bool, error) {
		last := found.Series[len(found.Series)-1].Payments
		return d.merchant(ctx, userID, last[len(last)-1].ID)
	}
	return d.bills.SaveSeries(ctx, d.guard, found)
}

// merchant returns the merchant of a transaction. Cash, fees and transfers come again and
// are no bills.
func (d *detect) merchant(ctx context.Context, userID, transactionID string) (billstore.Merchant, bool, error) {
	t, err := d.transactions.Get(ctx, userID, transactionID)
	if errors.Is(err, store.ErrNotFound) {
		return billstore.Merchant{}, false, nil // deleted meanwhile, which asks for another detection
	}
	if err != nil {
		return billstore.Merchant{}, false, err
	}
	name := cmp.Or(t.Text.Merchant, t.Text.Description)
	kind := merchants.KindOf(cmp.Or(t.Text.Original, t.Text.Description, t.Text.Merchant))
	return billstore.Merchant{Normalised: merchants.Normalise(name), Name: nameOf(name)}, kind == merchants.Purchase, nil
}

// nameOf returns a merchant as the app shows it. A bank's text with its own words, dates
// and references is replaced by the normalised merchant with capital letters.
func nameOf(text string) string {
	key := merchants.Normalise(text)
	if merchants.Fold(text) == key {
		return text
	}
	words := strings.Fields(key)
	for i, word := range words {
		first, size := utf8.DecodeRuneInString(word)
		words[i] = string(unicode.ToUpper(first)) + word[size:]
	}
	return strings.Join(words, " ")
}
