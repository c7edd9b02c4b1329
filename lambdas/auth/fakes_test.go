package auth

import (
	"context"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/email/emailtest"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// fakePool is a user pool of function fields; a test sets what it expects to be
// called.
type fakePool struct {
	signUp  func(username, password, email string) (string, error)
	confirm func(username, code string) error
	resend  func(username string) error
	signIn  func(username, password string) (userpool.Tokens, error)
	refresh func(refreshToken string) (userpool.Tokens, error)
}

func (p *fakePool) SignUp(_ context.Context, username, password, email string) (string, error) {
	return p.signUp(username, password, email)
}
func (p *fakePool) ConfirmSignUp(_ context.Context, username, code string) error {
	return p.confirm(username, code)
}

// Find is the confirmed user "id of ada" for ada.
func (p *fakePool) Find(_ context.Context, username string) (userpool.User, bool, error) {
	return userpool.User{ID: "id of " + username}, true, nil
}
func (p *fakePool) ResendSignUpCode(_ context.Context, username string) error {
	return p.resend(username)
}
func (p *fakePool) SignIn(_ context.Context, username, password string) (userpool.Tokens, error) {
	return p.signIn(username, password)
}
func (p *fakePool) RefreshTokens(_ context.Context, refreshToken string) (userpool.Tokens, error) {
	return p.refresh(refreshToken)
}

// fakeCounter lets everything through until locked is set, and notes what became
// of each attempt.
type fakeCounter struct {
	earlier                               int // failures
	locked                                error
	reserved, succeeded, refunded, forgot int
	guesses                               []attempts.Guess
	counted                               []attempts.AttemptKey
}

func (c *fakeCounter) Check(_ context.Context, guess attempts.Guess, try func() (attempts.Verdict, error)) error {
	if c.locked != nil {
		return c.locked
	}
	c.reserved++
	*guess.Earlier = c.earlier
	guess.Earlier = nil
	c.guesses = append(c.guesses, guess)
	verdict, err := try()
	switch verdict {
	case attempts.Right:
		c.succeeded++
	case attempts.Unspent:
		c.refunded++
	}
	return err
}

func (c *fakeCounter) Count(_ context.Context, subjects ...attempts.AttemptKey) error {
	if c.locked == nil {
		c.counted = append(c.counted, subjects...)
	}
	return c.locked
}

func (c *fakeCounter) ResetGuesses(context.Context, attempts.Guess) error {
	c.forgot++
	return nil
}

// fakeDeletions are those of the users named.
type fakeDeletions map[string]bool

func (d fakeDeletions) IsPending(_ context.Context, userID string) (bool, error) {
	return d[userID], nil
}

// fakeNames are pseudonyms that hide nothing.
type fakeNames struct{}

func (fakeNames) Username(_ context.Context, name string) (pseudonym.Pseudonym, error) {
	return pseudonym.Pseudonym(name), nil
}
func (fakeNames) User(_ context.Context, userID string) (pseudonym.Pseudonym, error) {
	return pseudonym.Pseudonym("user " + userID), nil
}
func (fakeNames) SourceIP(_ context.Context, ip string) (pseudonym.Pseudonym, error) {
	return pseudonym.Pseudonym(ip), nil
}

// fakeOrigins are those that are known of each user.
type fakeOrigins map[string]pseudonym.Pseudonym

func (o fakeOrigins) IsKnownOrigin(_ context.Context, userID string, origin pseudonym.Pseudonym) (bool, error) {
	return o[userID] != "" && o[userID] == origin, nil
}

// guessesBy returns guesses that this counter counts, at the accounts of these
// addresses and of this pool.
func guessesBy(counter *fakeCounter, pool userFinder, emails fakeEmails) *guesses {
	return &guesses{counter: counter, pseudonyms: fakeNames{}, pool: pool, emails: emails, origins: fakeOrigins{}}
}

// anyGuess returns guesses without limits.
func anyGuess(emails fakeEmails) *guesses { return guessesBy(&fakeCounter{}, &fakePool{}, emails) }

// fakeSignInRecorder returns a signInRecorder that records events and nothing else.
func fakeSignInRecorder(events securityevents.EventRecorder) *signInRecorder {
	return &signInRecorder{signIns: &fakeSignIns{}, events: events, sender: &emailtest.Outbox{}, now: time.Now}
}

// fakeSignIns notes the sessions.
type fakeSignIns struct {
	sessions []guard.Session
	recorded signins.Recorded
	err      error
}

func (s *fakeSignIns) Record(_ context.Context, session guard.Session) (signins.Recorded, error) {
	s.sessions = append(s.sessions, session)
	return s.recorded, s.err
}

// fakeEvents notes what is recorded.
type fakeEvents struct{ recorded []securityevents.Event }

func (e *fakeEvents) Record(_ context.Context, event securityevents.Event) error {
	e.recorded = append(e.recorded, event)
	return nil
}

// fakeEmails knows the usernames by address.
type fakeEmails map[string]string

func (e fakeEmails) Username(_ context.Context, email string) (string, bool, error) {
	username, found := e[email]
	return username, found, nil
}

// Owner is the user "id of ada" for ada.
func (e fakeEmails) Owner(ctx context.Context, email string) (accounts.Owner, bool, error) {
	username, found, err := e.Username(ctx, email)
	return accounts.Owner{UserID: "id of " + username, Username: username}, found, err
}

// fakeAccounts keeps accounts by user id.
type fakeAccounts map[string]*tables.User

func (s fakeAccounts) Get(_ context.Context, userID string) (*tables.User, error) {
	if a, ok := s[userID]; ok {
		return a, nil
	}
	return nil, accounts.ErrNotFound
}

func (s fakeAccounts) SignedIn(ctx context.Context, userID string) (*tables.User, error) {
	return s.Get(ctx, userID)
}

// tokensFor returns tokens whose access token has the subject, and comes from a
// session of its own.
func tokensFor(userID string) userpool.Tokens {
	return tokensWith(jwt.MapClaims{"sub": userID, "origin_jti": "session of " + userID, "auth_time": 1_700_000_000})
}

func tokensWith(claims jwt.MapClaims) userpool.Tokens {
	access, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte("test"))
	if err != nil {
		panic(err)
	}
	return userpool.Tokens{AccessToken: access, IDToken: "id", RefreshToken: "refresh"}
}
