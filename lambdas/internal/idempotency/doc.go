// Package idempotency does a repeated request once.
//
// The pipeline calls Do for the routes that are declared function.Idempotent(). A use
// case that counts or moves money adds the Completion:
//
//	func (b *budgets) Create(ctx context.Context, caller function.Caller, in newBudget) (budget, error) {
//		made := …
//		completion, err := idempotency.Completion(ctx, made)
//		if err != nil {
//			return budget{}, err
//		}
//		return made, b.budgets.Transact(ctx, b.budgets.TxCreate(made), completion)
//	}
//
// A record says that the request is being done, and afterwards holds its response. A
// client that repeats the request gets the same response. Completion writes the record
// in the same transaction as the request's own writes, so both happen or neither does.
// Without Completion the record is written afterwards. A crash in between lets the
// request be done again, so its writes need conditions that make a repeat harmless.
//
// docs/idempotency.md says which requests are repeated, what every crash leaves behind,
// and which test shows it.
package idempotency
