package profile

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure/erasuretest"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var errCrashed = errors.New("crashed")

// crashing is DynamoDB as an environment sees it that dies at the call of a number:
// from then on nothing that it sends arrives.
type crashing struct {
	store.Client
	calls  atomic.Int64
	diesAt int64 // 0 means never
}

func (c *crashing) dead() bool { return c.calls.Add(1) >= c.diesAt && c.diesAt > 0 }

func (c *crashing) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if c.dead() {
		return nil, errCrashed
	}
	return c.Client.TransactWriteItems(ctx, in, options...)
}

func (c *crashing) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if c.dead() {
		return nil, errCrashed
	}
	return c.Client.Query(ctx, in, options...)
}

func (c *crashing) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, options ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	if c.dead() {
		return nil, errCrashed
	}
	return c.Client.DeleteItem(ctx, in, options...)
}

func (c *crashing) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if c.dead() {
		return nil, errCrashed
	}
	return c.Client.UpdateItem(ctx, in, options...)
}

// stored is what the tables hold of the caller.
type stored struct {
	settings, queue, users, progress, credit, briefs, transactions, figures string
	events                                                                  []securityevents.Event
}

func (s *stored) Record(_ context.Context, event securityevents.Event) error {
	s.events = append(s.events, event)
	return nil
}

func newStored(t *testing.T) *stored {
	t.Helper()
	return &stored{
		settings: dynamotest.Table(t, tables.SecuritySettings),
		queue:    dynamotest.Table(t, tables.DataErasures),
		users:    erasuretest.New(t, caller.UserID, "user-0", "user-2", "user-3", "user-4").Name,
		progress: dynamotest.Table(t, tables.UserProgress),
		credit:   dynamotest.Table(t, tables.CreditRecords),
		briefs:   dynamotest.Table(t, tables.Briefs),

		transactions: dynamotest.Table(t, tables.Transactions),
		figures:      dynamotest.Table(t, tables.TransactionFigures),
	}
}

func (s *stored) settingsTable(t *testing.T) *store.Table[store.SealedItem] {
	return store.New[store.SealedItem](dynamotest.Client(t), s.settings, tables.SecuritySettings)
}

// erases returns the function as an environment has it that reaches DynamoDB through
// the client.
func (s *stored) erases(t *testing.T, client store.Client, now func() time.Time) *userData {
	t.Helper()
	return &userData{
		eraser: erasure.New(store.New[store.SealedItem](client, s.settings, tables.SecuritySettings)),
		figures: transactionstore.New(store.New[store.SealedItem](client, s.transactions, tables.Transactions),
			store.New[store.SealedItem](client, s.figures, tables.TransactionFigures), nil, now),
		queue:    erasure.NewQueue(store.New[tables.DataErasure](client, s.queue, tables.DataErasures), erasure.NewGuard(client, s.users)),
		progress: store.New[tables.Progress](client, s.progress, tables.UserProgress),
		scores:   store.New[tables.CreditScores](client, s.credit, tables.CreditRecords),
		readers:  store.New[tables.BriefReader](client, s.briefs, tables.Briefs),
		events:   s,
		now:      now,
	}
}

// write stores items of the caller as the app lock does.
func (s *stored) write(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		item := store.SealedItem{"userId": &types.AttributeValueMemberS{Value: caller.UserID}, "id": &types.AttributeValueMemberS{Value: id}}
		if err := s.settingsTable(t).Put(t.Context(), item); err != nil {
			t.Fatal(err)
		}
	}
}

// left returns the ids of the caller's items.
func (s *stored) left(t *testing.T) []string {
	t.Helper()
	page, err := s.settingsTable(t).Query(t.Context(), store.Query{Partition: caller.UserID, Limit: 100, Consistency: store.Consistent})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, item := range page.Items {
		ids = append(ids, item["id"].(*types.AttributeValueMemberS).Value)
	}
	return ids
}

func (s *stored) pending(t *testing.T) []tables.DataErasure {
	t.Helper()
	pending, err := s.erases(t, dynamotest.Client(t), time.Now).queue.Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return pending
}

// tick lets the clock of the items' writes go on by a millisecond.
func tick() {
	for begin := time.Now().UnixMilli(); time.Now().UnixMilli() == begin; {
		runtime.Gosched()
	}
}

func afterwards() time.Time { return time.Now().Add(inFlightGracePeriod + time.Second) }

var phrase = eraseDataRequest{"DELETE_ALL_DATA"}

func TestEraseData_ReturnsRowCountAndIsRecorded(t *testing.T) {
	s := newStored(t)
	s.write(t, "a", "b", "c")
	tick()
	u := s.erases(t, dynamotest.Client(t), time.Now)
	answer, err := u.Erase(t.Context(), caller, phrase)
	if want := (eraseDataResponse{3, "Your data is erased."}); err != nil || answer != want {
		t.Errorf("got %+v, %v", answer, err)
	}
	if want := []securityevents.Event{{Kind: securityevents.DataErased, UserID: "user-1"}}; !slices.Equal(s.events, want) {
		t.Errorf("recorded are %+v", s.events)
	}
	if left := s.left(t); len(left) > 0 {
		t.Errorf("left are %v", left)
	}
	u.now = afterwards
	if err := u.Resume(t.Context()); err != nil || len(s.pending(t)) > 0 {
		t.Errorf("pending are %+v, %v", s.pending(t), err)
	}
}

// The environment dies at each of its calls in turn. Nothing happened when the
// request failed; otherwise it answers 200, and the schedule brings it to its end
// without what the user writes meanwhile.
func TestEraseData_CrashAtAnyCall_EndsTheSame(t *testing.T) {
	for diesAt := int64(1); ; diesAt++ {
		s := newStored(t)
		s.write(t, "a", "b", "c")
		tick()
		first := &crashing{Client: dynamotest.Client(t), diesAt: diesAt}
		_, err := s.erases(t, first, time.Now).Erase(t.Context(), caller, phrase)
		if diesAt == 1 {
			if err == nil || len(s.left(t)) != 3 || len(s.pending(t)) != 0 {
				t.Errorf("an erasure that was not entered: %v, left are %v", err, s.left(t))
			}
			continue
		}
		if err != nil {
			t.Errorf("call %d: an erasure that was entered answers %v", diesAt, err)
		}
		s.write(t, "b", "new")
		for _, now := range []func() time.Time{time.Now, afterwards} {
			second := &crashing{Client: dynamotest.Client(t), diesAt: diesAt}
			_ = s.erases(t, second, now).Resume(t.Context()) // dies, too
			if err := s.erases(t, dynamotest.Client(t), now).Resume(t.Context()); err != nil {
				t.Errorf("call %d: %v", diesAt, err)
			}
		}
		if left := s.left(t); !slices.Equal(left, []string{"b", "new"}) {
			t.Errorf("call %d: left are %v", diesAt, left)
		}
		if pending := s.pending(t); len(pending) > 0 {
			t.Errorf("call %d: pending is %+v", diesAt, pending)
		}
		if first.calls.Load() < diesAt {
			return // it lived to its end
		}
	}
}

// tired erases some of a user's items until its time is up.
type tired struct{ limit time.Duration }

func (e *tired) EraseBefore(ctx context.Context, _ string, _ time.Time) (int, error) {
	if end, ok := ctx.Deadline(); ok {
		e.limit = time.Until(end)
	}
	return 4, context.DeadlineExceeded
}

func TestEraseData_MoreThanARequestHasTimeFor_AnswersAndIsFinishedBySchedule(t *testing.T) {
	s := newStored(t)
	s.write(t, "a")
	tick()
	u, e := s.erases(t, dynamotest.Client(t), time.Now), &tired{}
	u.eraser = e
	answer, err := u.Erase(t.Context(), caller, phrase)
	if want := (eraseDataResponse{4, "Your data is being erased."}); err != nil || answer != want {
		t.Errorf("got %+v, %v", answer, err)
	}
	if e.limit <= 0 || e.limit > eraseTimeout {
		t.Errorf("the request erases for %s", e.limit)
	}
	if err := s.erases(t, dynamotest.Client(t), time.Now).Resume(t.Context()); err != nil || len(s.left(t)) > 0 {
		t.Errorf("left are %v, %v", s.left(t), err)
	}
}

func TestEraseDataResume_OutOfTime_IsAProblemOnlyWhenTheErasureIsOld(t *testing.T) {
	s := newStored(t)
	u := s.erases(t, dynamotest.Client(t), time.Now)
	u.eraser = &tired{}
	if err := u.queue.Enter(t.Context(), tables.DataErasure{UserID: caller.UserID, RequestedAt: time.Now().UnixMilli()}); err != nil {
		t.Fatal(err)
	}
	for age, isProblem := range map[time.Duration]bool{0: false, maxErasureAge + time.Minute: true} {
		u.now = func() time.Time { return time.Now().Add(age) }
		if err := u.Resume(t.Context()); (err != nil) != isProblem {
			t.Errorf("after %s: got %v", age, err)
		}
	}
}

// The app sends its progress again right after an erasure, from what it remembers.
func TestEraseData_ProgressSentAgain_EarnsNothing(t *testing.T) {
	s := newStored(t)
	now := time.Now()
	app := &progresses{items: store.New[tables.Progress](dynamotest.Client(t), s.progress, tables.UserProgress), now: func() time.Time { return now }}
	remembered := saveProgressRequest{LastActions: map[string]string{}, LastResetDate: now.UTC().Format(time.DateOnly)}
	for _, action := range []string{"add-expense", "transaction-100", "week-streak"} {
		remembered.LastActions[action] = string(dates.Milliseconds(now.Add(-time.Minute).UnixMilli()))
	}
	save := func() int {
		t.Helper()
		answer, err := app.Save(t.Context(), caller, remembered)
		if err != nil {
			t.Fatal(err)
		}
		return answer.UserProgress.TotalXP
	}
	if earned := save(); earned != 130 {
		t.Fatalf("earned %d XP", earned)
	}
	if _, err := s.erases(t, dynamotest.Client(t), time.Now).Erase(t.Context(), caller, phrase); err != nil {
		t.Fatal(err)
	}
	if earned := save(); earned != 0 {
		t.Errorf("%d XP of before the erasure are back", earned)
	}
	now = now.Add(time.Hour)
	remembered.LastActions["add-expense"] = string(dates.Milliseconds(now.UnixMilli()))
	if earned := save(); earned != 5 {
		t.Errorf("after the erasure, an action earned %d XP", earned)
	}
}

func TestEraseData_EnteredAgain_MovesTheBoundaryForwardOnly(t *testing.T) {
	s := newStored(t)
	u := s.erases(t, dynamotest.Client(t), time.Now)
	for _, try := range []struct{ at, want int64 }{{5, 5}, {9, 9}, {7, 9}} {
		if err := u.queue.Enter(t.Context(), tables.DataErasure{UserID: caller.UserID, RequestedAt: try.at}); err != nil {
			t.Fatal(err)
		}
		if pending := s.pending(t); len(pending) != 1 || pending[0].RequestedAt != try.want || pending[0].ErasedAt != 0 {
			t.Errorf("after %d: pending is %+v", try.at, pending)
		}
		// What was begun for an earlier boundary does not end the later one.
		earlier := tables.DataErasure{UserID: caller.UserID, RequestedAt: try.want - 1}
		if err := errors.Join(u.queue.Erased(t.Context(), earlier, time.Now()), u.queue.Finish(t.Context(), earlier, time.Now())); err != nil {
			t.Fatal(err)
		}
	}
	if pending := s.pending(t); len(pending) != 1 || pending[0].ErasedAt != 0 {
		t.Errorf("pending is %+v", pending)
	}
}

func TestEraseData_OneUserFails_OthersAreErased(t *testing.T) {
	s := newStored(t)
	u := s.erases(t, dynamotest.Client(t), time.Now)
	failing := failingEraser{erased: map[string]bool{}}
	u.eraser = failing
	for i := range 5 {
		if err := u.queue.Enter(t.Context(), tables.DataErasure{UserID: fmt.Sprint("user-", i), RequestedAt: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := u.Resume(t.Context()); !errors.Is(err, errCrashed) || len(failing.erased) != 4 {
		t.Errorf("erased %v, %v", failing.erased, err)
	}
}

// failingEraser cannot erase user-2.
type failingEraser struct{ erased map[string]bool }

func (e failingEraser) EraseBefore(_ context.Context, userID string, _ time.Time) (int, error) {
	if userID == "user-2" {
		return 0, errCrashed
	}
	e.erased[userID] = true
	return 1, nil
}

func TestEraseDataRequest_Validation(t *testing.T) {
	for phrase, valid := range map[string]bool{"DELETE_ALL_DATA": true, "": false, "delete_all_data": false, "DELETE_ALL_DATA ": false} {
		if err := validation.New().Check(&eraseDataRequest{phrase}); (err == nil) != valid {
			t.Errorf("%q: %v", phrase, err)
		}
	}
}

// A run of the schedule deletes what 20,000 items take at 1,000 a second.
func TestUserData_HasATimeoutAndAScheduleOfItsOwn(t *testing.T) {
	scheduled := slices.ContainsFunc(UserData.Events, func(e function.Event) bool { return e.Every == time.Minute })
	if UserData.Timeout < 20*time.Second+runReserve || !scheduled {
		t.Errorf("timeout %s, events %+v", UserData.Timeout, UserData.Events)
	}
}
