package accounts

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Registrations creates accounts. The caller claims an address (Emails.Claim), and
// then either completes the account or releases the claim.
type Registrations struct {
	*Emails
	accounts *Accounts
}

// OpenRegistrations returns the registrations for a function that may create
// items of both tables and data keys.
func OpenRegistrations(resources *function.Resources) *Registrations {
	return &Registrations{Emails: OpenEmails(resources), accounts: Open(resources)}
}

// Complete stores the account and its address in one transaction.
func (r *Registrations) Complete(ctx context.Context, claim EmailClaim, user tables.User) error {
	creation, err := r.accounts.creation(ctx, user)
	if err != nil {
		return err
	}
	return r.items.Transact(ctx, creation, r.completion(claim, user.UserID))
}
