package auth

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
)

// fakeSessions says of every session what it is told to, and notes which it was
// asked about.
type fakeSessions struct {
	ended bool
	err   error
	asked guard.Session
}

func (s *fakeSessions) Ended(_ context.Context, session guard.Session) (bool, error) {
	s.asked = session
	return s.ended, s.err
}

func renewing(issued tokens, err error, sessions *fakeSessions) *refresh {
	return &refresh{pool: &fakePool{refresh: func(string) (tokens, error) { return issued, err }}, sessions: sessions, events: &fakeEvents{}}
}

func TestARefreshKeepsTheRefreshToken(t *testing.T) {
	sessions := &fakeSessions{}
	renewed, err := renewing(tokensFor("user-1"), nil, sessions).Refresh(context.Background(), renewal{RefreshToken: "refresh"})
	if err != nil || renewed.AccessToken == "" || renewed.IDToken == "" {
		t.Errorf("got %+v, %v", renewed, err)
	}
	if renewed.RefreshToken != "" {
		t.Error("the answer holds a refresh token, which the app would store")
	}
	if want := (guard.Session{UserID: "user-1", ID: "session of user-1", Began: time.Unix(1_700_000_000, 0)}); sessions.asked != want {
		t.Errorf("asked about %+v", sessions.asked)
	}
}

func TestNobodyGetsTokensOfASessionThatHasEnded(t *testing.T) {
	unreadable := errors.New("the table cannot be read")
	for name, tc := range map[string]struct {
		refresh *refresh
		want    error
	}{
		"revoked":                {renewing(tokensFor("user-1"), nil, &fakeSessions{ended: true}), errSessionEnded},
		"nobody knows":           {renewing(tokensFor("user-1"), nil, &fakeSessions{err: unreadable}), unreadable},
		"refused by Cognito":     {renewing(tokens{}, errSessionEnded, &fakeSessions{}), errSessionEnded},
		"no session in token":    {renewing(tokensWith(jwt.MapClaims{"sub": "user-1", "auth_time": 1}), nil, &fakeSessions{}), apierror.Internal},
		"no beginning in token":  {renewing(tokensWith(jwt.MapClaims{"sub": "user-1", "origin_jti": "s"}), nil, &fakeSessions{}), apierror.Internal},
		"no user in token":       {renewing(tokensWith(jwt.MapClaims{"origin_jti": "s", "auth_time": 1}), nil, &fakeSessions{}), apierror.Internal},
		"a token that is no JWT": {renewing(tokens{AccessToken: "opaque"}, nil, &fakeSessions{}), apierror.Internal},
	} {
		issued, err := tc.refresh.Refresh(context.Background(), renewal{RefreshToken: "refresh"})
		if !errors.Is(err, tc.want) && !errors.Is(apierror.From(err), tc.want) || issued != (tokens{}) {
			t.Errorf("%s: got %+v, %v", name, issued, err)
		}
	}
}

// Whoever uses it may have stolen it.
func TestTheUseOfAnEndedSessionIsRecorded(t *testing.T) {
	for ended, want := range map[bool][]securityevents.Event{true: {{Kind: securityevents.EndedSessionUsed, UserID: "user-1"}}, false: nil} {
		r, events := renewing(tokensFor("user-1"), nil, &fakeSessions{ended: ended}), &fakeEvents{}
		r.events = events
		if _, err := r.Refresh(t.Context(), renewal{RefreshToken: "refresh"}); (err != nil) != ended || !reflect.DeepEqual(events.recorded, want) {
			t.Errorf("recorded %+v, answered %v", events.recorded, err)
		}
	}
}
