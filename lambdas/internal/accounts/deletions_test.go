package accounts

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func newDeletions(t *testing.T) *Deletions {
	t.Helper()
	return &Deletions{items: store.New[tables.AccountDeletion](dynamotest.Client(t), dynamotest.Table(t, tables.AccountDeletions), tables.AccountDeletions)}
}

// entered is the one deletion that is entered, or none.
func (d *Deletions) entered(t *testing.T) tables.AccountDeletion {
	t.Helper()
	pending, err := d.Pending(t.Context())
	if err != nil || len(pending) > 1 {
		t.Fatalf("pending are %+v, %v", pending, err)
	}
	for _, deletion := range pending {
		return deletion
	}
	return tables.AccountDeletion{}
}

var (
	maybe   = tables.AccountDeletion{UserID: "user-1", StartedAt: 1, IfUnconfirmed: true}
	certain = tables.AccountDeletion{UserID: "user-1", StartedAt: 2, EmailHash: "hash"}
)

func (d *Deletions) start(t *testing.T, deletions ...tables.AccountDeletion) {
	t.Helper()
	for _, deletion := range deletions {
		if err := d.Start(t.Context(), deletion); err != nil {
			t.Fatal(err)
		}
	}
}

// A user who confirms in the last moment, and then deletes the account, must get
// what they asked for.
func TestDeletions_RequestedByOwner_ReplacesConditionalOne(t *testing.T) {
	d := newDeletions(t)
	d.start(t, maybe, certain, maybe)
	if got := d.entered(t); got.IfUnconfirmed || got.EmailHash != "hash" || got.StartedAt != 2 {
		t.Errorf("entered is %+v", got)
	}
	if err := d.CancelIfUnconfirmed(t.Context(), "user-1"); err != nil || d.entered(t).UserID != "user-1" {
		t.Errorf("the deletion that was asked for is withdrawn, %v", err)
	}
}

func TestDeletions_StartedTwice_KeepsProgress(t *testing.T) {
	for _, deletion := range []tables.AccountDeletion{maybe, certain} {
		d := newDeletions(t)
		d.start(t, deletion)
		if err := d.MarkErased(t.Context(), "user-1", time.UnixMilli(7)); err != nil {
			t.Fatal(err)
		}
		d.start(t, deletion)
		if got := d.entered(t); got.ErasedAt != 7 {
			t.Errorf("entered is %+v", got)
		}
	}
}

func TestDeletions_StartedDeletion_IsPendingUntilFinishedOrCancelled(t *testing.T) {
	d := newDeletions(t)
	for name, end := range map[string]func() error{
		"finished":  func() error { return d.Finish(t.Context(), "user-1") },
		"withdrawn": func() error { return d.CancelIfUnconfirmed(t.Context(), "user-1") },
	} {
		d.start(t, maybe)
		if entered, err := d.IsPending(t.Context(), "user-1"); err != nil || !entered {
			t.Errorf("%s: entered is %v, %v", name, entered, err)
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if entered, err := d.IsPending(t.Context(), "user-1"); err != nil || entered {
			t.Errorf("%s: afterwards, entered is %v, %v", name, entered, err)
		}
		if err := end(); err != nil {
			t.Errorf("%s again: %v", name, err)
		}
	}
}

func TestDeletions_FullQueue_ReachesEveryDeletion(t *testing.T) {
	d := newDeletions(t)
	const few, many = MaxPending / 2, MaxPending * 3 / 2
	for i := range many {
		d.start(t, tables.AccountDeletion{UserID: fmt.Sprintf("%08x-0000", uint32(i)*(math.MaxUint32/many)), StartedAt: 1})
		if i+1 == few {
			d.takesUp(t, few, few)
		}
	}
	d.takesUp(t, MaxPending, many)
}

// takesUp checks that a run has as many deletions, none of them twice, and that all
// have their turn in runs that are many enough.
func (d *Deletions) takesUp(t *testing.T, inARun, inAll int) {
	t.Helper()
	seen := map[string]bool{}
	for range 40 {
		pending, err := d.Pending(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		run := map[string]bool{}
		for _, deletion := range pending {
			run[deletion.UserID], seen[deletion.UserID] = true, true
		}
		if len(pending) != inARun || len(run) != inARun {
			t.Fatalf("a run has %d, of which %d differ, not %d", len(pending), len(run), inARun)
		}
	}
	if len(seen) != inAll {
		t.Errorf("%d of %d had their turn", len(seen), inAll)
	}
}
