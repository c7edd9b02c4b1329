// Package routetest helps domains to test their use cases: it makes requests of bodies and calls use cases of
// idempotent routes, as the runtime does.
//
//	in := routetest.MustRead[createRequest](t, `{"title":"Holiday"}`, nil)
//	made, err := routetest.Once(t, records, caller, edit.Create, in)
package routetest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Read returns the request of a JSON body, or its first problem. path sets the path parameters, and may be
// nil.
func Read[In any](body string, path func(*In)) (in In, err error) {
	if path != nil {
		path(&in)
	}
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		return in, err
	}
	return in, validation.New().Check(&in)
}

// MustRead returns the request of a valid JSON body, or ends the test.
func MustRead[In any](t testing.TB, body string, path func(*In)) In {
	t.Helper()
	in, err := Read(body, path)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// Records returns the records of idempotent requests in a table of the test's own.
func Records(t testing.TB) *idempotency.Records {
	t.Helper()
	records := store.New[store.SealedItem](dynamotest.Client(t), dynamotest.Table(t, tables.IdempotencyRecords), tables.IdempotencyRecords)
	return idempotency.New(records, fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{}), time.Now)
}

// Once calls the use case of an idempotent route with a client key of its own.
func Once[In, Out any](t testing.TB, records *idempotency.Records, caller function.Caller, useCase func(context.Context, function.Caller, In) (Out, error), in In) (Out, error) {
	t.Helper()
	request := idempotency.Request{User: caller.UserID, Route: "POST /test", ClientKey: rand.Text()}
	return idempotency.Do(t.Context(), records, request, func(ctx context.Context) (Out, error) { return useCase(ctx, caller, in) })
}
