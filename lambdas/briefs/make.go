package briefs

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/mornings"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Make makes and reads briefs and reports. Requests of clients and messages of Schedule
// take the same rights.
var Make = function.Define(function.Spec[*maker]{
	Name:    "briefs-make",
	Purpose: "Makes the daily briefs and monthly reports of users, and shows them.",
	New: func(resources *function.Resources) (*maker, error) {
		return &maker{
			sources: openSources(resources),
			guard:   erasure.OpenGuard(resources),
			briefs:  store.Open[tables.DailyBrief](resources, tables.Briefs),
			reports: store.Open[tables.MonthlyReport](resources, tables.Briefs),
			readers: store.Open[tables.BriefReader](resources, tables.Briefs),
			now:     time.Now,
		}, nil
	},
	Routes: []function.RouteOf[*maker]{
		function.SignedIn("GET /briefs/daily", (*maker).Daily),
		function.SignedIn("POST /briefs/{briefId}/view", (*maker).View),
		function.SignedIn("GET /ai/monthly-report/{reportMonth}", (*maker).Monthly),
	},
	Events: []function.EventOf[*maker]{function.Receives(Requests, (*maker).Make)},
	Permissions: function.Permissions{
		Tables: []tables.Grant{tables.Briefs.Allow(tables.GetItem, tables.PutItem, tables.UpdateItem, tables.ConditionCheckItem)},
	}.And(sourcesPermissions).And(erasure.GuardPermissions),
	Timeout: 20 * time.Second,
})

type maker struct {
	*sources
	guard   *erasure.Guard
	briefs  *store.Table[tables.DailyBrief]
	reports *store.Table[tables.MonthlyReport]
	readers *store.Table[tables.BriefReader]
	now     func() time.Time
}

// Daily returns today's brief. A missing one is made, and the next ones are made ahead. What
// is made while the user's data is being erased is shown and not stored.
func (m *maker) Daily(ctx context.Context, caller function.Caller, _ function.NoInput) (dailyResponse, error) {
	now := m.now().In(calendar.Location())
	key := store.Key{caller.UserID, tables.DailyBriefPrefix + string(dates.DayOf(now))}
	stored, err := m.briefs.Get(ctx, key, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		var made tables.DailyBrief
		made, err = m.makeBrief(ctx, caller.UserID, now, m.readers.TxPut(readerOf(caller.UserID, now)))
		if errors.Is(err, erasure.ErrUnfinished) {
			return dailyResponse{briefOf(made, now)}, nil
		}
		if err != nil {
			return dailyResponse{}, err
		}
		stored, err = m.briefs.Get(ctx, key, store.Consistent) // another request may have been first
	}
	if err != nil {
		return dailyResponse{}, store.AsNotFound(err, errNoBrief)
	}
	return dailyResponse{briefOf(*stored, now)}, nil
}

// viewRequest names a brief of the caller.
type viewRequest struct {
	BriefID string `path:"briefId" json:"-" validate:"required,max=64"`
}

// View notes when the caller first saw a brief.
func (m *maker) View(ctx context.Context, caller function.Caller, in viewRequest) (function.SuccessResponse, error) {
	if !strings.HasPrefix(in.BriefID, tables.DailyBriefPrefix) {
		return function.SuccessResponse{}, errNoBrief
	}
	viewed := expression.Name("viewedAt")
	_, err := m.briefs.Notes().Update(ctx, store.Key{caller.UserID, in.BriefID}, expression.Set(viewed, expression.IfNotExists(viewed, expression.Value(m.now().UnixMilli()))))
	return function.SuccessResponse{Success: true, Message: "Your brief is marked as seen."}, store.AsNotFound(err, errNoBrief)
}

// Make makes the brief of a message about a reader of briefs, and on the first of a month
// the report on the month before. It does nothing where the day is over, or the user's data
// were erased or are being erased.
func (m *maker) Make(ctx context.Context, request mornings.Request) error {
	err := m.makeAhead(ctx, request)
	if errors.Is(err, erasure.ErrUnfinished) {
		return nil
	}
	return err
}

func (m *maker) makeAhead(ctx context.Context, request mornings.Request) error {
	now := m.now().In(calendar.Location())
	if dates.DayOf(now) != request.Day {
		return nil // a request makes it when the client asks
	}
	if request.List == reportsOf(calendar.Zone) {
		return m.makeReport(ctx, request.UserID, now, m.readers.TxConditionCheck(store.Key{request.UserID, tables.ReportReaderID}))
	}
	reads := m.readers.TxConditionCheck(store.Key{request.UserID, tables.BriefReaderID})
	_, err := m.briefs.Get(ctx, store.Key{request.UserID, tables.DailyBriefPrefix + string(request.Day)}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		_, err = m.makeBrief(ctx, request.UserID, now, reads)
	}
	if err != nil || now.Day() != 1 {
		return err
	}
	return m.makeReport(ctx, request.UserID, now, reads)
}

// makeReport makes the report on the month before ahead, if it has transactions. The other
// write is done with it.
func (m *maker) makeReport(ctx context.Context, userID string, now time.Time, other store.Write) error {
	last := dates.AddMonths(calendar.MonthOf(now), -1)
	source := erasure.ReadAt(m.now())
	months, err := m.monthsBefore(ctx, userID, last, 1)
	if err != nil || len(months) == 0 || months[0].Month != last {
		return err
	}
	_, err = m.report(ctx, userID, source, months, now, true, other)
	return err
}

// makeBrief makes the brief of a day, and stores it unless another request has. The other
// write is done with it.
func (m *maker) makeBrief(ctx context.Context, userID string, now time.Time, other store.Write) (tables.DailyBrief, error) {
	source := erasure.ReadAt(m.now())
	made, err := m.brief(ctx, userID, now)
	if errors.Is(err, accounts.ErrNotFound) {
		return made, nil // the account was deleted
	}
	if err != nil {
		return made, err
	}
	return made, m.guard.Write(ctx, userID, source, m.briefs.TxCreate(made), other)
}

// readerOf is the item of a user for whom briefs are made ahead.
func readerOf(userID string, now time.Time) tables.BriefReader {
	return tables.BriefReader{UserID: userID, ID: tables.BriefReaderID, Zone: calendar.Zone, ExpiresAt: now.Add(readerRetention).Unix()}
}

// reportReaderOf is the item of a user for whom reports are made ahead.
func reportReaderOf(userID string, now time.Time) tables.BriefReader {
	return tables.BriefReader{UserID: userID, ID: tables.ReportReaderID, Zone: reportsOf(calendar.Zone), ExpiresAt: now.Add(reportReaderRetention).Unix()}
}

// monthlyRequest names a month, or latest.
type monthlyRequest struct {
	Month string `path:"reportMonth" json:"-" validate:"required,max=7"`
}

// latest stands for the newest month with transactions that is over.
const latest = "latest"

// maxAge is how many months before the last one latest looks for transactions.
const maxAge = 12

// Monthly returns the report on a month that is over. It is made when it is missing, and
// again when the figures of the month have changed since. The next ones are made ahead.
func (m *maker) Monthly(ctx context.Context, caller function.Caller, in monthlyRequest) (monthlyResponse, error) {
	now := m.now().In(calendar.Location())
	month, age := in.Month, 1
	if in.Month == latest {
		month, age = dates.AddMonths(calendar.MonthOf(now), -1), maxAge
	}
	if !dates.IsMonth(month) {
		return monthlyResponse{}, errBadMonth
	}
	if month >= calendar.MonthOf(now) {
		return monthlyResponse{}, errNotOver
	}
	source := erasure.ReadAt(m.now())
	months, err := m.monthsBefore(ctx, caller.UserID, month, age)
	if err != nil {
		return monthlyResponse{}, err
	}
	if len(months) == 0 || in.Month != latest && months[0].Month != month {
		return monthlyResponse{Message: "There are no transactions to report on yet."}, nil
	}
	report, err := m.report(ctx, caller.UserID, source, months, now, false, m.readers.TxPut(reportReaderOf(caller.UserID, now)))
	if err != nil && !errors.Is(err, erasure.ErrUnfinished) { // it is shown and not stored
		return monthlyResponse{}, err
	}
	shown := monthlyOf(report)
	return monthlyResponse{HasReports: true, Report: &shown}, nil
}

// monthsBefore returns the figures of a month and of so many months before it, the newest
// first.
func (m *maker) monthsBefore(ctx context.Context, userID, month string, age int) ([]transactionstore.Month, error) {
	return m.transactions.Months(ctx, userID, dates.AddMonths(month, -age), month)
}

// report returns the report on the first of the months. It stores the report, with the
// other write, unless the stored one has the same figures. A report that was made ahead is
// stored again when the user reads it first, so that the user stays a reader.
func (m *maker) report(ctx context.Context, userID string, source erasure.Source, months []transactionstore.Month, now time.Time, ahead bool, other store.Write) (tables.MonthlyReport, error) {
	made := reportOf(userID, months[0], monthBefore(months), now)
	made.Ahead = ahead
	stored, err := m.reports.Get(ctx, store.Key{userID, made.ID}, store.Consistent)
	if err == nil && sameFigures(*stored, made) {
		if ahead || !stored.Ahead {
			return *stored, nil
		}
		made.GeneratedAt, made.ExpiresAt = stored.GeneratedAt, stored.ExpiresAt
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return made, err
	}
	return made, m.guard.Write(ctx, userID, source, m.reports.TxPut(made), other)
}

// monthBefore returns the figures of the month before the first, zero where it has no
// transactions.
func monthBefore(months []transactionstore.Month) transactionstore.Month {
	if len(months) > 1 && months[1].Month == dates.AddMonths(months[0].Month, -1) {
		return months[1]
	}
	return transactionstore.Month{}
}

func sameFigures(a, b tables.MonthlyReport) bool {
	a.GeneratedAt, a.ExpiresAt, a.Ahead = b.GeneratedAt, b.ExpiresAt, b.Ahead
	first, firstErr := json.Marshal(a)
	second, secondErr := json.Marshal(b)
	return firstErr == nil && secondErr == nil && string(first) == string(second)
}
