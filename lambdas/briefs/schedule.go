package briefs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Schedule requests the briefs of users whose morning has come.
var Schedule = function.Define(function.Spec[*schedule]{
	Name:    "briefs-schedule",
	Purpose: "Requests the daily briefs of users in each time zone whose morning has come.",
	New: func(resources *function.Resources) (*schedule, error) {
		return &schedule{
			readers:   store.Open[tables.BriefReader](resources, tables.Briefs),
			positions: store.Open[tables.CleanupPosition](resources, tables.CleanupProgress),
			requests:  messaging.NewSender(sqs.NewFromConfig(resources.AWS), resources.Queue(Requests.Queue), Requests),
			now:       time.Now,
		}, nil
	},
	Events: []function.EventOf[*schedule]{function.OnSchedule(runInterval, (*schedule).Run)},
	Permissions: function.Permissions{
		Tables: []tables.Grant{tables.Briefs.AllowQuery(tables.BriefReaders), tables.CleanupProgress.Allow(tables.GetItem, tables.PutItem)},
		Sends:  []*function.Queue{Requests.Queue},
	},
	Timeout: time.Minute,
})

const (
	// runInterval is the time between runs.
	runInterval = 15 * time.Minute
	// firstHour is the local hour from which the briefs of a day are made. What is left of a
	// morning is made later on.
	firstHour = 6
	// pageSize is how many users are requested between two notes of the position, and
	// maxPages how many pages a run requests: 5,000 users, 20,000 an hour.
	pageSize, maxPages = 100, 50
	// batchSize is how many messages SQS takes in one call.
	batchSize = 10
	// positionRetention is how long a position is kept: the morning is over by then.
	positionRetention = 48 * time.Hour
	// atEnd is the position of a zone whose users are all requested.
	atEnd = "end"
)

// zones are the time zones of users. No client tells its zone, so all users are in
// London.
var zones = []string{calendar.Zone}

type schedule struct {
	readers   *store.Table[tables.BriefReader]
	positions *store.Table[tables.CleanupPosition]
	requests  interface {
		Send(ctx context.Context, messages ...messaging.Message[Request]) error
	}
	now func() time.Time
}

// Run requests the briefs of the day that has come in each zone. It goes on where the run
// before stopped. What a run requests that ends before it noted its position is requested
// again, and made once.
func (s *schedule) Run(ctx context.Context) error {
	var problems []error
	for _, zone := range zones {
		location, err := time.LoadLocation(zone)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		begun := s.now().In(location).Add(-firstHour * time.Hour)
		problems = append(problems, s.requestZone(ctx, zone, dates.DayOf(begun)))
	}
	return errors.Join(problems...)
}

// requestZone requests the briefs of a zone's users on a day, page by page.
func (s *schedule) requestZone(ctx context.Context, zone string, day dates.Day) error {
	id := fmt.Sprintf("briefs %s %s", zone, day)
	position, err := s.positions.Get(ctx, store.Key{id}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		position, err = &tables.CleanupPosition{ID: id, ExpiresAt: s.now().Add(positionRetention).Unix()}, nil
	}
	requested := 0
	for page := 0; err == nil && page < maxPages && position.Page != atEnd; page++ {
		var sent int
		sent, err = s.requestPage(ctx, zone, day, position)
		requested += sent
	}
	if requested > 0 {
		telemetry.FromContext(ctx).InfoContext(ctx, "briefs are requested", "zone", zone, "users", requested)
	}
	return err
}

// requestPage requests a page of users and notes the position after it.
func (s *schedule) requestPage(ctx context.Context, zone string, day dates.Day, position *tables.CleanupPosition) (int, error) {
	page, err := s.readers.Query(ctx, store.Query{Index: tables.BriefReaders, Partition: zone, Limit: pageSize, After: position.Page})
	if err != nil {
		return 0, err
	}
	for begin := 0; begin < len(page.Items); begin += batchSize {
		var batch []messaging.Message[Request]
		for _, reader := range page.Items[begin:min(begin+batchSize, len(page.Items))] {
			// The id of a message is logged, so it is not made of the user's id.
			batch = append(batch, messaging.Message[Request]{ID: rand.Text(), Body: Request{UserID: reader.UserID, Day: day}})
		}
		if err := s.requests.Send(ctx, batch...); err != nil {
			return begin, err
		}
	}
	if position.Page = page.Next; position.Page == "" {
		position.Page = atEnd
	}
	return len(page.Items), s.positions.Put(ctx, *position)
}
