package recovery_test

import (
	"errors"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// A request that passed the check for revoked tokens may write after a recovery has
// removed everything.
func TestGate_SessionEndedByRecovery_WritesNothing(t *testing.T) {
	w := newWorld(t)
	gate := recovery.NewGate(dynamotest.Client(t), w.names[tables.Users])
	devices := table[store.SealedItem](w, tables.Devices)
	write := func(userID string, began time.Time) error {
		device := store.SealedItem{"userId": text(userID), "deviceId": text("late")}
		return gate.Write(t.Context(), function.Caller{UserID: userID, SignedInAt: began}, devices.TxPut(device))
	}
	if err := write("ada", time.Time{}); err != nil {
		t.Errorf("before any recovery: %v", err)
	}
	entry := w.start("")
	if err := w.recoveries.End(t.Context(), &entry); err != nil {
		t.Fatal(err)
	}
	for began, refused := range map[time.Time]bool{{}: true, w.at.Add(-time.Hour): true, w.at: true, w.at.Add(time.Second): false} {
		if err := write("ada", began); errors.Is(err, apierror.Unauthorized) != refused || (err != nil) != refused {
			t.Errorf("began at %s: %v", began, err)
		}
	}
	if err := write("nobody", w.at.Add(time.Hour)); !errors.Is(err, apierror.Unauthorized) {
		t.Errorf("no account: %v", err)
	}
	if has := count(w, tables.Devices, "ada"); has != 1 {
		t.Errorf("%d devices", has)
	}
}
