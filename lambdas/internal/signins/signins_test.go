package signins_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// What is told twice depends on conditional writes, so it is tested on an engine
// that evaluates them.
func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

type world struct {
	t       *testing.T
	table   string
	names   *pseudonym.Maker
	signIns *signins.SignIns
	at      atomic.Int64
	made    atomic.Int64 // sessions
}

const (
	home, neighbour, away = "192.0.2.1", "192.0.2.2", "198.51.100.1"
	iphone                = "Expenzez/1 CFNetwork/1490 Darwin/23"
	android               = "okhttp/4.12.0"
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, table: dynamotest.Table(t, tables.SignIns), names: pseudonym.New(awsfake.NewKMS(), "key")}
	w.at.Store(1_800_000_000_000)
	w.signIns = signins.New(store.New[tables.SignIn](dynamotest.Client(t), w.table, tables.SignIns), w.names, func() time.Time {
		return time.UnixMilli(w.at.Load())
	})
	return w
}

func (w *world) advance(d time.Duration) { w.at.Add(d.Milliseconds()) }

func (w *world) signIn(user, address, agent string) (alert bool) {
	w.t.Helper()
	return w.record(user, function.Request{SourceIP: address, UserAgent: agent}).Alert
}

func (w *world) record(user string, request function.Request) signins.Recorded {
	w.t.Helper()
	ctx := function.WithRequest(context.Background(), request)
	recorded, err := w.signIns.Record(ctx, guard.Session{UserID: user, ID: fmt.Sprint("s", w.made.Add(1)), Began: time.UnixMilli(w.at.Load())})
	if err != nil {
		w.t.Error(err)
	}
	return recorded
}

func (w *world) knows(user, address string) bool {
	w.t.Helper()
	origin, err1 := w.names.SourceIP(w.t.Context(), address)
	known, err2 := w.signIns.IsKnownOrigin(w.t.Context(), user, origin)
	if err1 != nil || err2 != nil {
		w.t.Fatal(err1, err2)
	}
	return known
}

func TestRecord_NewNetworkOrPlatform_IsToldButTheFirst(t *testing.T) {
	w := newWorld(t)
	for i, try := range []struct {
		user, address, agent string
		alert                bool
	}{
		{"ada", home, iphone, false},
		{"ada", home, iphone, false},
		{"ada", neighbour, iphone, false},
		{"ada", away, iphone, true},
		{"ada", away, iphone, false},
		{"ada", home, android, true},
		{"eve", away, android, false},
		{"ada", "2001:db8:1:2::3", iphone, true},
		{"ada", "2001:db8:1:9::4", iphone, false},
	} {
		if got := w.signIn(try.user, try.address, try.agent); got != try.alert {
			t.Errorf("sign-in %d of %s from %s: alert %v", i, try.user, try.address, got)
		}
		w.advance(time.Minute)
	}
}

func TestRecord_ManyNetworks_AreToldThreeTimesADay(t *testing.T) {
	w := newWorld(t)
	w.signIn("ada", home, iphone)
	alerts := func(from int) (count int) {
		for i := range 6 {
			if w.signIn("ada", fmt.Sprintf("203.0.%d.1", from+i), iphone) {
				count++
			}
			w.advance(time.Minute)
		}
		return count
	}
	if first := alerts(0); first != 3 {
		t.Errorf("%d e-mails on the first day", first)
	}
	w.advance(24 * time.Hour)
	if second := alerts(10); second != 3 {
		t.Errorf("%d e-mails on the second day", second)
	}
}

// The first sign-in is that of the account, and not the first that is remembered.
func TestRecord_AfterNetworksAreForgotten_IsTold(t *testing.T) {
	w := newWorld(t)
	w.signIn("ada", home, iphone)
	w.advance(89 * 24 * time.Hour)
	if w.signIn("ada", home, iphone) {
		t.Error("a network is forgotten before its time")
	}
	w.advance(91 * 24 * time.Hour)
	if !w.signIn("ada", home, iphone) {
		t.Error("a stranger is not told of after a long absence of the owner")
	}
}

func TestRecord_SameNetworkInParallel_IsToldOnce(t *testing.T) {
	w := newWorld(t)
	w.signIn("ada", home, iphone)
	var told atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if w.signIn("ada", away, iphone) {
				told.Add(1)
			}
		})
	}
	all.Wait()
	if told.Load() != 1 {
		t.Errorf("told %d times", told.Load())
	}
	if sessions, err := w.signIns.Sessions(t.Context(), "ada", 10); err != nil || len(sessions) != 5 {
		t.Errorf("%d sessions are listed, %v", len(sessions), err)
	}
}

func TestRecord_Country_IsComparedWithEarlierSignIns(t *testing.T) {
	w := newWorld(t)
	for i, step := range []struct {
		user, address, country string
		after                  time.Duration
		want                   signins.Recorded
	}{
		{"ada", home, "GB", 0, signins.Recorded{}}, // the first of the account
		{"ada", home, "GB", time.Minute, signins.Recorded{}},
		{"ada", away, "FR", 59 * time.Minute, signins.Recorded{Alert: true, NewNetwork: true, NewCountry: true, ElsewhereWithinHour: true}},
		{"ada", home, "GB", time.Minute, signins.Recorded{ElsewhereWithinHour: true}},
		{"ada", away, "FR", time.Hour, signins.Recorded{}},
		{"ada", home, "", time.Minute, signins.Recorded{}}, // not known is neither new nor elsewhere
		{"ada", home, "GB", 2 * time.Hour, signins.Recorded{}},
		{"ada", home, "FR", 89 * 24 * time.Hour, signins.Recorded{}},
		{"ada", home, "GB", 89 * 24 * time.Hour, signins.Recorded{NewCountry: true}}, // for 178 days not from there
		{"ada", home, "FR", 2 * 24 * time.Hour, signins.Recorded{NewCountry: true}},  // for 91 days not from there
		{"eve", away, "FR", time.Minute, signins.Recorded{}},                         // another account
	} {
		w.advance(step.after)
		if got := w.record(step.user, function.Request{SourceIP: step.address, UserAgent: iphone, Country: step.country}); got != step.want {
			t.Errorf("sign-in %d: got %+v, not %+v", i, got, step.want)
		}
	}
}

func TestKnows_OriginOfSignIn_ForThirtyDays(t *testing.T) {
	w := newWorld(t)
	w.signIn("ada", home, iphone)
	if !w.knows("ada", home) || w.knows("ada", neighbour) || w.knows("eve", home) {
		t.Error("known are others than the owner at home")
	}
	w.advance(function.MaxRefreshTokenLife)
	if w.knows("ada", home) {
		t.Error("the origin is known for ever")
	}
}

func TestSessions_TwoSignIns_AreListedLatestFirst(t *testing.T) {
	w := newWorld(t)
	w.signIn("ada", home, iphone)
	w.advance(time.Hour)
	w.signIn("ada", away, android)
	w.signIn("eve", home, iphone)
	sessions, err := w.signIns.Sessions(t.Context(), "ada", 10)
	if err != nil || len(sessions) != 2 {
		t.Fatalf("got %+v, %v", sessions, err)
	}
	var shown []string
	for _, session := range sessions {
		shown = append(shown, session.SessionID+" "+session.Platform)
		found, ok, err := w.signIns.Find(t.Context(), "ada", session.ID)
		if err != nil || !ok || found != session {
			t.Errorf("found %+v, %v", found, err)
		}
		if _, ok, _ = w.signIns.Find(t.Context(), "eve", session.ID); ok {
			t.Error("another user has the session")
		}
	}
	if !slices.Equal(shown, []string{"s2 android", "s1 ios"}) {
		t.Errorf("listed are %v", shown)
	}
	if latest, err := w.signIns.Sessions(t.Context(), "ada", 1); err != nil || len(latest) != 1 || latest[0] != sessions[0] {
		t.Errorf("the latest is %+v, %v", latest, err)
	}
	for _, id := range []string{"alerts", "none"} {
		if _, ok, err := w.signIns.Find(t.Context(), "ada", id); ok || err != nil {
			t.Errorf("%s is a session, %v", id, err)
		}
	}
}

func TestRecord_Stored_TellsNoAddress(t *testing.T) {
	w := newWorld(t)
	w.signIn("ada", home, iphone)
	for _, text := range []string{"192.0.2", "CFNetwork"} {
		if stored := dynamotest.Text(t, w.table); strings.Contains(stored, text) {
			t.Errorf("stored is %s", stored)
		}
	}
}

func TestForgetOrigins_KnownOrigin_IsUnknownAndToldAgain(t *testing.T) {
	w := newWorld(t)
	w.record("ada", function.Request{SourceIP: home, UserAgent: iphone, Country: "GB"})
	w.signIn("eve", home, iphone)
	if err := w.signIns.ForgetOrigins(t.Context(), "ada"); err != nil {
		t.Fatal(err)
	}
	if w.knows("ada", home) || !w.knows("eve", home) {
		t.Error("the origin of another user is forgotten, or ada's is not")
	}
	next := w.record("ada", function.Request{SourceIP: home, UserAgent: iphone, Country: "GB"})
	if !next.Alert || !next.NewNetwork || !next.NewCountry {
		t.Errorf("the next sign-in is %+v", next)
	}
	if sessions, err := w.signIns.Sessions(t.Context(), "ada", 10); err != nil || len(sessions) != 2 {
		t.Errorf("%d sessions are left, %v", len(sessions), err)
	}
}
