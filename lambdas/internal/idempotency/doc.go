// Package idempotency lets a request be done once, however often it is sent.
//
// The pipeline runs the routes that are declared function.Idempotent() by Do. A
// use case that counts or moves money adds the Completion:
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
// A record says that the request is being done, and then what the answer was;
// whoever sends it again gets the same answer. With Completion the record is
// written in the transaction of the request's own writes, so that there is no
// moment at which one is done without the other. Without it the record follows,
// and a crash in between lets the request be done again: then its writes must
// have conditions that make the second time harmless.
//
// docs/idempotency.md says what is sent again, what every crash leaves behind,
// and which test shows it.
package idempotency
