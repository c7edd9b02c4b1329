package auth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// signUps are the unconfirmed users of a pool, by page, and how old the accounts are
// of those who have one. The users named in broken cannot be looked up, deleted or
// entered.
type signUps struct {
	pages    [][]unconfirmedUser
	accounts map[string]time.Duration
	entered  []tables.AccountDeletion
	broken   map[string]bool
	missing  int // the page that cannot be had; 0, which always can, for none
	deleted  []string
	onDelete func()
}

func (s *signUps) Unconfirmed(_ context.Context, page string) ([]unconfirmedUser, string, error) {
	i, _ := strconv.Atoi(page)
	if i > 0 && i == s.missing {
		return nil, "", errBroken
	}
	next := ""
	if i+1 < len(s.pages) {
		next = strconv.Itoa(i + 1)
	}
	return s.pages[i], next, nil
}

func (s *signUps) DeleteUser(_ context.Context, userID string) error {
	name := strings.TrimSuffix(userID, "-id")
	if s.broken[name] {
		return errBroken
	}
	s.deleted = append(s.deleted, name)
	if s.onDelete != nil {
		s.onDelete()
	}
	return nil
}

func (s *signUps) Since(_ context.Context, userID string) (time.Time, bool, error) {
	if s.broken[userID] {
		return time.Time{}, false, errBroken
	}
	age, exists := s.accounts[userID]
	return noon.Add(-age), exists, nil
}

func (s *signUps) Start(_ context.Context, deletion tables.AccountDeletion) error {
	if s.broken[strings.TrimSuffix(deletion.UserID, "-id")] {
		return errBroken
	}
	s.entered = append(s.entered, deletion)
	return nil
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// orphan is a user who signed up an hour ago.
func orphan(name string) unconfirmedUser {
	return unconfirmedUser{userID: name + "-id", createdAt: noon.Add(-time.Hour)}
}

func sweepOf(s *signUps) *sweep {
	return &sweep{pool: s, accounts: s, queue: s, now: func() time.Time { return noon }}
}

func TestASweepDeletesOldUsersWithoutAnAccountAndNobodyElse(t *testing.T) {
	aged := func(name string, age time.Duration) unconfirmedUser {
		return unconfirmedUser{userID: name + "-id", createdAt: noon.Add(-age)}
	}
	s := &signUps{
		pages:    [][]unconfirmedUser{{orphan("dead"), aged("registering", time.Minute-time.Millisecond)}, {}, {orphan("slow.reader"), aged("minute", time.Minute)}},
		accounts: map[string]time.Duration{"slow.reader-id": time.Hour},
	}
	if err := sweepOf(s).Run(t.Context()); err != nil {
		t.Error(err)
	}
	if want := []string{"dead", "minute"}; !slices.Equal(s.deleted, want) {
		t.Errorf("deleted %q, not %q", s.deleted, want)
	}
}

func TestASweepHasAccountsDeletedThatNobodyConfirmedForAWeek(t *testing.T) {
	s := &signUps{
		pages:    [][]unconfirmedUser{{orphan("old"), orphan("young")}, {orphan("broken"), orphan("older")}},
		accounts: map[string]time.Duration{"old-id": expiry, "young-id": expiry - time.Millisecond, "broken-id": expiry, "older-id": 50 * expiry},
		broken:   map[string]bool{"broken": true},
	}
	if err := sweepOf(s).Run(t.Context()); !errors.Is(err, errBroken) || s.deleted != nil {
		t.Errorf("the run deleted %q and returned %v", s.deleted, err)
	}
	want := []tables.AccountDeletion{
		{UserID: "old-id", StartedAt: noon.UnixMilli(), IfUnconfirmed: true},
		{UserID: "older-id", StartedAt: noon.UnixMilli(), IfUnconfirmed: true},
	}
	if !slices.Equal(s.entered, want) {
		t.Errorf("entered are %+v", s.entered)
	}
}

// The deletions that users ask for are in the same queue.
func TestASweepEntersFewDeletionsAtATimeAndLooksAtEverybody(t *testing.T) {
	s := &signUps{pages: [][]unconfirmedUser{{}}, accounts: map[string]time.Duration{}}
	for i := range mostExpired + 1 {
		user := orphan(strconv.Itoa(i))
		s.pages[0], s.accounts[user.userID] = append(s.pages[0], user), expiry
	}
	s.pages[0] = append(s.pages[0], orphan("dead"))
	if err := sweepOf(s).Run(t.Context()); err != nil || len(s.entered) != mostExpired || !slices.Equal(s.deleted, []string{"dead"}) {
		t.Errorf("entered %d, deleted %q, %v", len(s.entered), s.deleted, err)
	}
}

func TestOneUserWhoCannotBeSweptKeepsNoOther(t *testing.T) {
	for name, broken := range map[string]string{"the look-up fails": "b-id", "the deletion fails": "b"} {
		s := &signUps{pages: [][]unconfirmedUser{{orphan("a"), orphan("b")}, {orphan("c")}}, broken: map[string]bool{broken: true}}
		if err := sweepOf(s).Run(t.Context()); !errors.Is(err, errBroken) {
			t.Errorf("%s: the run returns %v", name, err)
		}
		if want := []string{"a", "c"}; !slices.Equal(s.deleted, want) {
			t.Errorf("%s: deleted %q", name, s.deleted)
		}
	}
}

func TestASweepEndsBeforeItsTimeAndSaysThatUsersAreLeft(t *testing.T) {
	s := &signUps{pages: [][]unconfirmedUser{{orphan("a"), orphan("b")}, {orphan("c")}}}
	sweep := sweepOf(s)
	now := time.Now()
	sweep.now = func() time.Time { return now }
	ctx, cancel := context.WithDeadline(t.Context(), now.Add(lastUser))
	defer cancel()
	s.onDelete = func() { now = now.Add(time.Millisecond) }
	if err := sweep.Run(ctx); !errors.Is(err, errNoTime) || !slices.Equal(s.deleted, []string{"a"}) {
		t.Errorf("deleted %q, then %v", s.deleted, err)
	}
}

func TestASweepGivesUpWhenEverythingFails(t *testing.T) {
	s := &signUps{pages: [][]unconfirmedUser{{}}, broken: map[string]bool{}}
	for i := range tooManyFailures {
		name := strconv.Itoa(i)
		s.pages[0], s.broken[name] = append(s.pages[0], orphan(name)), true
	}
	if err := sweepOf(s).Run(t.Context()); !errors.Is(err, errBroken) || errors.Is(err, errFailing) {
		t.Errorf("the last failure that is borne ends in %v", err)
	}
	s.pages[0] = append(s.pages[0], orphan("next"))
	if err := sweepOf(s).Run(t.Context()); !errors.Is(err, errFailing) || s.deleted != nil {
		t.Errorf("deleted %q, then %v", s.deleted, err)
	}
}

func TestAPageThatCannotBeHadEndsTheSweep(t *testing.T) {
	s := &signUps{pages: [][]unconfirmedUser{{orphan("a")}, {orphan("b")}}, missing: 1}
	if err := sweepOf(s).Run(t.Context()); !errors.Is(err, errBroken) || !slices.Equal(s.deleted, []string{"a"}) {
		t.Errorf("deleted %q, then %v", s.deleted, err)
	}
}

// transport answers requests as a function does.
type transport func(*http.Request) string

func (answer transport) RoundTrip(request *http.Request) (*http.Response, error) {
	return answerTo(request, http.StatusOK, answer(request)), nil
}

func TestUnconfirmedUsersAreReadPageByPageWithoutTheirData(t *testing.T) {
	var asked []string
	pool := poolWith(transport(func(request *http.Request) string {
		body, _ := io.ReadAll(request.Body)
		asked = append(asked, string(body))
		if strings.Contains(string(body), "PaginationToken") {
			return `{"Users":[]}`
		}
		return `{"PaginationToken":"more","Users":[{"Username":"ada","UserCreateDate":1772366400.5,"Attributes":[{"Name":"sub","Value":"user-1"}]}]}`
	}))
	users, next, err := pool.Unconfirmed(t.Context(), "")
	want := unconfirmedUser{userID: "user-1", createdAt: noon.Add(500 * time.Millisecond)}
	if err != nil || next != "more" || !slices.Equal(users, []unconfirmedUser{want}) {
		t.Errorf("got %+v, %q, %v", users, next, err)
	}
	if users, next, err := pool.Unconfirmed(t.Context(), next); err != nil || next != "" || len(users) != 0 {
		t.Errorf("the last page is %+v, %q, %v", users, next, err)
	}
	for i, page := range []string{"", `"PaginationToken":"more",`} {
		if want := `{"AttributesToGet":["sub"],"Filter":"cognito:user_status = \"UNCONFIRMED\"",` + page + `"UserPoolId":"pool"}`; asked[i] != want {
			t.Errorf("asked %s", asked[i])
		}
	}
}
