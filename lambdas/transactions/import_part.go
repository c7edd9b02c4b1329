package transactions

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/imports"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// partTime is how long a message writes.
const partTime = 20 * time.Second

// ImportParts writes what imports left.
var ImportParts = function.Define(function.Spec[*importParts]{
	Name:    "transactions-import-parts",
	Purpose: "Writes the parts of imports that did not fit the time of their requests.",
	New: func(resources *function.Resources) (*importParts, error) {
		return &importParts{transactionstore.Open(resources), openPending(resources), erasure.OpenGuard(resources), time.Now}, nil
	},
	Events: []function.EventOf[*importParts]{function.ConsumesAlone(ImportPart, (*importParts).Write)},
	Permissions: importPermissions.And(sealed.Permissions(tables.PendingImports,
		tables.GetItem, tables.ConditionCheckItem, tables.DeleteItem, tables.Query)).And(erasure.GuardPermissions),
	Timeout: 30 * time.Second,
})

type importParts struct {
	transactions *transactionstore.Store
	pending      *imports.Pending
	guard        *erasure.Guard
	now          func() time.Time
}

var errUnfinished = errors.New("a part of an import is not finished")

// Write creates the transactions of a part and deletes it. A part that is not finished
// within the time comes again. The last part of an import links its transfers.
func (p *importParts) Write(ctx context.Context, part imports.Part) error {
	err := p.write(ctx, part)
	if errors.Is(err, accounts.ErrNotFound) || errors.Is(err, store.ErrConditionFailed) {
		return nil // the account or the data were erased
	}
	return err
}

func (p *importParts) write(ctx context.Context, part imports.Part) error {
	rows, err := p.pending.Load(ctx, part)
	if err != nil {
		return err
	}
	if rows, err = p.unwritten(ctx, part.UserID, rows); err != nil {
		return err
	}
	kept := p.guard.Check(part.UserID, erasure.CausedAt(part.At))
	guarded := imports.New(p.transactions.Only(kept, p.pending.Exists(part)), nil, p.now)
	written, err := guarded.Write(ctx, part.UserID, rows, p.now().Add(partTime))
	if err == nil && len(written.Left) > 0 {
		err = errUnfinished
	}
	if err != nil {
		return err
	}
	last, err := p.pending.Done(ctx, part)
	if err != nil || !last {
		return err
	}
	return imports.New(p.transactions.Only(kept), nil, p.now).LinkTransfers(ctx, part.UserID, part.From, part.To)
}

// unwritten returns the rows that no earlier attempt created, so that each attempt goes
// on where the last one ended.
func (p *importParts) unwritten(ctx context.Context, userID string, rows []transactionstore.Transaction) ([]transactionstore.Transaction, error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.TransactionID
	}
	written, err := p.transactions.Imported(ctx, userID, ids...)
	return slices.DeleteFunc(rows, func(row transactionstore.Transaction) bool { _, is := written[row.TransactionID]; return is }), err
}
