package auth

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// unconfirmedList names the list of unconfirmed users in SweepProgress.
const unconfirmedList = "unconfirmed-users"

// positionLifetime is how long a position is kept. Cognito does not say how long it
// takes a page's mark; one that it refuses begins the list anew.
const positionLifetime = 24 * time.Hour

// sweepProgress keeps where the next run goes on.
type sweepProgress struct {
	items *store.Table[tables.SweepPosition]
	now   func() time.Time
}

// openSweepProgress is for a function that declares GetItem and PutItem on the
// SweepProgress table.
func openSweepProgress(resources *function.Resources) *sweepProgress {
	return &sweepProgress{items: store.Open[tables.SweepPosition](resources, tables.SweepProgress), now: time.Now}
}

// Page returns the page that the run begins with, "" for the first page.
func (p *sweepProgress) Page(ctx context.Context) (string, error) {
	position, err := p.items.Get(ctx, store.Key{unconfirmedList}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return position.Page, nil
}

// Save has the next run begin with this page.
func (p *sweepProgress) Save(ctx context.Context, page string) error {
	return p.items.Put(ctx, tables.SweepPosition{ID: unconfirmedList, Page: page, ExpiresAt: p.now().Add(positionLifetime).Unix()})
}
