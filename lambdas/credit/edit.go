package credit

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Edit writes what the caller enters.
var Edit = function.Define(function.Spec[*edit]{
	Name:    "credit-edit",
	Purpose: "Saves credit scores, cards and debts of the caller.",
	New: func(resources *function.Resources) (*edit, error) {
		return &edit{
			scores: store.Open[tables.CreditScores](resources, tables.CreditRecords),
			cards:  sealed.Open[tables.CreditCard](resources, tables.CreditRecords),
			debts:  sealed.Open[tables.Debt](resources, tables.CreditRecords),
			now:    time.Now,
		}, nil
	},
	Routes: []function.RouteOf[*edit]{
		function.SignedIn("PUT /profile/credit-score", (*edit).SaveScores),
		function.SignedIn("POST /credit/card", (*edit).SaveCard, function.Idempotent()),
		function.SignedIn("POST /credit/debt", (*edit).SaveDebt, function.Idempotent()),
	},
	Permissions: sealed.Permissions(tables.CreditRecords, tables.GetItem, tables.Query, tables.PutItem, tables.UpdateItem),
})

type edit struct {
	scores *store.Table[tables.CreditScores]
	cards  *sealed.Table[tables.CreditCard]
	debts  *sealed.Table[tables.Debt]
	now    func() time.Time
}

// SaveScores stores each score in place of any other of its bureau and month, and returns
// the scores of the request. Two devices that save at the same time both keep theirs.
func (e *edit) SaveScores(ctx context.Context, caller function.Caller, in saveScoresRequest) (savedScoresResponse, error) {
	scores, err := in.scores(calendar.MonthOf(e.now().Add(maxClockAhead)))
	if err != nil {
		return savedScoresResponse{}, err
	}
	fresh := func() *tables.CreditScores { return creditfigures.NewScores(caller.UserID) }
	item, err := e.scores.ModifyOrCreate(ctx, store.Key{caller.UserID, tables.CreditScoresID}, fresh, func(item *tables.CreditScores) error {
		return creditfigures.SaveScores(item, scores)
	})
	if errors.Is(err, creditfigures.ErrTooManyMonths) {
		return savedScoresResponse{}, errManyMonths
	}
	if err != nil {
		return savedScoresResponse{}, err
	}
	return savedOf(creditfigures.Histories(item), scores), nil
}

// SaveCard creates a card. With an id it replaces that card: an optional field that the
// request does not have is cleared.
func (e *edit) SaveCard(ctx context.Context, caller function.Caller, in saveCardRequest) (savedCardResponse, error) {
	if in.CardID != nil {
		replaced, err := replace(ctx, e.cards, store.Key{caller.UserID, tables.CreditCardPrefix + *in.CardID}, func(c *tables.CreditCard) {
			*c = in.card(caller.UserID, c.ID, c.CreatedAt, e.now())
		})
		if err != nil {
			return savedCardResponse{}, store.AsNotFound(err, errNoCard)
		}
		return savedCardResponse{cardOf(*replaced)}, nil
	}
	made := in.card(caller.UserID, newID(tables.CreditCardPrefix, e.now()), e.now().UnixMilli(), e.now())
	response := savedCardResponse{cardOf(made)}
	return response, create(ctx, e.cards, creation[tables.CreditCard]{caller.UserID, tables.CreditCardPrefix, made, response, errManyCards})
}

// SaveDebt is SaveCard for a debt.
func (e *edit) SaveDebt(ctx context.Context, caller function.Caller, in saveDebtRequest) (savedDebtResponse, error) {
	if in.DebtID != nil {
		replaced, err := replace(ctx, e.debts, store.Key{caller.UserID, tables.DebtPrefix + *in.DebtID}, func(d *tables.Debt) {
			*d = in.debt(caller.UserID, d.ID, d.CreatedAt, e.now())
		})
		if err != nil {
			return savedDebtResponse{}, store.AsNotFound(err, errNoDebt)
		}
		return savedDebtResponse{debtOf(*replaced)}, nil
	}
	made := in.debt(caller.UserID, newID(tables.DebtPrefix, e.now()), e.now().UnixMilli(), e.now())
	response := savedDebtResponse{debtOf(made)}
	return response, create(ctx, e.debts, creation[tables.Debt]{caller.UserID, tables.DebtPrefix, made, response, errManyDebts})
}

// replace replaces an item, however often the request comes.
func replace[T any](ctx context.Context, table *sealed.Table[T], key store.Key, put func(*T)) (*T, error) {
	idempotency.Forget(ctx)
	return table.Modify(ctx, key, func(item *T) error {
		put(item)
		return nil
	})
}

// creation is a new item of a user, with the response to its request.
type creation[T any] struct {
	userID, prefix string
	item           T
	response       any
	tooMany        *apierror.Error
}

// create stores a new item and the response to the request, both or neither.
func create[T any](ctx context.Context, table *sealed.Table[T], new creation[T]) error {
	q := newestFirst(new.userID, new.prefix)
	q.KeysOnly, q.Limit = true, creditfigures.MaxOfEach
	existing, err := table.Query(ctx, q)
	if err != nil {
		return err
	}
	if len(existing.Items) == creditfigures.MaxOfEach {
		return new.tooMany
	}
	write, writeErr := table.TxCreate(ctx, new.userID, new.item)
	completion, completionErr := idempotency.Completion(ctx, new.response)
	if err := errors.Join(writeErr, completionErr); err != nil {
		return err
	}
	return table.Transact(ctx, write, completion)
}
