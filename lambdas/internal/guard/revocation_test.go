package guard_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func (w *world) revocations() *guard.Revocations {
	return guard.NewRevocations(w.db, w.limits, w.tokens, w.now)
}

func TestRevokeToken_IsRefusedOnAllRoutes(t *testing.T) {
	w := newWorld(t)
	revocations := w.revocations()
	for name, revoke := range map[string]func(function.Caller) error{
		"the token": func(u function.Caller) error { return revocations.RevokeToken(t.Context(), u, "test") },
		"its session": func(u function.Caller) error {
			return revocations.RevokeSession(t.Context(), u.UserID, u.SessionID, "test")
		},
		"all its user": func(u function.Caller) error { return revocations.RevokeAllTokens(t.Context(), u.UserID, "test") },
	} {
		for _, used := range []bool{true, false} {
			u := caller(w)
			g := newGuard(w, function.Limit{Requests: 5, Per: time.Minute})
			if used && !allowed(t, g, guard.User(u)) {
				t.Fatal("a good token is refused")
			}
			if err := revoke(u); err != nil {
				t.Fatal(err)
			}
			if err := g.Check(t.Context(), key, guard.User(u)); !errors.Is(err, guard.ErrRevoked) {
				t.Errorf("%s revoked, used before %v: got %v", name, used, err)
			}
			other := u
			other.TokenID, other.SessionID, other.IssuedAt = "new", "new", w.now().Add(2*time.Second)
			if err := g.Check(t.Context(), key, guard.User(other)); err != nil {
				t.Errorf("%s revoked: a sign-in after it is refused: %v", name, err)
			}
			for allowed(t, g, guard.User(other)) { // until the limit is used up, which must not end the session
			}
		}
	}
}

// sessionOf is the session of a caller who has just signed in.
func sessionOf(u function.Caller) guard.Session {
	return guard.Session{UserID: u.UserID, ID: u.SessionID, Began: u.IssuedAt}
}

func TestSessions_EndedSession_IsRevoked(t *testing.T) {
	w := newWorld(t)
	sessions, revocations := guard.NewSessions(w.db, w.tokens), w.revocations()
	for name, tc := range map[string]struct {
		end    func(function.Caller) error
		others bool // whether the user's other sessions end too
	}{
		"revoked": {func(u function.Caller) error {
			return revocations.RevokeSession(t.Context(), u.UserID, u.SessionID, "test")
		}, false},
		"retired": {func(u function.Caller) error {
			return revocations.RevokeRefreshToken(t.Context(), u.UserID, u.SessionID, "test")
		}, false},
		"everything": {func(u function.Caller) error { return revocations.RevokeAllTokens(t.Context(), u.UserID, "test") }, true},
	} {
		u, stranger := caller(w), caller(w)
		other, later := sessionOf(u), sessionOf(u)
		other.ID, later.ID = "other", "later"
		later.Began = w.now().Add(time.Second)
		expect := func(when string, session guard.Session, want bool) {
			t.Helper()
			if ended, err := sessions.IsRevoked(t.Context(), session); err != nil || ended != want {
				t.Errorf("%s: %s: ended is %v, %v", name, when, ended, err)
			}
		}
		expect("before", sessionOf(u), false)
		if err := tc.end(u); err != nil {
			t.Fatal(err)
		}
		expect("after", sessionOf(u), true)
		if !tc.others { // which go by the time that they began
			ahead := sessionOf(u)
			ahead.Began = w.now().Add(5 * time.Second)
			expect("though Cognito's clock is ahead", ahead, true)
		}
		expect("another session of the user", other, tc.others)
		expect("a session that begins later", later, false)
		expect("a stranger", sessionOf(stranger), false)
	}
}

func TestLive_SomeSessionsEnded_ReturnsTheOthersInOrder(t *testing.T) {
	w := newWorld(t)
	sessions, revocations := guard.NewSessions(w.db, w.tokens), w.revocations()
	u := caller(w)
	var began []guard.Session
	for i, id := range []string{"old", "revoked", "retired", "new"} {
		began = append(began, guard.Session{UserID: u.UserID, ID: id, Began: w.now().Add(time.Duration(i) * time.Second)})
	}
	expect := func(want ...string) {
		t.Helper()
		live, err := sessions.Live(t.Context(), u.UserID, began...)
		var ids []string
		for _, session := range live {
			ids = append(ids, session.ID)
		}
		if err != nil || !slices.Equal(ids, want) {
			t.Errorf("live are %v, %v", ids, err)
		}
	}
	expect("old", "revoked", "retired", "new")
	err1 := revocations.RevokeSession(t.Context(), u.UserID, "revoked", "test")
	err2 := revocations.RevokeRefreshToken(t.Context(), u.UserID, "retired", "test")
	expect("old", "new")
	err3 := revocations.RevokeAllTokens(t.Context(), u.UserID, "test")
	expect("new")
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if live, err := sessions.Live(t.Context(), u.UserID); len(live) > 0 || err != nil {
		t.Errorf("of no sessions, live are %v, %v", live, err)
	}
}

func TestRevocations_EntryExpiresAfterItsTokens(t *testing.T) {
	w := newWorld(t)
	revocations := w.revocations()
	u := caller(w)
	for id, tc := range map[string]struct {
		revoke func() error
		life   time.Duration
	}{
		"token#" + u.TokenID: {func() error { return revocations.RevokeToken(t.Context(), u, "test") }, function.MaxAccessTokenLife},
		"session#a":          {func() error { return revocations.RevokeSession(t.Context(), u.UserID, "a", "test") }, function.MaxRefreshTokenLife},
		"session#b":          {func() error { return revocations.RevokeRefreshToken(t.Context(), u.UserID, "b", "test") }, function.MaxRefreshTokenLife},
		"user#":              {func() error { return revocations.RevokeAllTokens(t.Context(), u.UserID, "test") }, function.MaxRefreshTokenLife},
	} {
		if err := tc.revoke(); err != nil {
			t.Fatal(err)
		}
		var listed tables.RevokedToken
		for _, item := range scan[tables.RevokedToken](t, w.db, w.tokens, tables.RevokedTokens) {
			if strings.HasPrefix(item.ID, id) {
				listed = item
			}
		}
		if listed.RevokedAt != w.now().Unix() || listed.ExpiresAt != w.now().Add(tc.life).Unix() || listed.Reason != "test" {
			t.Errorf("%s is listed as %+v", id, listed)
		}
	}
}

func TestRevokeRefreshToken_LeavesNoMark(t *testing.T) {
	w := newWorld(t)
	u := caller(w)
	if err := w.revocations().RevokeRefreshToken(t.Context(), u.UserID, u.SessionID, "test"); err != nil {
		t.Fatal(err)
	}
	if !allowed(t, newGuard(w, function.Limit{Requests: 1, Per: time.Minute}), guard.User(u)) {
		t.Error("its access token is refused")
	}
	if items := scan[store.SealedItem](t, w.db, w.limits, tables.RateLimits); len(items) != 1 || len(items[0]) != 3 { // id, expiresAt, a bucket
		t.Errorf("the user's item is %v", items)
	}
}

// The item goes with every request of the user, so it must not grow for ever.
func TestRevocations_ExpiredMark_IsRemoved(t *testing.T) {
	w := newWorld(t)
	u := caller(w)
	revoke := func(session string) {
		t.Helper()
		if err := w.revocations().RevokeSession(t.Context(), u.UserID, session, "test"); err != nil {
			t.Fatal(err)
		}
	}
	revoke("first")
	w.advance(function.MaxAccessTokenLife)
	revoke("second")
	if marks := w.marks(t); marks != 2 {
		t.Errorf("the item has %d marks that may be of use", marks)
	}
	w.advance(time.Second)
	revoke("third")
	if marks := w.marks(t); marks != 2 {
		t.Errorf("the item has %d marks, one of them for nothing", marks)
	}
	if ended, err := guard.NewSessions(w.db, w.tokens).IsRevoked(t.Context(), guard.Session{UserID: u.UserID, ID: "first", Began: u.IssuedAt}); err != nil || !ended {
		t.Errorf("the first session may be renewed: %v", err)
	}
}

func (w *world) marks(t *testing.T) int {
	t.Helper()
	marks := 0
	for name := range scan[store.SealedItem](t, w.db, w.limits, tables.RateLimits)[0] {
		if strings.HasPrefix(name, "session#") {
			marks++
		}
	}
	return marks
}

func TestRateLimits_EachAttribute_IsOfOneType(t *testing.T) {
	w := newWorld(t)
	u := caller(w)
	emails := function.Budget{Name: "emails", PerAddress: 10, PerStage: 20}
	limits := []function.Limit{{Requests: 9, Per: time.Minute}}
	g := guard.New(w.db, w.limits, []function.Route{
		{Key: key, Limits: limits, Lane: &function.Lane{Limits: limits}},
		{Key: resendKey, Limits: limits, Budgets: []function.Budget{emails}},
	}, w.now)
	if err := g.Admit(t.Context(), guard.Holder("refresh token")); err != nil {
		t.Fatal(err)
	}
	for subject, routeKey := range map[guard.LimitKey]string{
		guard.User(u): key, guard.SourceIP("here"): resendKey, guard.Holder("refresh token"): key, guard.Stage: resendKey,
	} {
		if err := g.Check(t.Context(), routeKey, subject); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{
		w.revocations().RevokeToken(t.Context(), u, "test"),
		w.revocations().RevokeSession(t.Context(), u.UserID, u.SessionID, "test"),
		w.revocations().RevokeAllTokens(t.Context(), u.UserID, "test"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	limit := tables.LimitAttribute + "[0-9A-V]{10}-[0-9]+" // base32, and seconds
	attributes := map[tables.RateLimitItem][]string{
		tables.RateLimitUser:    {limit, tables.TokenMark + ".+", tables.SessionMark + ".+", tables.RevokedUntil},
		tables.RateLimitAddress: {limit, tables.BudgetAttribute + "emails"},
		tables.RateLimitHolder:  {limit},
		tables.RateLimitStage:   {tables.BudgetAttribute + "emails"},
	}
	found := map[tables.RateLimitItem]int{}
	for _, item := range scan[store.SealedItem](t, w.db, w.limits, tables.RateLimits) {
		id := item["id"].(*types.AttributeValueMemberS).Value
		of := slices.IndexFunc(tables.RateLimitItems(), func(of tables.RateLimitItem) bool { return strings.HasPrefix(id, string(of)) })
		if of < 0 {
			t.Fatalf("%s is of no type", id)
		}
		kind := tables.RateLimitItems()[of]
		found[kind]++
		wanted := regexp.MustCompile("^(id|expiresAt|" + strings.Join(attributes[kind], "|") + ")$")
		if len(item) != 2+len(attributes[kind]) {
			t.Errorf("%s has %d attributes", kind, len(item))
		}
		for name := range item {
			if !wanted.MatchString(name) {
				t.Errorf("%s has the attribute %s, which matches none of %v", kind, name, attributes[kind])
			}
		}
	}
	if len(found) != len(tables.RateLimitItems()) {
		t.Errorf("the items are of the types %v, not of each", found)
	}
}

func TestTables_KeysDoNotRevealUsers(t *testing.T) {
	w := newWorld(t)
	u := caller(w)
	u.UserID = "5b9f1a52-2f0e-4c9b-9d5e-1f6f1f8f0c11"
	address, err := pseudonym.New(awsfake.NewKMS(), "key").SourceIP(t.Context(), "192.0.2.77")
	if err != nil {
		t.Fatal(err)
	}
	g := newGuard(w, function.Limit{Requests: 9, Per: time.Minute})
	allowed(t, g, guard.User(u))
	allowed(t, g, guard.SourceIP(address))
	for _, revoke := range []error{
		w.revocations().RevokeToken(t.Context(), u, "test"),
		w.revocations().RevokeSession(t.Context(), u.UserID, u.SessionID, "test"),
		w.revocations().RevokeRefreshToken(t.Context(), u.UserID, "other", "test"),
		w.revocations().RevokeAllTokens(t.Context(), u.UserID, "test"),
	} {
		if revoke != nil {
			t.Fatal(revoke)
		}
	}
	limits := scan[store.SealedItem](t, w.db, w.limits, tables.RateLimits)
	listed := scan[store.SealedItem](t, w.db, w.tokens, tables.RevokedTokens)
	if len(limits) != 2 || len(listed) != 4 {
		t.Fatalf("there are %d items and %d revocations", len(limits), len(listed))
	}
	text, err := json.Marshal([]any{limits, listed})
	if err != nil {
		t.Fatal(err)
	}
	for _, readable := range []string{u.UserID, "192.0.2.77"} {
		if strings.Contains(string(text), readable) {
			t.Errorf("the tables hold %s", readable)
		}
	}
}

// scan returns all items of a table.
func scan[T any](t *testing.T, db *dynamodb.Client, name string, declared *tables.Table) []T {
	t.Helper()
	out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(name)})
	if err != nil {
		t.Fatal(err)
	}
	keys := make([]store.Key, len(out.Items))
	for i, item := range out.Items {
		keys[i] = store.Key{item["id"].(*types.AttributeValueMemberS).Value}
	}
	items, err := store.New[T](db, name, declared).GetAll(t.Context(), keys, store.Consistent)
	if err != nil {
		t.Fatal(err)
	}
	return items
}
