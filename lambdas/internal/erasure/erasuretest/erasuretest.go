// Package erasuretest lets tests of other packages erase the data of users who keep their
// accounts.
package erasuretest

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Accounts are the accounts of users in a table Users. What they erase stays where it is:
// a test sees by it that nothing is written.
type Accounts struct {
	// Guard is over the accounts.
	Guard *erasure.Guard
	// Name is the name of the table on the engine.
	Name string

	queue *erasure.Queue
}

// New returns the accounts of these users in a new table. The test binary's TestMain runs
// dynamotest.Run.
func New(t testing.TB, users ...string) Accounts {
	t.Helper()
	name := dynamotest.Table(t, tables.Users)
	items := store.New[store.SealedItem](dynamotest.Client(t), name, tables.Users)
	for _, user := range users {
		if err := items.Put(t.Context(), store.SealedItem{"userId": &types.AttributeValueMemberS{Value: user}}); err != nil {
			t.Fatal(err)
		}
	}
	return Of(t, name)
}

// Of returns the accounts in the table of this name.
func Of(t testing.TB, name string) Accounts {
	t.Helper()
	client := dynamotest.Client(t)
	erasures := store.New[tables.DataErasure](client, dynamotest.Table(t, tables.DataErasures), tables.DataErasures)
	guard := erasure.NewGuard(client, name)
	return Accounts{Guard: guard, Name: name, queue: erasure.NewQueue(erasures, guard)}
}

// Begin begins an erasure of a user's data, with a boundary.
func (a Accounts) Begin(t testing.TB, userID string, boundary time.Time) {
	t.Helper()
	if err := a.queue.Enter(t.Context(), tables.DataErasure{UserID: userID, RequestedAt: boundary.UnixMilli()}); err != nil {
		t.Fatal(err)
	}
}

// End ends the erasure with a boundary.
func (a Accounts) End(t testing.TB, userID string, boundary, at time.Time) {
	t.Helper()
	if err := a.queue.Finish(t.Context(), tables.DataErasure{UserID: userID, RequestedAt: boundary.UnixMilli()}, at); err != nil {
		t.Fatal(err)
	}
}

// Erase begins an erasure and ends it a minute after its boundary.
func (a Accounts) Erase(t testing.TB, userID string, boundary time.Time) {
	t.Helper()
	a.Begin(t, userID, boundary)
	a.End(t, userID, boundary, boundary.Add(time.Minute))
}
