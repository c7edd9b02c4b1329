package accounts

import (
	"context"
	"errors"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Consents tells which users allow messages of the chat to be kept longer (package
// chatretention). It is safe for concurrent use.
type Consents struct{ items *store.Table[consenting] }

// consenting is what of an account Consents reads.
type consenting struct {
	Given bool `dynamodbav:"dataRetentionConsent"`
}

// OpenConsents returns the consents for a function that declares GetItem on Users.
func OpenConsents(resources *function.Resources) *Consents {
	return &Consents{store.Open[consenting](resources, tables.Users)}
}

// HasConsented reports whether the user has consented. It returns false for a user without
// an account and for one who was never asked, and the errors of DynamoDB.
func (c *Consents) HasConsented(ctx context.Context, userID string) (bool, error) {
	user, err := c.items.Get(ctx, store.Key{userID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && user.Given, err
}
