package auth

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
)

// signInRecordTimeout is how long a sign-in waits for its record and its e-mail.
const signInRecordTimeout = 3 * time.Second

// signInRecorder records each successful sign-in, by password or by a provider.
type signInRecorder struct {
	signIns interface {
		Record(ctx context.Context, session guard.Session) (signins.Recorded, error)
	}
	events securityevents.EventRecorder
	sender interface {
		Send(ctx context.Context, to string, message emailtemplates.Message) error
	}
	now func() time.Time
}

// openSignInRecorder is for functions that declare signins.RecordGrant, PutItem on
// SecurityEvents, GenerateMac with the lookup key, and SendEmail.
func openSignInRecorder(resources *function.Resources) *signInRecorder {
	return &signInRecorder{
		signIns: signins.Open(resources, pseudonym.Open(resources)), events: securityevents.Open(resources), sender: email.Open(resources), now: time.Now,
	}
}

// record records a sign-in, and sends the user an e-mail about one from a new network
// or platform. guessesFailed says that guesses at the password failed before. record
// returns the error of the event recorder. Other errors are logged only, because the user
// is signed in.
func (a *signInRecorder) record(ctx context.Context, issued userpool.Tokens, who userResponse, guessesFailed bool) error {
	event := securityevents.Event{Kind: securityevents.SignedIn, UserID: who.ID}
	recorded, told, err := a.recordSession(ctx, issued, who)
	if err != nil {
		telemetry.FromContext(ctx).ErrorContext(ctx, "record sign-in failed", "error", err.Error())
	}
	if told {
		event.Action = securityevents.ActionEmailSent
	}
	event.Signals = securityevents.Signals{
		NewNetwork: recorded.NewNetwork, NewCountry: recorded.NewCountry, ElsewhereWithinHour: recorded.ElsewhereWithinHour, GuessesFailed: guessesFailed,
	}
	return a.events.Record(ctx, event)
}

// recordSession reports whether the user was sent an e-mail.
func (a *signInRecorder) recordSession(ctx context.Context, issued userpool.Tokens, who userResponse) (recorded signins.Recorded, told bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, signInRecordTimeout)
	defer cancel()
	session, err := sessionOf(issued.AccessToken)
	if err != nil {
		return signins.Recorded{}, false, err
	}
	recorded, err = a.signIns.Record(ctx, session)
	if err != nil || !recorded.Alert {
		return recorded, false, err
	}
	platform := securityevents.PlatformOf(function.RequestOf(ctx).UserAgent)
	err = a.sender.Send(ctx, who.Email, emailtemplates.NewDevice{Device: signins.DeviceName(platform), At: a.now()})
	return recorded, err == nil, err
}
