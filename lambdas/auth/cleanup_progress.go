package auth

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// unconfirmedListID names the list of unconfirmed users in CleanupProgress.
const unconfirmedListID = "unconfirmed-users"

// positionTTL is how long a position is kept. Cognito does not document how long a page
// token is valid; a refused token restarts the list.
const positionTTL = 24 * time.Hour

// cleanupProgress stores the position from which the next run continues.
type cleanupProgress struct {
	items *store.Table[tables.CleanupPosition]
	now   func() time.Time
}

// openCleanupProgress is for a function that declares GetItem and PutItem on the
// CleanupProgress table.
func openCleanupProgress(resources *function.Resources) *cleanupProgress {
	return &cleanupProgress{items: store.Open[tables.CleanupPosition](resources, tables.CleanupProgress), now: time.Now}
}

// Page returns the page that the run starts with, "" for the first page.
func (p *cleanupProgress) Page(ctx context.Context) (string, error) {
	position, err := p.items.Get(ctx, store.Key{unconfirmedListID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return position.Page, nil
}

// Save stores the page that the next run starts with.
func (p *cleanupProgress) Save(ctx context.Context, page string) error {
	return p.items.Put(ctx, tables.CleanupPosition{ID: unconfirmedListID, Page: page, ExpiresAt: p.now().Add(positionTTL).Unix()})
}
