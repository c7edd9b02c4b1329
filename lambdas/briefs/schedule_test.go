package briefs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/internal/mornings"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var errKilled = errors.New("killed")

// mortal is DynamoDB as an environment sees it that is killed at its n-th call: that call
// arrives or not, and nothing after it does. The environment gets no answer.
type mortal struct {
	store.Client
	mu      sync.Mutex
	left    int // calls; negative means for ever
	arrives bool
	done    map[string]int // transactions that wrote a user's items
}

// live reports whether a call arrives, and whether its answer does.
func (m *mortal) live() (arrives, answered bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left < 0 {
		return true, true
	}
	m.left--
	return m.left > 0 || m.left == 0 && m.arrives, m.left > 0
}

func (m *mortal) GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if _, answered := m.live(); !answered {
		return nil, errKilled
	}
	return m.Client.GetItem(ctx, in, options...)
}

func (m *mortal) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	arrives, answered := m.live()
	if !arrives {
		return nil, errKilled
	}
	out, err := m.Client.TransactWriteItems(ctx, in, options...)
	if err == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		for _, item := range in.TransactItems {
			if item.Put != nil {
				m.done[item.Put.Item["userId"].(*types.AttributeValueMemberS).Value]++
			}
		}
	}
	if !answered {
		return nil, errKilled
	}
	return out, err
}

// queue has the messages of the schedule. From a number on it takes none any more.
type queue struct {
	messages []mornings.Request
	left     int
}

func (q *queue) Send(_ context.Context, messages ...messaging.Message[mornings.Request]) error {
	for _, message := range messages {
		if q.left--; q.left < 0 {
			return errKilled
		}
		if message.ID == "" || strings.Contains(message.ID, message.Body.UserID) {
			return fmt.Errorf("the id %q of a message is logged", message.ID)
		}
		q.messages = append(q.messages, message.Body)
	}
	return nil
}

func (w *world) schedule(q *queue) *mornings.Schedule {
	positions := store.New[tables.CleanupPosition](dynamotest.Client(w.t), w.marks, tables.CleanupProgress)
	return mornings.New(visits, store.New[mornings.User](dynamotest.Client(w.t), w.briefs, tables.Briefs), positions, q, w.now)
}

func (w *world) addReaders(n int) {
	w.t.Helper()
	accounts, readers := make([]account, n), make([]tables.BriefReader, n)
	for i := range n {
		id := fmt.Sprintf("user-%04d", i)
		accounts[i], readers[i] = account{id}, readerOf(id, w.now())
	}
	must(w.t, w.accounts().WriteAll(w.t.Context(), accounts, nil))
	must(w.t, w.readers().WriteAll(w.t.Context(), readers, nil))
}

// Runs of the schedule end at random messages, and makers are killed at random calls. The
// queue brings a message again until it is handled, and some messages twice.
func TestMake_KilledAtRandom_MakesOneBriefForEachOfAThousandUsers(t *testing.T) {
	const users = 1000
	w := newWorld(t)
	w.addReaders(users)
	random := rand.New(rand.NewPCG(20, 2026))
	q := &queue{}
	runs, cut := 0, 0
	for finished := false; !finished; runs++ {
		q.left = random.IntN(400)
		err := w.schedule(q).Run(t.Context())
		if err != nil && !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		if finished = err == nil; !finished {
			cut++
		}
	}
	if q.left = 0; w.schedule(q).Run(t.Context()) != nil {
		t.Error("a run after the last user requests more")
	}
	if len(q.messages) <= users || cut < 3 {
		t.Errorf("%d runs, of which %d were cut, sent %d messages: none twice", runs, cut, len(q.messages))
	}

	deliveries, kills := len(q.messages), 0
	done := map[string]int{}
	for pending := q.messages; len(pending) > 0; deliveries += len(pending) {
		pending, kills = w.deliver(pending, random, done, kills)
	}
	for i := range users {
		id := fmt.Sprintf("user-%04d", i)
		if done[id] != 1 {
			t.Errorf("%s has %d briefs written", id, done[id])
		}
	}
	stored := strings.Count(dynamotest.Text(t, w.briefs), "daily-2026-07-15")
	t.Logf("%d runs (%d cut), %d deliveries, %d killed", runs, cut, deliveries, kills)
	if stored != users || kills < users/4 {
		t.Errorf("%d briefs are stored, after %d kills", stored, kills)
	}
}

// deliver hands messages to makers, four at a time, and returns those that come again.
func (w *world) deliver(messages []mornings.Request, random *rand.Rand, done map[string]int, kills int) ([]mornings.Request, int) {
	var again []mornings.Request
	var mu sync.Mutex
	var all sync.WaitGroup
	gate := make(chan struct{}, 4)
	for _, message := range messages {
		life := &mortal{Client: dynamotest.Client(w.t), left: -1, arrives: random.IntN(2) == 0, done: map[string]int{}}
		if random.IntN(2) == 0 {
			life.left = 1 + random.IntN(2)
		}
		gate <- struct{}{}
		all.Go(func() {
			defer func() { <-gate }()
			err := w.maker(life).Make(w.t.Context(), message)
			mu.Lock()
			defer mu.Unlock()
			for user, n := range life.done {
				done[user] += n
			}
			if err != nil {
				kills++
				again = append(again, message)
			}
		})
	}
	all.Wait()
	slices.SortFunc(again, func(a, b mornings.Request) int { return strings.Compare(a.UserID, b.UserID) }) // the order of goroutines is not fixed
	return again, kills
}

func TestMake_FirstOfAMonth_MakesTheReportToo(t *testing.T) {
	w := newWorld(t)
	w.add(row{"2026-07-31", -100, "home"})
	w.setTime("2026-08-01T06:00:00+01:00")
	must(t, w.readers().Put(t.Context(), readerOf("ada", w.now())))
	m := w.maker(dynamotest.Client(t))
	for range 2 {
		must(t, m.Make(t.Context(), mornings.Request{UserID: "ada", Day: "2026-08-01"}))
	}
	if ids := w.ids("ada"); !slices.Equal(ids, []string{"daily-2026-08-01", "monthly-2026-07", "reader"}) {
		t.Errorf("stored are %v", ids)
	}
	must(t, m.Make(t.Context(), mornings.Request{UserID: "ada", Day: "2026-07-31"})) // a message that waited too long
	if ids := w.ids("ada"); len(ids) != 3 {
		t.Errorf("stored are %v", ids)
	}
}

// The app reads reports and no briefs. A message about such a user comes on the first of a
// month only, and makes the report only, for as long as the user reads reports.
func TestMonthly_Reader_GetsReportsAheadAndNoBriefs(t *testing.T) {
	w := newWorld(t)
	w.add(row{"2026-06-30", -100, "home"}, row{"2026-07-31", -100, "home"}, row{"2026-08-31", -100, "home"}, row{"2026-09-30", -100, "home"})
	_, err := w.monthly("ada", latest)
	must(t, err)
	for _, first := range []string{"2026-08-01", "2026-09-01", "2026-10-01"} {
		at, err := time.Parse(time.DateOnly, first)
		must(t, err)
		for _, day := range []time.Time{at.AddDate(0, 0, -1), at} {
			q := &queue{left: 10}
			w.setTime(day.Format(time.DateOnly) + "T06:00:00+01:00")
			must(t, w.schedule(q).Run(t.Context()))
			if (len(q.messages) == 1) != (day == at) {
				t.Fatalf("on %s the messages are %v", day, q.messages)
			}
			for _, message := range q.messages {
				must(t, w.maker(dynamotest.Client(t)).Make(t.Context(), message))
			}
		}
		w.setTime(first + "T12:00:00+01:00")
		for range 2 {
			got, err := w.monthly("ada", latest)
			must(t, err)
			if got.Report.GeneratedAt != dates.Milliseconds(at.Add(5*time.Hour).UnixMilli()) {
				t.Errorf("the report is made at %s", got.Report.GeneratedAt)
			}
		}
		reader, err := w.readers().Get(t.Context(), store.Key{"ada", tables.ReportReaderID}, store.Consistent)
		if must(t, err); reader.ExpiresAt != w.now().Add(reportReaderRetention).Unix() {
			t.Errorf("the reader expires at %d", reader.ExpiresAt)
		}
	}
	want := []string{"monthly-2026-06", "monthly-2026-07", "monthly-2026-08", "monthly-2026-09", "report-reader"}
	if ids := w.ids("ada"); !slices.Equal(ids, want) {
		t.Errorf("stored are %v", ids)
	}
}

// A message may come after the user erased their data or the account.
func TestMake_AfterErasure_WritesNothing(t *testing.T) {
	w := newWorld(t)
	w.add(row{"2026-06-30", -100, "home"})
	must(t, w.readers().Put(t.Context(), readerOf("gone", w.now())))
	w.setTime("2026-07-01T06:00:00+01:00")
	for _, user := range []string{"ada", "gone"} { // ada is no reader, gone has no account
		for _, list := range lists(calendar.Zone, "2026-07-01") {
			must(t, w.maker(dynamotest.Client(t)).Make(t.Context(), mornings.Request{UserID: user, Day: "2026-07-01", List: list}))
		}
	}
	if ids := append(w.ids("ada"), w.ids("gone")...); !slices.Equal(ids, []string{"reader"}) {
		t.Errorf("stored are %v", ids)
	}
}
