package auth

import (
	"context"
	"sync"
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
		// Record reports whether the owner should be sent an e-mail about the sign-in.
		Record(ctx context.Context, session guard.Session) (alert bool, err error)
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
// or platform. It returns the error of the event recorder. Other errors are logged
// only, because the user is signed in.
func (a *signInRecorder) record(ctx context.Context, issued userpool.Tokens, who userResponse) (lost error) {
	var both sync.WaitGroup
	both.Go(func() {
		lost = a.events.Record(ctx, securityevents.Event{Kind: securityevents.SignedIn, UserID: who.ID})
	})
	if err := a.recordSession(ctx, issued, who); err != nil {
		telemetry.FromContext(ctx).ErrorContext(ctx, "record sign-in failed", "error", err.Error())
	}
	both.Wait()
	return lost
}

func (a *signInRecorder) recordSession(ctx context.Context, issued userpool.Tokens, who userResponse) error {
	ctx, cancel := context.WithTimeout(ctx, signInRecordTimeout)
	defer cancel()
	session, err := sessionOf(issued.AccessToken)
	if err != nil {
		return err
	}
	alert, err := a.signIns.Record(ctx, session)
	if err != nil || !alert {
		return err
	}
	platform := securityevents.PlatformOf(function.RequestOf(ctx).UserAgent)
	return a.sender.Send(ctx, who.Email, emailtemplates.NewDevice{Device: signins.DeviceName(platform), At: a.now()})
}
