package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/packed"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// ErrPending is returned for a job that is not settled within the time.
var ErrPending = errors.New("the job is not settled yet")

const (
	// retention is how long a result is kept: the client asks for it within minutes.
	retention = 24 * time.Hour
	// The waits between reads of a job grow from the first to the second: most jobs take
	// a second or less, and a request that waits long costs one read a second.
	minWait, maxWait = 100 * time.Millisecond, time.Second
	// awaitMargin is what Await leaves of the request's time, for the response.
	awaitMargin = time.Second
)

// FailedError is returned for a job that failed.
type FailedError struct {
	// Code says why, as the consumer gave it.
	Code string
}

// Error returns the code in words.
func (e *FailedError) Error() string { return fmt.Sprintf("the job failed: %s", e.Code) }

// Jobs are the jobs of one kind, with results of type R. They are safe for concurrent
// use.
type Jobs[R any] struct {
	items *sealed.Table[tables.Job]
	guard *erasure.Guard
	kind  string
	now   func() time.Time
}

// AwaitPermissions are what a function needs that awaits jobs.
var AwaitPermissions = sealed.Permissions(tables.Jobs, tables.GetItem)

// SettlePermissions are what a function needs that does jobs.
var SettlePermissions = sealed.Permissions(tables.Jobs, tables.GetItem, tables.PutItem).And(erasure.GuardPermissions)

// Open returns the jobs of a kind for a function that declares AwaitPermissions or
// SettlePermissions.
func Open[R any](resources *function.Resources, kind string) *Jobs[R] {
	return New[R](sealed.Open[tables.Job](resources, tables.Jobs), erasure.OpenGuard(resources), kind, time.Now)
}

// New returns the jobs of a kind that are stored in items, of users whom the guard knows.
func New[R any](items *sealed.Table[tables.Job], guard *erasure.Guard, kind string, now func() time.Time) *Jobs[R] {
	return &Jobs[R]{items: items, guard: guard, kind: kind, now: now}
}

// Finish stores the result of a user's job, unless the job is settled or its source is
// erased. It returns accounts.ErrNotFound for a user whose account is deleted, and
// store.ErrTooLarge for a result of more than 400 KB as compressed JSON.
func (j *Jobs[R]) Finish(ctx context.Context, userID, id string, source erasure.Source, result R) error {
	text, err := packed.Encode(result)
	if err != nil {
		return fmt.Errorf("the result of a job: %w", err)
	}
	return j.settle(ctx, source, tables.Job{UserID: userID, JobID: j.id(id), State: tables.JobFinished, Result: tables.EncryptedString(text)})
}

// Fail records that a user's job cannot be done, with a code that says why, unless the
// job is settled or its source is erased. It returns accounts.ErrNotFound for a user whose
// account is deleted.
func (j *Jobs[R]) Fail(ctx context.Context, userID, id string, source erasure.Source, code string) error {
	return j.settle(ctx, source, tables.Job{UserID: userID, JobID: j.id(id), State: tables.JobFailed, Failure: code})
}

func (j *Jobs[R]) settle(ctx context.Context, source erasure.Source, job tables.Job) error {
	job.ExpiresAt = j.now().Add(retention).Unix()
	write, err := j.items.TxCreate(ctx, job.UserID, job)
	if err != nil {
		return err
	}
	return j.guard.Write(ctx, job.UserID, source, write)
}

// Settled reports whether a user's job has a result or has failed.
func (j *Jobs[R]) Settled(ctx context.Context, userID, id string) (bool, error) {
	_, err := j.items.Get(ctx, store.Key{userID, j.id(id)})
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Get returns the result of a user's job at once. It returns ErrPending, or a
// *FailedError. A job whose time is over is as if it had not been, since DynamoDB deletes
// items days after that.
func (j *Jobs[R]) Get(ctx context.Context, userID, id string) (result R, err error) {
	job, err := j.items.Get(ctx, store.Key{userID, j.id(id)})
	if errors.Is(err, store.ErrNotFound) {
		return result, ErrPending
	}
	if err != nil {
		return result, err
	}
	if job.ExpiresAt <= j.now().Unix() {
		return result, ErrPending
	}
	return resultOf[R](job)
}

// Await returns the result of a user's job. It waits until a second before the context
// ends. It returns ErrPending, or a *FailedError.
func (j *Jobs[R]) Await(ctx context.Context, userID, id string) (R, error) {
	var none R
	for wait := minWait; ; wait = min(2*wait, maxWait) {
		result, err := j.Get(ctx, userID, id)
		if !errors.Is(err, ErrPending) {
			return result, err
		}
		if end, ok := ctx.Deadline(); !ok || time.Until(end) < wait+awaitMargin {
			return none, ErrPending
		}
		select {
		case <-ctx.Done():
			return none, ErrPending
		case <-time.After(wait):
		}
	}
}

func resultOf[R any](job *tables.Job) (result R, err error) {
	if job.State == tables.JobFailed {
		return result, &FailedError{Code: job.Failure}
	}
	if err := packed.Decode(string(job.Result), &result); err != nil {
		return result, fmt.Errorf("the result of a job: %w", err)
	}
	return result, nil
}

// Hash returns the keyed hash of private texts of the user, as sealed.Table.Hash does.
func (j *Jobs[R]) Hash(ctx context.Context, userID, purpose string, parts ...string) (string, error) {
	return j.items.Hash(ctx, userID, purpose, parts...)
}

func (j *Jobs[R]) id(id string) string { return j.kind + ":" + id }
