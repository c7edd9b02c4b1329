package profile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/progress"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// UserData erases what users put into the app. The request erases for eraseTimeout, and a
// schedule erases the rest.
var UserData = function.Define(function.Spec[*userData]{
	Name:    "profile-user-data",
	Purpose: "Erases everything the caller put into the app, leaves the account as it is, and finishes erasures that were interrupted.",
	New:     newUserData,
	Routes: []function.RouteOf[*userData]{
		function.SignedIn("DELETE /user/data", (*userData).Erase, function.Limits(function.Limit{Requests: 10, Per: time.Hour})),
	},
	Events: []function.EventOf[*userData]{function.OnSchedule(time.Minute, (*userData).Resume)},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.UpdateItem),
			tables.DataErasures.Allow(tables.PutItem, tables.UpdateItem, tables.DeleteItem, tables.Query),
			tables.UserProgress.Allow(tables.PutItem),
			tables.CreditRecords.Allow(tables.PutItem),
			tables.SecurityEvents.Allow(tables.PutItem),
		},
		Keys: []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
	}.And(function.Permissions{Tables: erasure.ContentGrants()}).And(transactionstore.RepairPermissions),
	Timeout:  userDataTimeout,
	MemoryMB: oneProcessorMB,
})

const (
	// eraseTimeout is how long a request erases before its response. DynamoDB deletes 1,000
	// items of 1 KB a second in one partition: few users have more than 5,000 items.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
	eraseTimeout = 5 * time.Second

	// userDataTimeout is for the runs of the schedule, which use all of it. A function
	// with routes may take no longer.
	userDataTimeout = 29 * time.Second

	// oneProcessorMB is the memory with which Lambda gives a function one processor.
	// Each deletion is a request of its own, of up to 0.5 ms of it.
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
	oneProcessorMB = 1769

	// runReserve is the part of a run's time that is kept to record what was done.
	runReserve = 2 * time.Second

	// inFlightGracePeriod is how long after an erasure an earlier request can still write:
	// the API waits 30 s for a response, and clocks differ.
	inFlightGracePeriod = time.Minute

	// maxErasureAge is when an erasure that is not finished is an error, which sets
	// off the alarm failed-runs. A run erases about 20,000 items.
	maxErasureAge = time.Hour
)

type userData struct {
	eraser interface {
		EraseBefore(ctx context.Context, userID string, moment time.Time) (int, error)
	}
	figures interface {
		Repair(ctx context.Context, userID string, correct bool) ([]transactionstore.Difference, error)
	}
	queue interface {
		Enter(ctx context.Context, erasure tables.DataErasure, others ...store.Write) error
		Pending(ctx context.Context) ([]tables.DataErasure, error)
		Erased(ctx context.Context, erasure tables.DataErasure, at time.Time) error
		Finish(ctx context.Context, erasure tables.DataErasure, at time.Time) error
	}
	progress *store.Table[tables.Progress]
	scores   *store.Table[tables.CreditScores]
	readers  *store.Table[tables.BriefReader]
	events   securityevents.EventRecorder
	now      func() time.Time
}

func newUserData(resources *function.Resources) (*userData, error) {
	return &userData{
		eraser:   erasure.Open(resources, erasure.Content()),
		figures:  transactionstore.OpenWithoutKey(resources),
		queue:    erasure.OpenQueue(resources),
		progress: store.Open[tables.Progress](resources, tables.UserProgress),
		scores:   store.Open[tables.CreditScores](resources, tables.CreditRecords),
		readers:  store.Open[tables.BriefReader](resources, tables.Briefs),
		events:   securityevents.Open(resources),
		now:      time.Now,
	}, nil
}

// eraseDataRequest has the phrase that the app sends after the user confirmed twice.
type eraseDataRequest struct {
	Confirm string `json:"confirm" validate:"required,eq=DELETE_ALL_DATA"`
}

// eraseDataResponse is the response. RowsDeleted counts the items deleted so far.
type eraseDataResponse struct {
	RowsDeleted int    `json:"rowsDeleted"`
	Message     string `json:"message"`
}

// Erase stores the erasure and then deletes for eraseTimeout. A failure after the erasure
// is stored is left to the schedule, and the client gets a success. The time of the
// request is the boundary: items written before it are erased, and items that the user
// writes after the response stay.
func (u *userData) Erase(ctx context.Context, caller function.Caller, _ eraseDataRequest) (eraseDataResponse, error) {
	entered, err := u.enter(ctx, caller.UserID)
	if err != nil {
		return eraseDataResponse{}, err
	}
	if err := u.events.Record(ctx, securityevents.Event{Kind: securityevents.DataErased, UserID: caller.UserID}); err != nil {
		return eraseDataResponse{}, err
	}
	rows, err := u.eraseFor(ctx, entered, eraseTimeout)
	if err != nil {
		telemetry.FromContext(ctx).WarnContext(ctx, "erase user data continues later", "rows", rows, "error", err.Error())
		return eraseDataResponse{RowsDeleted: rows, Message: "Your data is being erased."}, nil
	}
	return eraseDataResponse{RowsDeleted: rows, Message: "Your data is erased."}, nil
}

// enter enters an erasure and takes the user's progress and credit scores away, all or
// none. The app writes both again from what it remembers: the item in place of the
// progress tells what was earned before, and the app sends no scores where there is an
// item without any. From that moment no brief is made ahead of the erased data.
func (u *userData) enter(ctx context.Context, userID string) (tables.DataErasure, error) {
	now := u.now()
	entered := tables.DataErasure{UserID: userID, RequestedAt: now.UnixMilli()}
	return entered, u.queue.Enter(ctx, entered,
		u.progress.TxPut(*progress.Erased(userID, now)),
		u.scores.TxPut(creditfigures.ErasedScores(userID)),
		u.readers.TxDelete(store.Key{userID, tables.BriefReaderID}),
		u.readers.TxDelete(store.Key{userID, tables.ReportReaderID}),
	)
}

// eraseFor deletes the items older than the boundary within a time limit, and records
// when all are deleted.
func (u *userData) eraseFor(ctx context.Context, entered tables.DataErasure, limit time.Duration) (int, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	rows, err := u.erase(limited, entered)
	if err != nil {
		return rows, err
	}
	return rows, u.queue.Erased(ctx, entered, u.now())
}

// erase deletes the items older than the boundary. Then it counts again the figures of
// months in which the user has transactions that are newer: they counted the erased ones
// too.
func (u *userData) erase(ctx context.Context, entered tables.DataErasure) (int, error) {
	rows, err := u.eraser.EraseBefore(ctx, entered.UserID, time.UnixMilli(entered.RequestedAt))
	if err != nil {
		return rows, err
	}
	_, err = u.figures.Repair(ctx, entered.UserID, true)
	return rows, err
}

// Resume continues each unfinished erasure. An interrupted erasure begins again. A
// complete erasure is repeated once after inFlightGracePeriod, when earlier requests have
// stopped writing, and is then finished. The next run continues where this run's time ends.
func (u *userData) Resume(ctx context.Context) error {
	pending, err := u.queue.Pending(ctx)
	problems := []error{err}
	end := time.Now().Add(userDataTimeout)
	if deadline, ok := ctx.Deadline(); ok {
		end = deadline
	}
	for _, entered := range pending {
		left := time.Until(end) - runReserve
		if left <= 0 {
			break
		}
		if err := u.resume(ctx, entered, left); err != nil {
			problems = append(problems, u.problem(ctx, entered, err))
		}
	}
	return errors.Join(problems...)
}

func (u *userData) resume(ctx context.Context, entered tables.DataErasure, limit time.Duration) error {
	if entered.ErasedAt == 0 {
		_, err := u.eraseFor(ctx, entered, limit)
		return err
	}
	if u.now().Sub(time.UnixMilli(entered.ErasedAt)) < inFlightGracePeriod {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if _, err := u.erase(limited, entered); err != nil {
		return err
	}
	return u.queue.Finish(ctx, entered, u.now())
}

// problem returns the error of an erasure that did not end in this run. It returns nil
// when only the time was up and the erasure is younger than maxErasureAge.
func (u *userData) problem(ctx context.Context, entered tables.DataErasure, err error) error {
	onlyLong := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrNoCapacity)
	if onlyLong && u.now().Sub(time.UnixMilli(entered.RequestedAt)) < maxErasureAge {
		telemetry.FromContext(ctx).InfoContext(ctx, "erase user data continues later", "error", err.Error())
		return nil
	}
	return fmt.Errorf("erase user data: %w", err)
}
