package erasure

import (
	"errors"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// guarded is a guard of the accounts "ada" and "eve" and a queue of their erasures.
type guarded struct {
	*Guard
	queue *Queue
	items *store.Table[item]
	n     int
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	client, users := dynamotest.Client(t), dynamotest.Table(t, tables.Users)
	fill(t, client, users, tables.Users, "ada", 1)
	fill(t, client, users, tables.Users, "eve", 1)
	erasures := store.New[tables.DataErasure](client, dynamotest.Table(t, tables.DataErasures), tables.DataErasures)
	guard := NewGuard(client, users)
	return &guarded{
		Guard: guard, queue: NewQueue(erasures, guard),
		items: store.New[item](client, dynamotest.Table(t, one), one),
	}
}

// writes reports whether an item of another key is written.
func (g *guarded) writes(t *testing.T, user string, source Source) (bool, error) {
	t.Helper()
	g.n++
	return g.TryWrite(t.Context(), user, source, g.items.TxCreate(item{UserID: user, ID: string(rune('a' + g.n)), At: g.n}))
}

func at(seconds int64) time.Time { return time.Unix(seconds, 0) }

func caused(seconds int64) Source { return CausedAt(1000 * seconds) }

func (g *guarded) check(t *testing.T, when string, user string, want map[Source]error) {
	t.Helper()
	for source, expected := range want {
		wrote, err := g.writes(t, user, source)
		refused := errors.Is(expected, errErased)
		if refused && (wrote || err != nil) || !refused && (wrote != (expected == nil) || !errors.Is(err, expected)) {
			t.Errorf("%s, %s with %+v: wrote %v, %v", when, user, source, wrote, err)
		}
	}
}

// errErased stands for a write that is not done and does not come again.
var errErased = errors.New("erased")

func TestGuardWrite_SourceBeforeTheBoundary_WritesNothing(t *testing.T) {
	g := newGuarded(t)
	g.check(t, "without an erasure", "ada", map[Source]error{caused(0): nil, ReadAt(at(1)): nil})
	erasure := tables.DataErasure{UserID: "ada", RequestedAt: at(100).UnixMilli()}
	if err := g.queue.Enter(t.Context(), erasure); err != nil {
		t.Fatal(err)
	}
	g.check(t, "during the erasure", "ada", map[Source]error{
		caused(0): errErased, caused(99): errErased, caused(100): errErased, CausedAt(100_050): errErased, caused(101): nil,
		ReadAt(at(99)): ErrUnfinished, ReadAt(at(101)): ErrUnfinished,
		caused(99).AndReadAt(at(101)): errErased, caused(101).AndReadAt(at(102)): ErrUnfinished,
	})
	g.check(t, "of another user", "eve", map[Source]error{caused(99): nil, ReadAt(at(99)): nil})
	if err := g.queue.Finish(t.Context(), erasure, at(200)); err != nil {
		t.Fatal(err)
	}
	g.check(t, "after the erasure", "ada", map[Source]error{
		caused(100): errErased, caused(101): nil, ReadAt(at(199)): ErrUnfinished, ReadAt(at(200)): ErrUnfinished, ReadAt(at(201)): nil,
		caused(101).AndReadAt(at(201)): nil,
	})
}

func TestGuardWrite_WithoutSource_IsAnError(t *testing.T) {
	g := newGuarded(t)
	if wrote, err := g.writes(t, "ada", Source{}); wrote || err == nil {
		t.Errorf("wrote %v, %v", wrote, err)
	}
}

// The end of an earlier erasure does not end a later one, and no boundary goes back.
func TestQueue_LaterErasure_Counts(t *testing.T) {
	g := newGuarded(t)
	first, second := tables.DataErasure{UserID: "ada", RequestedAt: at(100).UnixMilli()}, tables.DataErasure{UserID: "ada", RequestedAt: at(150).UnixMilli()}
	for _, step := range []error{
		g.queue.Enter(t.Context(), first), g.queue.Enter(t.Context(), second), g.queue.Enter(t.Context(), first), g.queue.Finish(t.Context(), first, at(200)),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	g.check(t, "during the later erasure", "ada", map[Source]error{caused(149): errErased, caused(151): nil, ReadAt(at(300)): ErrUnfinished})
	if pending, err := g.queue.Pending(t.Context()); err != nil || len(pending) != 1 || pending[0].RequestedAt != second.RequestedAt {
		t.Errorf("pending are %+v, %v", pending, err)
	}
	if err := g.queue.Finish(t.Context(), second, at(200)); err != nil {
		t.Fatal(err)
	}
	// An earlier boundary after the end of a later one, of a clock that is behind.
	if err := g.queue.Enter(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	g.check(t, "after both", "ada", map[Source]error{caused(149): errErased, ReadAt(at(300)): nil})
}

// An account that is deleted in the meantime is not made again, and its erasure ends.
func TestQueue_AccountGone_EntersNothingAndFinishes(t *testing.T) {
	g := newGuarded(t)
	erasure := tables.DataErasure{UserID: "ada", RequestedAt: 1}
	if err := g.queue.Enter(t.Context(), erasure); err != nil {
		t.Fatal(err)
	}
	if err := g.users.Delete(t.Context(), store.Key{"ada"}); err != nil {
		t.Fatal(err)
	}
	if err := g.queue.Finish(t.Context(), erasure, at(1)); err != nil {
		t.Fatal(err)
	}
	if err := g.queue.Enter(t.Context(), erasure); err != nil {
		t.Fatal(err)
	}
	if pending, err := g.queue.Pending(t.Context()); err != nil || len(pending) != 0 {
		t.Errorf("pending are %+v, %v", pending, err)
	}
	g.check(t, "without the account", "ada", map[Source]error{caused(5): errErased, ReadAt(at(5)): errErased})
}
