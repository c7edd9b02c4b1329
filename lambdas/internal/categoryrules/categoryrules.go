package categoryrules

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The permissions of functions that learn rules, and of those that apply them.
var (
	LearnPermissions = function.Permissions{Tables: []tables.Grant{tables.CategoryRules.Allow(tables.UpdateItem)}}
	ApplyPermissions = function.Permissions{Tables: []tables.Grant{tables.CategoryRules.Allow(tables.Query)}}
)

// maxRules is how many rules of a user are read. More merchants than a person pays in a
// lifetime fit one page of DynamoDB.
const maxRules = 5000

// Rules are the rules of users. They are safe for concurrent use.
type Rules struct {
	items *store.Table[tables.CategoryRule]
}

// Open returns the rules for a function that declares the permissions of the methods
// that it calls.
func Open(resources *function.Resources) *Rules {
	return New(store.Open[tables.CategoryRule](resources, tables.CategoryRules))
}

// New returns the rules in this table.
func New(items *store.Table[tables.CategoryRule]) *Rules { return &Rules{items} }

// Choice is what a user wants for a merchant.
type Choice struct{ change expression.UpdateBuilder }

// Category is the choice of a category.
func Category(code categories.Code) Choice {
	return Choice{expression.Set(expression.Name("category"), expression.Value(string(code)))}
}

// Exclusion is the choice whether a merchant is left out of spending.
func Exclusion(excluded bool) Choice {
	return Choice{expression.Set(expression.Name("exclude"), expression.Value(excluded))}
}

// Learn remembers a choice for merchants, by their hashes. Empty hashes are of no
// merchant.
func (r *Rules) Learn(ctx context.Context, userID string, choice Choice, merchantHashes ...string) error {
	learnt := map[string]bool{"": true}
	for _, hash := range merchantHashes {
		if learnt[hash] {
			continue
		}
		learnt[hash] = true
		if _, err := r.items.Upsert(ctx, store.Key{userID, hash}, choice.change); err != nil {
			return err
		}
	}
	return nil
}

// Set is all rules of one user, by the hash of the merchant.
type Set map[string]tables.CategoryRule

// All returns the rules of a user.
func (r *Rules) All(ctx context.Context, userID string) (Set, error) {
	page, err := r.items.Query(ctx, store.Query{Partition: userID, Limit: maxRules, Consistency: store.Consistent})
	if err != nil {
		return nil, err
	}
	set := make(Set, len(page.Items))
	for _, rule := range page.Items {
		set[rule.MerchantHash] = rule
	}
	return set, nil
}

// Apply changes a new transaction as the rules say, and reports whether a rule gave it
// its category.
func (s Set) Apply(t *transactionstore.Transaction, merchantHash string) bool {
	rule, has := s[merchantHash]
	if !has || merchantHash == "" {
		return false
	}
	if rule.Exclude != nil && t.ExcludeChoice == nil {
		choice := *rule.Exclude
		t.ExcludeChoice = &choice
	}
	if rule.Category != "" {
		t.Category = rule.Category
	}
	return rule.Category != ""
}
