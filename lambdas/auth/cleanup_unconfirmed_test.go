package auth

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// signUps has the unconfirmed users of a pool, by page, and the ages of their accounts.
// The users named in broken cannot be looked up, deleted or recorded.
type signUps struct {
	pages    [][]userpool.UnconfirmedUser
	accounts map[string]time.Duration
	entered  []tables.AccountDeletion
	broken   map[string]bool
	missing  int  // the page that cannot be read; 0 for none
	unknown  bool // whether Cognito refuses page tokens
	position string
	asked    []string // the pages
	deleted  []string
	onDelete func()
}

func (s *signUps) Page(context.Context) (string, error) { return s.position, nil }

func (s *signUps) Save(_ context.Context, page string) error {
	s.position = page
	return nil
}

func (s *signUps) ListUnconfirmed(_ context.Context, page string) ([]userpool.UnconfirmedUser, string, error) {
	s.asked = append(s.asked, page)
	if s.unknown && page != "" {
		return nil, "", userpool.ErrUnknownPage
	}
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

func (s *signUps) CreatedAt(_ context.Context, userID string) (time.Time, bool, error) {
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
func orphan(name string) userpool.UnconfirmedUser {
	return userpool.UnconfirmedUser{UserID: name + "-id", CreatedAt: noon.Add(-time.Hour)}
}

func cleanupOf(s *signUps) *cleanupUnconfirmed {
	return &cleanupUnconfirmed{pool: s, accounts: s, queue: s, progress: s, now: func() time.Time { return noon }}
}

func TestCleanupUnconfirmed_DeletesOldUsersWithoutAccount(t *testing.T) {
	aged := func(name string, age time.Duration) userpool.UnconfirmedUser {
		return userpool.UnconfirmedUser{UserID: name + "-id", CreatedAt: noon.Add(-age)}
	}
	s := &signUps{
		pages:    [][]userpool.UnconfirmedUser{{orphan("dead"), aged("registering", time.Minute-time.Millisecond)}, {}, {orphan("slow.reader"), aged("minute", time.Minute)}},
		accounts: map[string]time.Duration{"slow.reader-id": time.Hour},
	}
	if err := cleanupOf(s).Run(t.Context()); err != nil {
		t.Error(err)
	}
	if want := []string{"dead", "minute"}; !slices.Equal(s.deleted, want) {
		t.Errorf("deleted %q, not %q", s.deleted, want)
	}
}

func TestCleanupUnconfirmed_ExpiresAccountsAfterAWeek(t *testing.T) {
	s := &signUps{
		pages:    [][]userpool.UnconfirmedUser{{orphan("old"), orphan("young")}, {orphan("broken"), orphan("older")}},
		accounts: map[string]time.Duration{"old-id": unconfirmedTTL, "young-id": unconfirmedTTL - time.Millisecond, "broken-id": unconfirmedTTL, "older-id": 50 * unconfirmedTTL},
		broken:   map[string]bool{"broken": true},
	}
	if err := cleanupOf(s).Run(t.Context()); !errors.Is(err, errBroken) || s.deleted != nil {
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

// expiredPages returns pages with so many users each, all to be deleted.
func expiredPages(pages, users int) *signUps {
	s := &signUps{accounts: map[string]time.Duration{}}
	for p := range pages {
		s.pages = append(s.pages, nil)
		for u := range users {
			user := orphan(strconv.Itoa(p) + "." + strconv.Itoa(u))
			s.pages[p], s.accounts[user.UserID] = append(s.pages[p], user), unconfirmedTTL
		}
	}
	return s
}

// Requested deletions wait in the same queue.
func TestCleanupUnconfirmed_ManyExpired_ContinuesInNextRun(t *testing.T) {
	s := expiredPages(4, maxExpiriesPerRun/2)
	for run, want := range []struct {
		entered int
		next    string
	}{{maxExpiriesPerRun, "2"}, {2 * maxExpiriesPerRun, ""}, {3 * maxExpiriesPerRun, "2"}} {
		if err := cleanupOf(s).Run(t.Context()); err != nil || len(s.entered) != want.entered || s.position != want.next {
			t.Errorf("run %d: %d are entered, the next page is %q, %v", run, len(s.entered), s.position, err)
		}
	}
}

// Users who cannot be deleted may stay in the list for ever.
func TestCleanupUnconfirmed_UsersThatAlwaysFail_DelayNoOthers(t *testing.T) {
	s := expiredPages(2, maxFailures)
	s.broken = map[string]bool{}
	for _, user := range s.pages[0] {
		s.broken[strings.TrimSuffix(user.UserID, "-id")] = true
	}
	if err := cleanupOf(s).Run(t.Context()); !errors.Is(err, errTooManyFailures) || s.position != "1" {
		t.Errorf("the next page is %q, %v", s.position, err)
	}
	if err := cleanupOf(s).Run(t.Context()); err != nil || len(s.entered) != maxFailures || s.position != "" {
		t.Errorf("%d are entered, the next page is %q, %v", len(s.entered), s.position, err)
	}
}

func TestCleanupUnconfirmed_UnknownPage_StartsWithFirstPage(t *testing.T) {
	s := expiredPages(1, 1)
	s.position, s.unknown = "old", true
	if err := cleanupOf(s).Run(t.Context()); err != nil || len(s.entered) != 1 || s.position != "" {
		t.Errorf("%d are entered, the next page is %q, %v", len(s.entered), s.position, err)
	}
	if !slices.Equal(s.asked, []string{"old", ""}) {
		t.Errorf("asked for %q", s.asked)
	}
}

func TestCleanupUnconfirmed_FailingUser_DelaysNoOthers(t *testing.T) {
	for name, broken := range map[string]string{"the look-up fails": "b-id", "the deletion fails": "b"} {
		s := &signUps{pages: [][]userpool.UnconfirmedUser{{orphan("a"), orphan("b")}, {orphan("c")}}, broken: map[string]bool{broken: true}}
		if err := cleanupOf(s).Run(t.Context()); !errors.Is(err, errBroken) {
			t.Errorf("%s: the run returns %v", name, err)
		}
		if want := []string{"a", "c"}; !slices.Equal(s.deleted, want) {
			t.Errorf("%s: deleted %q", name, s.deleted)
		}
	}
}

func TestCleanupUnconfirmed_DeadlineIsNear_ContinuesWithNextPage(t *testing.T) {
	s := &signUps{pages: [][]userpool.UnconfirmedUser{{orphan("a"), orphan("b")}, {orphan("c")}}}
	cleanup := cleanupOf(s)
	now := time.Now()
	cleanup.now = func() time.Time { return now }
	ctx, cancel := context.WithDeadline(t.Context(), now.Add(cleanupDeadlineMargin))
	defer cancel()
	s.onDelete = func() { now = now.Add(time.Millisecond) }
	if err := cleanup.Run(ctx); err != nil || !slices.Equal(s.deleted, []string{"a"}) || s.position != "1" {
		t.Errorf("deleted %q, the next page is %q, then %v", s.deleted, s.position, err)
	}
	if err := cleanupOf(s).Run(t.Context()); err != nil || !slices.Equal(s.deleted, []string{"a", "c"}) || s.position != "" {
		t.Errorf("deleted %q, the next page is %q, then %v", s.deleted, s.position, err)
	}
}

func TestCleanupUnconfirmed_TooManyFailures_EndsRun(t *testing.T) {
	s := &signUps{pages: [][]userpool.UnconfirmedUser{{}}, broken: map[string]bool{}}
	for i := range maxFailures - 1 {
		name := strconv.Itoa(i)
		s.pages[0], s.broken[name] = append(s.pages[0], orphan(name)), true
	}
	if err := cleanupOf(s).Run(t.Context()); !errors.Is(err, errBroken) || errors.Is(err, errTooManyFailures) {
		t.Errorf("the last failure that is borne ends in %v", err)
	}
	s.pages[0], s.broken["last"] = append(s.pages[0], orphan("last"), orphan("next")), true
	if err := cleanupOf(s).Run(t.Context()); !errors.Is(err, errTooManyFailures) || s.deleted != nil {
		t.Errorf("deleted %q, then %v", s.deleted, err)
	}
}

func TestCleanupUnconfirmed_FailingPage_EndsRun(t *testing.T) {
	s := &signUps{pages: [][]userpool.UnconfirmedUser{{orphan("a")}, {orphan("b")}}, missing: 1}
	for _, next := range []string{"1", ""} { // tried again, then given up
		if err := cleanupOf(s).Run(t.Context()); !errors.Is(err, errBroken) || !slices.Equal(s.deleted, []string{"a"}) || s.position != next {
			t.Errorf("deleted %q, the next page is %q, then %v", s.deleted, s.position, err)
		}
	}
}
