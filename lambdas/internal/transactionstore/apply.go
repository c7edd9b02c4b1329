package transactionstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/backoff"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

const (
	// maxWrites is how many writes a transaction of DynamoDB has.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
	maxWrites = 100
	// maxRounds is how often changes are prepared again, because other requests changed
	// their transactions.
	maxRounds = 8
)

// jitter is the backoff between rounds.
var jitter = backoff.FullJitter{Base: 25 * time.Millisecond, Max: time.Second}

// Apply makes changes of a user's transactions, each together with the figures of its
// months or not at all, and the other writes with the last of them. Changes that fit a
// transaction of DynamoDB are made together: about 95, when they are of few months. Of
// more, some may be made when Apply returns an error: the same changes again make the
// rest, because a creation then Exists, an edit is Unchanged and a deletion is NotFound.
//
// The results are in the order of the changes. An id may occur once. Apply returns
// accounts.ErrNotFound, the error of an edit, store.ErrConflict when other requests always
// came first, store.ErrConditionFailed when a condition of the other writes does not
// hold, and errors of DynamoDB.
func (s *Store) Apply(ctx context.Context, userID string, changes []Change, others ...store.Write) ([]Result, error) {
	b := &application{Store: s, userID: userID, others: others, works: make([]*work, len(changes))}
	ids := make(map[string]bool, len(changes))
	for i, change := range changes {
		if ids[change.id] {
			return nil, fmt.Errorf("two changes of transaction %s at once", change.id)
		}
		ids[change.id] = true
		b.works[i] = &work{index: i, change: change}
	}
	err := b.run(ctx)
	results := make([]Result, len(changes))
	for i, w := range b.works {
		if w.settled() || b.written[i] {
			results[i] = w.result()
		}
	}
	if left := b.leftLegs(); err == nil && len(left) > 0 {
		_, err = s.Apply(ctx, userID, left)
	}
	return results, err
}

// application is one call of Apply.
type application struct {
	*Store
	userID  string
	works   []*work
	written map[int]bool // by index
	others  []store.Write
	key     *fieldcrypt.DataKey
}

func (a *application) run(ctx context.Context) error {
	a.written = map[int]bool{}
	stale := a.works
	for round := 1; len(stale) > 0; round++ {
		if err := a.prepareAll(ctx, stale); err != nil {
			return err
		}
		var err error
		if stale, err = a.writeAll(ctx, stale); err != nil {
			return err
		}
		if wait := jitter.Wait(round - 1); len(stale) > 0 && (round == maxRounds || !backoff.Fits(ctx, wait) || !backoff.Sleep(ctx, wait)) {
			return fmt.Errorf("%w: %d transactions", store.ErrConflict, len(stale))
		}
	}
	if len(a.others) > 0 { // there was nothing to write them with
		return a.items.Transact(ctx, append(slices.Clone(a.others), a.condition...)...)
	}
	return nil
}

// prepareAll reads what the changes need, all at the same time, and prepares them.
func (a *application) prepareAll(ctx context.Context, works []*work) error {
	var ids []string
	for _, w := range works {
		if w.change.create == nil {
			ids = append(ids, w.change.id)
		}
	}
	key, found, err := a.read(ctx, a.userID, ids)
	if err != nil {
		return err
	}
	a.key = key
	for _, w := range works {
		if err := a.prepare(key, a.userID, w, found[w.change.id]); err != nil {
			return err
		}
	}
	return nil
}

// writeAll writes prepared changes, and returns those whose transactions were changed
// by other requests meanwhile.
func (a *application) writeAll(ctx context.Context, works []*work) (stale []*work, err error) {
	pending := slices.DeleteFunc(slices.Clone(works), (*work).settled)
	slices.SortStableFunc(pending, func(x, y *work) int { return cmp.Compare(x.month(), y.month()) })
	for len(pending) > 0 {
		n, figures := a.chunk(pending)
		last := n == len(pending) && len(stale) == 0
		refused, err := a.writeChunk(ctx, pending[:n], figures, last)
		if err != nil {
			return nil, err
		}
		if len(refused) == 0 {
			pending = pending[n:]
			continue
		}
		pending = slices.DeleteFunc(pending, func(w *work) bool { return slices.Contains(refused, w) })
		for _, w := range refused {
			if w.change.create != nil {
				w.outcome = Exists
			} else {
				stale = append(stale, w)
			}
		}
	}
	return stale, nil
}

// chunk returns how many of the works fit one transaction, and their changes of figures.
func (a *application) chunk(works []*work) (int, deltas) {
	room := maxWrites - len(a.others) - len(a.condition)
	months, figures := map[string]bool{}, deltas{}
	for n, w := range works {
		for _, t := range w.states() {
			if t != nil {
				months[t.Month()] = true
			}
		}
		if n > 0 && n+1+len(months) > room {
			return n, figures
		}
		states := w.states()
		figures.change(states[0], states[1])
	}
	return len(works), figures
}

// writeChunk writes works with their figures, all or none. It returns the works whose
// condition failed; none is written then.
func (a *application) writeChunk(ctx context.Context, works []*work, figures deltas, last bool) ([]*work, error) {
	var writes []store.Write
	for _, w := range works {
		writes = append(writes, w.write)
	}
	writes = append(writes, figures.writes(a.userID, a.figures)...)
	writes = append(writes, a.condition...)
	if last {
		writes = append(writes, a.others...)
	}
	err := a.items.Transact(ctx, writes...)
	var failed *store.TransactionError
	if errors.As(err, &failed) && failed.Failed[len(failed.Failed)-1] < len(works) {
		refused := make([]*work, len(failed.Failed))
		for i, at := range failed.Failed {
			refused[i] = works[at]
		}
		return refused, nil
	}
	if err != nil {
		return nil, err
	}
	for _, w := range works {
		a.written[w.index] = true
	}
	if last {
		a.others = nil
	}
	return nil, nil
}

// read returns the user's data key, and the transactions with these ids that exist.
func (s *Store) read(ctx context.Context, userID string, ids []string) (*fieldcrypt.DataKey, map[string]*Transaction, error) {
	keys := make([]store.Key, len(ids))
	for i, id := range ids {
		keys[i] = store.Key{userID, id}
	}
	var items []store.SealedItem
	key, err := s.withKey(ctx, userID, func() (err error) {
		if len(keys) > 0 {
			items, err = s.items.GetAll(ctx, keys, store.Consistent)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	found := make(map[string]*Transaction, len(items))
	for _, item := range items {
		t, err := s.open(key, item)
		if err != nil {
			return nil, nil, err
		}
		if t.DeletedAt == 0 {
			found[t.TransactionID] = t
		}
	}
	return key, found, nil
}

// withKey reads items of a user and the user's data key at the same time.
func (s *Store) withKey(ctx context.Context, userID string, read func() error) (key *fieldcrypt.DataKey, err error) {
	var keyErr error
	var both sync.WaitGroup
	both.Go(func() { key, keyErr = s.keys.DataKey(ctx, userID) })
	err = read()
	both.Wait()
	return key, errors.Join(err, keyErr)
}
