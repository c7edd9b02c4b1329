package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// fakeSessions has the same result for every session, and notes which session it was
// asked about.
type fakeSessions struct {
	ended bool
	err   error
	asked guard.Session
}

func (s *fakeSessions) IsRevoked(_ context.Context, session guard.Session) (bool, error) {
	s.asked = session
	return s.ended, s.err
}

func renewing(issued userpool.Tokens, err error, sessions *fakeSessions) *refresh {
	return &refresh{
		pool:     &fakePool{refresh: func(string) (userpool.Tokens, error) { return issued, err }},
		sessions: sessions,
		accounts: fakeAccounts{"user-1": {UserID: "user-1", Username: "ada", Email: "ada@example.com"}},
		events:   &fakeEvents{},
	}
}

func TestRefresh_KeepsRefreshToken(t *testing.T) {
	sessions := &fakeSessions{}
	renewed, err := renewing(tokensFor("user-1"), nil, sessions).Refresh(context.Background(), refreshRequest{RefreshToken: "refresh"})
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

func TestRefresh_EndedSession_GetsNoTokens(t *testing.T) {
	for name, tc := range map[string]struct {
		refresh *refresh
		want    error
	}{
		"revoked":                {renewing(tokensFor("user-1"), nil, &fakeSessions{ended: true}), userpool.ErrSessionEnded},
		"no account":             {renewing(tokensFor("user-2"), nil, &fakeSessions{}), userpool.ErrSessionEnded},
		"refused by Cognito":     {renewing(userpool.Tokens{}, userpool.ErrSessionEnded, &fakeSessions{}), userpool.ErrSessionEnded},
		"no session in token":    {renewing(tokensWith(jwt.MapClaims{"sub": "user-1", "auth_time": 1}), nil, &fakeSessions{}), apierror.Internal},
		"no beginning in token":  {renewing(tokensWith(jwt.MapClaims{"sub": "user-1", "origin_jti": "s"}), nil, &fakeSessions{}), apierror.Internal},
		"no user in token":       {renewing(tokensWith(jwt.MapClaims{"origin_jti": "s", "auth_time": 1}), nil, &fakeSessions{}), apierror.Internal},
		"a token that is no JWT": {renewing(userpool.Tokens{AccessToken: "opaque"}, nil, &fakeSessions{}), apierror.Internal},
	} {
		issued, err := tc.refresh.Refresh(context.Background(), refreshRequest{RefreshToken: "refresh"})
		if !errors.Is(err, tc.want) && !errors.Is(apierror.From(err), tc.want) || issued != (sessionResponse{}) {
			t.Errorf("%s: got %+v, %v", name, issued, err)
		}
	}
}

// The client that uses it may have stolen it.
func TestRefresh_EndedSession_IsRecorded(t *testing.T) {
	for ended, want := range map[bool][]securityevents.Event{true: {{Kind: securityevents.EndedSessionUsed, UserID: "user-1"}}, false: nil} {
		r, events := renewing(tokensFor("user-1"), nil, &fakeSessions{ended: ended}), &fakeEvents{}
		r.events = events
		if _, err := r.Refresh(t.Context(), refreshRequest{RefreshToken: "refresh"}); (err != nil) != ended || !reflect.DeepEqual(events.recorded, want) {
			t.Errorf("recorded %+v, answered %v", events.recorded, err)
		}
	}
}

func TestRefresh_ReturnsUserOfLogin(t *testing.T) {
	renewed, err := renewing(tokensFor("user-1"), nil, &fakeSessions{}).Refresh(t.Context(), refreshRequest{RefreshToken: "refresh"})
	want := userOf(&tables.User{UserID: "user-1", Username: "ada", Email: "ada@example.com"})
	if err != nil || renewed.User != want {
		t.Errorf("the user is %+v, %v", renewed.User, err)
	}
}

// unreadable are accounts and sessions that no read reaches.
type unreadable struct{ err error }

func (u unreadable) fail(ctx context.Context) error {
	if u.err == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	return u.err
}

func (u unreadable) IsRevoked(ctx context.Context, _ guard.Session) (bool, error) {
	return false, u.fail(ctx)
}
func (u unreadable) Get(ctx context.Context, _ string) (*tables.User, error) { return nil, u.fail(ctx) }

// Every answer but 200 signs the user out.
func TestRefresh_TablesUnreadable_ReturnsTokensAndUserID(t *testing.T) {
	for name, err := range map[string]error{
		"throttled": &smithy.GenericAPIError{Code: "ProvisionedThroughputExceededException"},
		"missing":   &smithy.GenericAPIError{Code: "ResourceNotFoundException"},
		"hanging":   nil,
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			issued := tokensWith(jwt.MapClaims{"sub": "user-1", "username": "ada", "origin_jti": "s", "auth_time": 1})
			r := renewing(issued, nil, nil)
			r.sessions, r.accounts = unreadable{err}, unreadable{err}
			renewed, err := r.Refresh(t.Context(), refreshRequest{RefreshToken: "refresh"})
			want := userResponse{ID: "user-1", UserID: "user-1", Sub: "user-1", Username: "ada"}
			if err != nil || renewed.AccessToken == "" || renewed.User != want || time.Since(began) > readTimeout {
				t.Errorf("%s: %+v, %v after %s", name, renewed.User, err, time.Since(began))
			}
		})
	}
}

func TestRefresh_CognitoFailsForSeconds_IsRepeated(t *testing.T) {
	for name, failure := range map[string]error{
		"throttled":      apierror.Unavailable.Because(&smithy.GenericAPIError{Code: "TooManyRequestsException"}),
		"out of reach":   &smithyhttp.RequestSendError{Err: errors.New("no route to host")},
		"without secret": context.DeadlineExceeded,
	} {
		synctest.Test(t, func(t *testing.T) {
			up := time.Now().Add(6 * time.Second)
			r := renewing(tokensFor("user-1"), nil, &fakeSessions{})
			r.pool = &fakePool{refresh: func(string) (userpool.Tokens, error) {
				if time.Now().Before(up) {
					return userpool.Tokens{}, failure
				}
				return tokensFor("user-1"), nil
			}}
			if _, err := r.Refresh(t.Context(), refreshRequest{RefreshToken: "refresh"}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// The app waits 15 s; an answer after that is none.
func TestRefresh_EverythingHangs_EndsWithinTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := renewing(userpool.Tokens{}, context.DeadlineExceeded, nil)
		if _, err := r.Refresh(t.Context(), refreshRequest{RefreshToken: "refresh"}); err == nil || time.Since(began) > cognitoTimeout {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
	const answerMargin, guard = 500 * time.Millisecond, time.Second
	if guard+cognitoTimeout+readTimeout+answerMargin > refreshTimeout || refreshTimeout > 15*time.Second {
		t.Errorf("%s do not fit into %s, or that not into the app's 15 s", guard+cognitoTimeout+readTimeout+answerMargin, refreshTimeout)
	}
}

func TestRefresh_ServedUnchecked_IsCounted(t *testing.T) {
	r := renewing(tokensFor("user-1"), nil, &fakeSessions{err: errors.New("access denied")})
	lines := metricsOf(t, func(ctx context.Context) {
		if _, err := r.Refresh(ctx, refreshRequest{RefreshToken: "refresh"}); err != nil {
			t.Error(err)
		}
	})
	if len(lines) != 1 || lines[0]["failedOpen"] != 1.0 {
		t.Errorf("the metrics are %v", lines)
	}
}

// metricsOf returns the lines of metrics that work leaves behind.
func metricsOf(t *testing.T, work func(context.Context)) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	metrics := telemetry.NewMetrics(&out, "test", "INFO", time.Now)
	work(telemetry.WithMetrics(t.Context(), metrics))
	if err := metrics.Flush(telemetry.Request{}); err != nil {
		t.Fatal(err)
	}
	var lines []map[string]any
	for text := range strings.Lines(out.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return lines
}
