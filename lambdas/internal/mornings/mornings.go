package mornings

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

const (
	// runInterval is the time between runs.
	runInterval = 15 * time.Minute
	// firstHour is the local hour from which a day's requests are sent. What is left of a
	// morning is sent later on.
	firstHour = 6
	// pageSize is how many items are listed between two notes of the position.
	pageSize = 100
	// maxRequests is after how many requests a run ends, with the page that it is at: 20,000
	// an hour.
	maxRequests = 5000
	// positionRetention is how long a position is kept: the morning is over by then.
	positionRetention = 48 * time.Hour
	// atEnd is the position of a zone whose users are all requested.
	atEnd = "end"
)

// zones are the time zones of users. No client tells its zone, so all users are in
// London.
var zones = []string{calendar.Zone}

// Request asks for the work about a user on a day of the user's.
type Request struct {
	UserID string    `json:"userId"`
	Day    dates.Day `json:"day"`
	// List is the list of Visits.Lists that the user is on.
	List string `json:"list,omitempty"`
}

// Visits say which users are visited in the morning, and where the requests go.
type Visits struct {
	// Name and Purpose are those of the function.
	Name, Purpose string
	// Index lists the items of Table by the name of the user's time zone, and then by user.
	// A user with several items is visited once.
	Table *tables.Table
	Index *tables.Index
	// Lists returns the partitions of Index whose users are visited in a zone on a day.
	// Default: the name of the zone.
	Lists func(zone string, day dates.Day) []string
	// Queue takes the requests.
	Queue function.QueueOf[Request]
}

// Define returns the function that sends the requests.
func Define(v Visits) *function.Function {
	return function.Define(function.Spec[*Schedule]{
		Name:    v.Name,
		Purpose: v.Purpose,
		New: func(resources *function.Resources) (*Schedule, error) {
			return New(v, store.Open[User](resources, v.Table), store.Open[tables.CleanupPosition](resources, tables.CleanupProgress),
				messaging.NewSender(sqs.NewFromConfig(resources.AWS), resources.Queue(v.Queue.Queue), v.Queue), time.Now), nil
		},
		Events: []function.EventOf[*Schedule]{function.OnSchedule(runInterval, (*Schedule).Run)},
		Permissions: function.Permissions{
			Tables: []tables.Grant{v.Table.AllowQuery(v.Index), tables.CleanupProgress.Allow(tables.GetItem, tables.PutItem)},
			Sends:  []*function.Queue{v.Queue.Queue},
		},
		Timeout: time.Minute,
	})
}

// User is what is read of an item of the index.
type User struct {
	UserID string `dynamodbav:"userId"`
}

// Sender sends requests to the queue.
type Sender interface {
	Send(ctx context.Context, messages ...messaging.Message[Request]) error
}

// Schedule is the function that sends the requests.
type Schedule struct {
	visits    Visits
	users     *store.Table[User]
	positions *store.Table[tables.CleanupPosition]
	requests  Sender
	now       func() time.Time

	maxRequests int
}

// New returns the schedule over these tables and this queue.
func New(v Visits, users *store.Table[User], positions *store.Table[tables.CleanupPosition], requests Sender, now func() time.Time) *Schedule {
	return &Schedule{v, users, positions, requests, now, maxRequests}
}

// Run sends the requests of the day that has come in each zone. It goes on where the run
// before stopped.
func (s *Schedule) Run(ctx context.Context) error {
	var problems []error
	for _, zone := range zones {
		location, err := time.LoadLocation(zone)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		day, lists := dayOf(s.now().In(location)), []string{zone}
		if s.visits.Lists != nil {
			lists = s.visits.Lists(zone, day)
		}
		for _, list := range lists {
			problems = append(problems, s.requestList(ctx, list, day))
		}
	}
	return errors.Join(problems...)
}

// dayOf returns the day whose morning has come at a local time. It goes by the clock, so
// that a day on which the clock changes begins at firstHour, too.
func dayOf(local time.Time) dates.Day {
	if local.Hour() < firstHour {
		local = local.AddDate(0, 0, -1)
	}
	return dates.DayOf(local)
}

// requestList sends the requests about a list's users on a day, page by page.
func (s *Schedule) requestList(ctx context.Context, list string, day dates.Day) error {
	id := fmt.Sprintf("%s %s %s", s.visits.Name, list, day)
	position, err := s.positions.Get(ctx, store.Key{id}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		position, err = &tables.CleanupPosition{ID: id, ExpiresAt: s.now().Add(positionRetention).Unix()}, nil
	}
	requested, last := 0, ""
	for err == nil && requested < s.maxRequests && position.Page != atEnd {
		var sent int
		sent, last, err = s.requestPage(ctx, list, day, position, last)
		requested += sent
	}
	if requested > 0 {
		telemetry.FromContext(ctx).InfoContext(ctx, "users are visited", "zone", list, "users", requested)
	}
	return err
}

// requestPage sends the requests about a page of users and notes the position after it.
// last is the last user of the page before. It returns how many requests it sent, and the
// last user.
func (s *Schedule) requestPage(ctx context.Context, list string, day dates.Day, position *tables.CleanupPosition, last string) (int, string, error) {
	page, err := s.users.Query(ctx, store.Query{Index: s.visits.Index, Partition: list, Limit: pageSize, After: position.Page})
	if err != nil {
		return 0, last, err
	}
	var messages []messaging.Message[Request]
	for _, user := range page.Items {
		if user.UserID != last {
			// The id of a message is logged, so it is not made of the user's id.
			messages = append(messages, messaging.Message[Request]{ID: rand.Text(), Body: Request{UserID: user.UserID, Day: day, List: list}})
		}
		last = user.UserID
	}
	if err := s.requests.Send(ctx, messages...); err != nil {
		return 0, last, err
	}
	if position.Page = page.Next; position.Page == "" {
		position.Page = atEnd
	}
	return len(messages), last, s.positions.Put(ctx, *position)
}
