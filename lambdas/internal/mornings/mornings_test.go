package mornings

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// listed is a table of users with several items each.
var listed = &tables.Table{
	Name:         "Listed",
	PartitionKey: tables.Attribute{Name: "userId", Type: tables.String},
	SortKey:      tables.Attribute{Name: "id", Type: tables.String},
	Indexes: []*tables.Index{{
		Name: "users", PartitionKey: tables.Attribute{Name: "zone", Type: tables.String}, SortKey: tables.Attribute{Name: "userId", Type: tables.String},
	}},
}

type item struct {
	UserID string `dynamodbav:"userId"`
	ID     string `dynamodbav:"id"`
	Zone   string `dynamodbav:"zone"`
}

// world is a schedule with a queue that takes so many messages, and a clock.
type world struct {
	*Schedule
	t     *testing.T
	items *store.Table[item]
	sent  []Request
	left  int
	at    time.Time
}

var errFull = errors.New("the queue takes no more")

func (w *world) Send(_ context.Context, messages ...messaging.Message[Request]) error {
	for _, message := range messages {
		if w.left--; w.left < 0 {
			return errFull
		}
		w.sent = append(w.sent, message.Body)
	}
	return nil
}

func newWorld(t *testing.T, users, itemsEach int) *world {
	t.Helper()
	client, name := dynamotest.Client(t), dynamotest.Table(t, listed)
	w := &world{t: t, items: store.New[item](client, name, listed), left: 10_000, at: time.Date(2026, 7, 15, 6, 0, 0, 0, time.UTC)}
	positions := store.New[tables.CleanupPosition](client, dynamotest.Table(t, tables.CleanupProgress), tables.CleanupProgress)
	visits := Visits{Name: "visits", Table: listed, Index: listed.Indexes[0], Queue: function.NewQueue[Request](function.Queue{Name: "visits"})}
	w.Schedule = New(visits, store.New[User](client, name, listed), positions, w, func() time.Time { return w.at })
	var all []item
	for u := range users {
		for i := range itemsEach {
			all = append(all, item{fmt.Sprintf("user-%04d", u), fmt.Sprint(i), calendar.Zone})
		}
	}
	if err := w.items.WriteAll(t.Context(), all, nil); err != nil {
		t.Fatal(err)
	}
	return w
}

// run runs the schedule at a time, and returns what it sent.
func (w *world) run(at string) []Request {
	w.t.Helper()
	parsed, err := time.Parse(time.RFC3339, at)
	if err != nil {
		w.t.Fatal(err)
	}
	w.at, w.sent = parsed, nil
	if err := w.Run(w.t.Context()); err != nil {
		w.t.Error(err)
	}
	return w.sent
}

func TestRun_Morning_RequestsEachDayOnce(t *testing.T) {
	w := newWorld(t, 250, 1)
	for _, c := range []struct {
		at, day string
		want    int
	}{
		{"2026-07-14T23:00:00+01:00", "2026-07-14", 250}, // no run came in the morning
		{"2026-07-15T05:59:59+01:00", "", 0},
		{"2026-07-15T06:00:00+01:00", "2026-07-15", 250},
		{"2026-07-15T12:00:00+01:00", "", 0},
		{"2026-12-15T06:00:00Z", "2026-12-15", 250},
	} {
		sent := w.run(c.at)
		if len(sent) != c.want || c.want > 0 && string(sent[0].Day) != c.day {
			t.Errorf("at %s: %d messages", c.at, len(sent))
		}
	}
}

// Runs every 15 minutes over the two nights in which clocks change request each day once,
// from 06:00 on the clock.
func TestRun_NightsOfClockChanges_RequestEachDayOnceAtSix(t *testing.T) {
	for _, night := range []string{"2026-03-29", "2026-10-25"} {
		w := newWorld(t, 1, 1)
		begin, err := time.ParseInLocation(time.DateOnly, night, calendar.Location())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for at := begin.AddDate(0, 0, -1).Add(12 * time.Hour); at.Before(begin.AddDate(0, 0, 2)); at = at.Add(runInterval) {
			for _, sent := range w.run(at.UTC().Format(time.RFC3339)) {
				got = append(got, string(sent.Day)+at.In(calendar.Location()).Format(" at 15:04"))
			}
		}
		want := []string{begin.AddDate(0, 0, -1).Format(time.DateOnly) + " at 12:00", night + " at 06:00", begin.AddDate(0, 0, 1).Format(time.DateOnly) + " at 06:00"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRun_UserWithSeveralItems_IsVisitedOnce(t *testing.T) {
	w := newWorld(t, 30, 7) // three pages, whose ends are within users
	if sent := w.run("2026-07-15T06:00:00Z"); len(sent) != 30 {
		t.Errorf("%d messages", len(sent))
	}
}

func TestRun_QueueTakesNoMore_GoesOnAtThePage(t *testing.T) {
	w := newWorld(t, 2*pageSize+1, 1)
	w.left = pageSize + 10 // of the second page
	if err := w.Run(t.Context()); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	w.left = 10_000
	if sent := w.run("2026-07-15T06:15:00Z"); len(sent) != pageSize+1 || sent[0].UserID != fmt.Sprintf("user-%04d", pageSize) {
		t.Errorf("%d messages, from %v", len(sent), sent[0])
	}
}

func TestRun_ManyUsers_RequestsAShareInEachRun(t *testing.T) {
	w := newWorld(t, 2*pageSize+1, 1)
	w.maxRequests = pageSize
	for _, want := range []int{pageSize, pageSize, 1, 0} {
		if sent := w.run("2026-07-15T06:00:00Z"); len(sent) != want {
			t.Errorf("%d messages, want %d", len(sent), want)
		}
	}
}

func TestZones_EachName_IsATimeZone(t *testing.T) {
	for _, zone := range zones {
		if _, err := time.LoadLocation(zone); err != nil || !slices.Contains(zones, calendar.Zone) {
			t.Errorf("%s: %v", zone, err)
		}
	}
}
