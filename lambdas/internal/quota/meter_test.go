package quota_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/quota"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const noon = "2026-11-28T12:00:00Z"

func TestUsage_NothingTaken_IsTheWholeLimit(t *testing.T) {
	m := newWorld(t).meter(monthly, noon)
	for _, tc := range []struct {
		user quota.User
		want quota.Usage
	}{
		{free, quota.Usage{Period: "2026-11", Limit: 4, Remaining: 4, ResetsAt: moment(t, "2026-12-01T00:00:00Z")}},
		{premium, quota.Usage{Period: "2026-11", Limit: 15, Remaining: 15, ResetsAt: moment(t, "2026-12-01T00:00:00Z")}},
		{quota.User{ID: "ada"}, quota.Usage{Period: "2026-11", Limit: 4, Remaining: 4, ResetsAt: moment(t, "2026-12-01T00:00:00Z")}},
	} {
		if got := usage(t, m, tc.user); got != tc.want {
			t.Errorf("%s: got %+v", tc.user.Plan, got)
		}
	}
}

func TestTake_LimitReached_SaysWhenItResets(t *testing.T) {
	m := newWorld(t).meter(monthly, noon)
	take(t, m, free, "a", "b", "c", "d")
	_, err := m.Take(t.Context(), free, "e")
	var usedUp *quota.UsedUpError
	if !errors.As(err, &usedUp) || !errors.Is(err, quota.ErrUsedUp) {
		t.Fatalf("got %v", err)
	}
	want := quota.Usage{Period: "2026-11", Used: 4, Limit: 4, ResetsAt: moment(t, "2026-12-01T00:00:00Z")}
	if usedUp.Usage != want || usage(t, m, free) != want {
		t.Errorf("got %+v", usedUp.Usage)
	}
	if text := err.Error(); !strings.Contains(text, "imports") || !strings.Contains(text, "2026-12-01T00:00:00Z") {
		t.Errorf("got %q", text)
	}
	take(t, m, free, "a") // for a subject that has been counted, the limit is no matter
	if other := (quota.User{ID: "grace", Plan: tables.Free}); usage(t, m, other).Remaining != 4 {
		t.Error("another user's quota is used")
	}
}

func TestTake_LimitOfZero_IsRefused(t *testing.T) {
	m := newWorld(t).meter(quota.Monthly("exports", quota.Limits{Premium: 1}), noon)
	var usedUp *quota.UsedUpError
	if _, err := m.Take(t.Context(), free, "a"); !errors.As(err, &usedUp) || usedUp.Usage.Used != 0 || usedUp.Usage.Limit != 0 {
		t.Errorf("got %v", err)
	}
	uses(t, m, free, 0)
	take(t, m, premium, "a")
	take(t, m, free, "a") // it was taken before the plan changed
}

func TestTake_SameSubject_CountsOnce(t *testing.T) {
	m := newWorld(t).meter(monthly, noon)
	take(t, m, free, "file", "file", "file")
	uses(t, m, free, 1)
}

func TestGiveBack_Repeated_GivesBackOnce(t *testing.T) {
	m := newWorld(t).meter(monthly, noon)
	giveBack(t, m, free, "a") // there is no item yet
	take(t, m, free, "a", "b")
	giveBack(t, m, free, "never taken")
	uses(t, m, free, 2)
	giveBack(t, m, free, "a")
	giveBack(t, m, free, "a")
	uses(t, m, free, 1)
	giveBack(t, m, free, "b") // the last one of the set
	uses(t, m, free, 0)
	take(t, m, free, "a")
	uses(t, m, free, 1)
}

func TestTake_FiftyInParallel_SucceedUpToTheLimit(t *testing.T) {
	w := newWorld(t)
	succeeded, refused := parallel(50, func(i int) error {
		_, err := w.meter(monthly, noon).Take(t.Context(), premium, fmt.Sprint("file-", i))
		return err
	})
	for _, err := range refused {
		if !errors.Is(err, quota.ErrUsedUp) {
			t.Error(err)
		}
	}
	if succeeded != 15 {
		t.Errorf("%d of 50 succeeded", succeeded)
	}
	uses(t, w.meter(monthly, noon), premium, 15)
}

func TestTake_FiftyInParallelForOneSubject_CountOnce(t *testing.T) {
	w := newWorld(t)
	var additions atomic.Int32
	if succeeded, refused := parallel(50, func(int) error {
		added, err := w.meter(monthly, noon).Take(t.Context(), free, "file")
		if added {
			additions.Add(1)
		}
		return err
	}); succeeded != 50 || additions.Load() != 1 {
		t.Errorf("%d of 50 succeeded, %d added the subject: %v", succeeded, additions.Load(), refused)
	}
	uses(t, w.meter(monthly, noon), free, 1)
}

func TestGiveBack_FiftyInParallel_GiveBackOnce(t *testing.T) {
	w := newWorld(t)
	take(t, w.meter(monthly, noon), free, "a", "b")
	if succeeded, problems := parallel(50, func(int) error {
		return w.meter(monthly, noon).GiveBack(t.Context(), free, "a")
	}); succeeded != 50 {
		t.Errorf("%d of 50 succeeded: %v", succeeded, problems[0])
	}
	uses(t, w.meter(monthly, noon), free, 1)
}

func TestTake_ResponseLost_IsCountedOnce(t *testing.T) {
	w := newWorld(t)
	m := w.through(repeating{dynamotest.Client(t)}, monthly, noon)
	take(t, m, free, "a", "b", "c", "d") // the last one fills the quota before it is repeated
	uses(t, m, free, 4)
	giveBack(t, m, free, "d")
	uses(t, m, free, 3)
}

func TestTake_PlanChanges_NeitherLosesNorAddsWhatIsUsed(t *testing.T) {
	m := newWorld(t).meter(monthly, noon)
	for i := range 10 {
		take(t, m, premium, fmt.Sprint("file-", i))
	}
	if got := usage(t, m, free); got.Used != 10 || got.Limit != 4 || got.Remaining != 0 {
		t.Errorf("after the end of premium: %+v", got)
	}
	take(t, m, free, "file-3")
	if _, err := m.Take(t.Context(), free, "another"); !errors.Is(err, quota.ErrUsedUp) {
		t.Errorf("got %v", err)
	}
	giveBack(t, m, free, "file-3")
	if _, err := m.Take(t.Context(), free, "file-3"); !errors.Is(err, quota.ErrUsedUp) {
		t.Errorf("a subject that was given back: got %v", err)
	}
	if got := usage(t, m, premium); got.Used != 9 || got.Remaining != 6 {
		t.Errorf("premium again: %+v", got)
	}
}

func TestTake_TwoQuotas_AreApart(t *testing.T) {
	w := newWorld(t)
	take(t, w.meter(monthly, noon), free, "a")
	uses(t, w.meter(daily, noon), free, 0)
}

// failing is a DynamoDB that is down.
type failing struct{ store.Client }

var errDown = errors.New("down")

func (failing) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return nil, errDown
}

func (failing) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return nil, errDown
}

func TestMeter_TableFails_ReturnsTheError(t *testing.T) {
	m := newWorld(t).through(failing{}, daily, "2026-11-28T00:00:01Z") // where Take looks at the day before
	_, usageErr := m.Usage(t.Context(), free)
	_, takeErr := m.Take(t.Context(), free, "a")
	for what, err := range map[string]error{"usage": usageErr, "take": takeErr, "give back": m.GiveBack(t.Context(), free, "a")} {
		if !errors.Is(err, errDown) || errors.Is(err, quota.ErrUsedUp) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

func TestTake_StoredItem_HasNoSubjectInItAndExpires(t *testing.T) {
	w := newWorld(t)
	take(t, w.meter(monthly, noon), free, "statement of ada.pdf")
	item, err := store.New[tables.QuotaUse](dynamotest.Client(t), w.table, tables.Quotas).Get(t.Context(), store.Key{"ada", "imports#2026-11"}, store.Consistent)
	if err != nil {
		t.Fatal(err)
	}
	if want := moment(t, "2026-12-03T00:00:00Z"); item.ExpiresAt != want.Unix() {
		t.Errorf("the item expires at %v", time.Unix(item.ExpiresAt, 0))
	}
	if len(item.Subjects) != 1 || len(item.Subjects[0]) != 22 || strings.Contains(dynamotest.Text(t, w.table), "statement") {
		t.Errorf("stored are %q", item.Subjects)
	}
}

func TestAsAPIError_UsedUp_IsTheCallers422(t *testing.T) {
	usedUp := &quota.UsedUpError{Quota: "imports", Usage: quota.Usage{ResetsAt: moment(t, "2026-12-01T00:00:00Z")}}
	var response *apierror.Error
	err := quota.AsAPIError(fmt.Errorf("import: %w", usedUp), "IMPORT_LIMIT_REACHED", "No more.")
	if !errors.As(err, &response) || response.Status != http.StatusUnprocessableEntity || response.Code != "IMPORT_LIMIT_REACHED" ||
		response.Message != "No more." || response.Details != "resets at 2026-12-01T00:00:00Z" || !errors.Is(err, quota.ErrUsedUp) {
		t.Errorf("got %+v", err)
	}
	for _, other := range []error{nil, errDown} {
		if got := quota.AsAPIError(other, "X", "x"); got != other {
			t.Errorf("%v became %v", other, got)
		}
	}
}

func TestMonthly_WrongDeclaration_Panics(t *testing.T) {
	for name, limits := range map[string]quota.Limits{
		"Imports": {}, "": {}, "a#b": {}, "negative": {Free: -1}, "huge": {Premium: 201},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q %+v is accepted", name, limits)
				}
			}()
			quota.Monthly(name, limits)
		}()
	}
	quota.Daily("statement-imports", quota.Limits{Free: 0, Premium: 200})
}
