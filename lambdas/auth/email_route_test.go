package auth

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
)

// request sends a request to a use case as its emailRoute does.
func request[S requestCounter, In any](ctx context.Context, service S, useCase func(S, In) emailRequest, in In) (function.SuccessResponse, error) {
	return emailUseCase(useCase)(service, ctx, in)
}

// mailWorld is a pool with one user, ada, and a sender. Everything that sends an e-mail
// returns the fault, and every look-up of an account runs lookups if it is set.
type mailWorld struct {
	resetPool
	fault   func(context.Context) error
	lookups func(context.Context) error
}

func (w *mailWorld) ForgotPassword(ctx context.Context, _ string) error { return w.fault(ctx) }

func (w *mailWorld) Send(ctx context.Context, _ string, _ emailtemplates.Message) error {
	return w.fault(ctx)
}

func (w *mailWorld) ConfirmSignUp(context.Context, string, string) error { return nil }

func (w *mailWorld) ResendSignUpCode(ctx context.Context, username string) error {
	if username != "ada" {
		return nil // Cognito's UserNotFoundException
	}
	return w.fault(ctx)
}

// slowEmails are fakeEmails that do what lookups says first.
type slowEmails struct {
	fakeEmails
	lookups func(context.Context) error
}

func (e slowEmails) Username(ctx context.Context, address string) (string, bool, error) {
	if err := e.lookups(ctx); err != nil {
		return "", false, err
	}
	return e.fakeEmails.Username(ctx, address)
}

func nothing(context.Context) error { return nil }

// taking returns a dependency that takes so long, or until its context ends.
func taking(d time.Duration, err error) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(d):
			return err
		}
	}
}

// emailRoutes are the routes that send an e-mail to an account, by key.
var emailRoutes = map[string]func(ctx context.Context, w *mailWorld, address string) (function.SuccessResponse, error){
	"POST /auth/forgot-password": func(ctx context.Context, w *mailWorld, address string) (function.SuccessResponse, error) {
		return request(ctx, &password{pool: w, emails: w.emails(), guesses: w.guesses()}, (*password).Forgot, codeRequest{address})
	},
	"POST /auth/forgot-username": func(ctx context.Context, w *mailWorld, address string) (function.SuccessResponse, error) {
		return request(ctx, &forgotUsername{pool: w, emails: w.emails(), guesses: w.guesses(), sender: w}, (*forgotUsername).Send, usernameRequest{address})
	},
	"POST /auth/resend-verification": func(ctx context.Context, w *mailWorld, address string) (function.SuccessResponse, error) {
		return request(ctx, &verification{pool: w, guesses: w.guesses()}, (*verification).Resend, resendCodeRequest{Email: address})
	},
	"POST /auth/send-verification-email": func(ctx context.Context, w *mailWorld, address string) (function.SuccessResponse, error) {
		return request(ctx, &verification{pool: w, guesses: w.guesses()}, (*verification).Send, codeRequest{address})
	},
}

func (w *mailWorld) emails() slowEmails {
	return slowEmails{fakeEmails{"ada@example.com": "ada"}, w.lookups}
}

func (w *mailWorld) guesses() *guesses {
	return &guesses{counter: &fakeCounter{}, pseudonyms: fakeNames{}, pool: w, emails: w.emails()}
}

// A registration is the only other route that sends e-mails. Its responses differ by
// contract.
func TestEmailRoutes_AreAllTested(t *testing.T) {
	var declared []string
	for _, f := range Domain.Functions {
		for _, route := range f.Routes {
			if route.Spends(function.Emails) && !route.Spends(function.Registrations) {
				declared = append(declared, route.Key)
			}
		}
	}
	slices.Sort(declared)
	if tested := slices.Sorted(maps.Keys(emailRoutes)); !slices.Equal(declared, tested) {
		t.Errorf("%v send e-mails, %v are tested", declared, tested)
	}
}

func TestEmailRoutes_SlowOrFailingDependency_RespondAlike(t *testing.T) {
	for name, w := range map[string]*mailWorld{
		"well":                    {fault: nothing, lookups: nothing},
		"slow sender":             {fault: taking(minResponseTime/2, nil), lookups: nothing},
		"very slow sender":        {fault: taking(time.Minute, nil), lookups: nothing},
		"slow look-ups":           {fault: nothing, lookups: taking(minResponseTime/2, nil)},
		"all slow":                {fault: taking(minResponseTime/2, nil), lookups: taking(minResponseTime/3, nil)},
		"throttled sender":        {fault: taking(time.Millisecond, &types.TooManyRequestsException{}), lookups: nothing},
		"used up quota":           {fault: taking(time.Millisecond, userpool.ErrTooManyAttempts), lookups: nothing},
		"failing sender":          {fault: taking(time.Millisecond, errBroken), lookups: nothing},
		"slowly failing sender":   {fault: taking(time.Minute, errBroken), lookups: nothing},
		"sender refuses by error": {fault: taking(time.Millisecond, userpool.ErrWrongPassword), lookups: nothing},
	} {
		for key, send := range emailRoutes {
			synctest.Test(t, func(t *testing.T) {
				var responses [2]function.SuccessResponse
				for i, address := range []string{"ada@example.com", "stranger@example.com"} {
					began := time.Now()
					response, err := send(t.Context(), w, address)
					if took := time.Since(began); took != minResponseTime || err != nil {
						t.Errorf("%s, %s, %s: %v after %s", name, key, address, err, took)
					}
					responses[i] = response
				}
				if responses[0] != responses[1] || !responses[0].Success {
					t.Errorf("%s, %s: responses are %+v", name, key, responses)
				}
			})
		}
	}
}

// When the look-up fails, the backend does not know yet whether the account exists.
func TestEmailRoutes_FailingLookup_RespondAlike(t *testing.T) {
	for name, lookups := range map[string]func(context.Context) error{
		"hangs": taking(time.Hour, nil), "fails": taking(time.Millisecond, apierror.Unavailable),
	} {
		for key, send := range emailRoutes {
			synctest.Test(t, func(t *testing.T) {
				var said [2]string
				for i, address := range []string{"ada@example.com", "stranger@example.com"} {
					began := time.Now()
					_, err := send(t.Context(), &mailWorld{fault: nothing, lookups: lookups}, address)
					if took := time.Since(began); took != minResponseTime {
						t.Errorf("%s, %s, %s: after %s", name, key, address, took)
					}
					if err != nil {
						said[i] = err.Error()
					}
				}
				if said[0] != said[1] {
					t.Errorf("%s, %s: said %q", name, key, said)
				}
			})
		}
	}
}

func TestEmailRoutes_LockedAccount_TakeSameTime(t *testing.T) {
	locked := apierror.New(http.StatusTooManyRequests, "LOCKED", "Wait.")
	synctest.Test(t, func(t *testing.T) {
		p := &password{pool: &mailWorld{}, emails: fakeEmails{}, guesses: guessesBy(&fakeCounter{locked: locked}, &fakePool{}, nil)}
		began := time.Now()
		_, err := request(t.Context(), p, (*password).Forgot, codeRequest{"ada"})
		if took := time.Since(began); took != minResponseTime || !errors.Is(err, locked) {
			t.Errorf("%v after %s", err, took)
		}
	})
}

func TestWorkTimeout_EndsBeforeMinResponseTime(t *testing.T) {
	// What a reservation takes to be given back when the time is up (package attempts).
	const settling = 300 * time.Millisecond
	if workTimeout+settling >= minResponseTime {
		t.Errorf("work takes %s, responses %s", workTimeout+settling, minResponseTime)
	}
}
