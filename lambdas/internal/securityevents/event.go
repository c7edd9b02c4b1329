package securityevents

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Kind is the kind of an event. It is stored, so kinds can be added and never
// renamed.
type Kind string

// The kinds.
const (
	SignedIn         Kind = "signed-in"
	SignInFailed     Kind = "sign-in-failed"
	SignInLocked     Kind = "sign-in-locked"
	CodeWrong        Kind = "code-wrong"
	CodeLocked       Kind = "code-locked"
	Registered       Kind = "registered"
	PasswordReset    Kind = "password-reset"
	PasswordChanged  Kind = "password-changed"
	PINSet           Kind = "pin-set"
	PINWrong         Kind = "pin-wrong"
	PINLocked        Kind = "pin-locked"
	PINRemoved       Kind = "pin-removed"
	AppLockOn        Kind = "app-lock-on"
	AppLockOff       Kind = "app-lock-off"
	DataErased       Kind = "data-erased"
	DeviceRegistered Kind = "device-registered"
	DeviceRevoked    Kind = "device-revoked"
	DeviceTrusted    Kind = "device-trusted"
	EndedSessionUsed Kind = "ended-session-used"
	// SuspiciousActivity is recorded beside an event of high risk.
	SuspiciousActivity Kind = "suspicious-activity"
	AccountLinked      Kind = "account-linked"
	AccountRecovered   Kind = "account-recovered" // through an identity whose provider is authoritative
	IdentityUnlinked   Kind = "identity-unlinked" // by an operator's command
	AccountDeleted     Kind = "account-deleted"
	AccountExpired     Kind = "account-expired"   // deleted because its address was not confirmed
	AccountDisclosed   Kind = "account-disclosed" // a response revealed to a client that an account exists
)

// mustBeRecorded reports whether the operation may happen only when its event is
// recorded.
func (k Kind) mustBeRecorded() bool { return k == AccountLinked || k == IdentityUnlinked }

// outlivesAccount reports whether the event is kept when the account is deleted.
func (k Kind) outlivesAccount() bool { return k == AccountDeleted || k == AccountExpired }

// Event is one security event. The context has its request.
type Event struct {
	Kind Kind
	// UserID is the id of the account. Default: the account is unknown.
	UserID string
	// Account is the username or e-mail address that the client sent. It is required
	// when UserID is empty, and for the kinds that outlive an account.
	Account string
	// DeviceID is the app's id of the device. Default: unknown.
	DeviceID string
	// Signals are what is known of a sign-in. Default: nothing.
	Signals Signals
	// Action is what the backend does about the event. Default: the kind's.
	Action Action

	// score is the risk of the event that is suspicious. Zero means that the event's own
	// rules give it.
	score int
}

// Retention is how long an event is kept: the year that PCI DSS 10.5.1 requires of
// those who process card data, and a month to begin an inquiry in
// (https://www.pcisecuritystandards.org/document_library/).
const Retention = 400 * 24 * time.Hour

// errNoSubject is returned for a mistake of the caller.
var errNoSubject = errors.New("the event has neither UserID nor Account")

// item returns the event in its stored form.
func (r *Recorder) item(ctx context.Context, event Event) (tables.SecurityEvent, error) {
	request, now := function.RequestOf(ctx), r.now()
	subject, err := r.subject(ctx, event)
	if err != nil {
		return tables.SecurityEvent{}, err
	}
	// An event without a source IP is recorded too.
	address, err := r.names.SourceIP(ctx, request.SourceIP)
	if err != nil && !errors.Is(err, pseudonym.ErrNotIP) {
		return tables.SecurityEvent{}, err
	}
	var device pseudonym.Pseudonym
	if event.DeviceID != "" {
		if device, err = r.names.Device(ctx, event.UserID, event.DeviceID); err != nil {
			return tables.SecurityEvent{}, err
		}
	}
	return tables.SecurityEvent{
		RiskScore: event.risk(),
		Action:    string(event.action()),
		Country:   request.Country,
		Subject:   subject,
		ID:        store.TimeOrderedID(now, rand.Text()),
		Type:      string(event.Kind),
		At:        now.UnixMilli(),
		RequestID: request.ID,
		Address:   string(address),
		Platform:  PlatformOf(request.UserAgent),
		Device:    string(device),
		ExpiresAt: now.Add(Retention).Unix(),
	}, nil
}

func (r *Recorder) subject(ctx context.Context, event Event) (string, error) {
	if event.UserID != "" && !event.Kind.outlivesAccount() {
		return event.UserID, nil
	}
	if event.Account == "" {
		return "", errNoSubject
	}
	name, err := r.names.Username(ctx, event.Account)
	return "account#" + string(name), err
}
