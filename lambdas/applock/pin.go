package applock

import (
	"context"
	"net/http"
	"time"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/pinhash"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// PIN sets, checks and removes PINs.
var PIN = function.Define(function.Spec[*pins]{
	Name:    "applock-pin",
	Purpose: "Sets, checks and removes the PINs of the caller's devices.",
	New:     newPINs,
	Routes: []function.RouteOf[*pins]{
		function.SignedIn("POST /security/setup-pin", (*pins).Set, changeLimits),
		function.SignedIn("PATCH /security/change-pin", (*pins).Change, changeLimits),
		function.SignedIn("DELETE /security/pin/{deviceId}", (*pins).Remove, changeLimits),
		function.SignedIn("POST /security/validate-pin", (*pins).Validate, function.Limits(function.Limit{Requests: 30, Per: time.Minute})),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.GetItem, tables.ConditionCheckItem),
			tables.SecuritySettings.Allow(tables.Query, tables.PutItem, tables.DeleteItem),
			tables.SecurityEvents.Allow(tables.PutItem),
			attempts.Grant,
		},
		Keys: []function.KeyGrant{
			function.FieldKey.AllowFor(tables.Users, function.Decrypt),
			function.LookupKey.Allow(function.GenerateMac),
		},
		SendEmail: true,
	},
	MemoryMB: hashingMB,
})

// hashingMB is the memory of a function that hashes. A hash costs the same at any size, and
// takes half the time at twice the size (docs/sizes.md).
const hashingMB = 1024

// changeLimits bounds what an attacker with a token can do to the owner's PINs, and how
// many e-mails the owner gets about it. Users change a PIN far less often.
var changeLimits = function.Limits(function.Limit{Requests: 5, Per: 10 * time.Minute}, function.Limit{Requests: 20, Per: 24 * time.Hour})

type pins struct {
	accounts interface {
		// WithKey returns accounts.ErrNotFound when the user has no account.
		WithKey(ctx context.Context, userID string) (*tables.User, *fieldcrypt.DataKey, error)
	}
	settings *settings
	guesses  *pinGuesses
	events   securityevents.EventRecorder
	sender   interface {
		Send(ctx context.Context, to string, message emailtemplates.Message) error
	}
	now func() time.Time
}

func newPINs(resources *function.Resources) (*pins, error) {
	kept := openSettings(resources)
	kept.gate = recovery.OpenGate(resources)
	return &pins{
		accounts: accounts.Open(resources),
		settings: kept,
		guesses:  newPINGuesses(resources),
		events:   securityevents.Open(resources),
		sender:   email.Open(resources),
		now:      time.Now,
	}, nil
}

// owner is the user whose PINs a request is about.
type owner struct {
	caller  function.Caller
	account *tables.User
	// key seals and opens the hashes of the PINs.
	key      *fieldcrypt.DataKey
	settings *userSettings
}

func (p *pins) load(ctx context.Context, caller function.Caller) (owner, error) {
	account, key, err := p.accounts.WithKey(ctx, caller.UserID)
	if err != nil {
		return owner{}, err
	}
	stored, err := p.settings.Of(ctx, caller.UserID)
	return owner{caller, account, key, stored}, err
}

// setPINRequest has the new PIN of a device.
type setPINRequest struct {
	PIN              string `json:"pin" validate:"required,pin"`
	DeviceID         string `json:"deviceId" validate:"required,deviceid"`
	BiometricEnabled *bool  `json:"biometricEnabled" validate:"required"`
}

// Set sets the PIN of a device, in place of an earlier PIN. The app checks the earlier
// PIN on the device alone, so only the token proves that the owner is asking
// (docs/app-lock.md says what bounds that).
func (p *pins) Set(ctx context.Context, caller function.Caller, in setPINRequest) (function.SuccessResponse, error) {
	o, err := p.load(ctx, caller)
	if err != nil {
		return function.SuccessResponse{}, err
	}
	if err := p.set(ctx, o, in.DeviceID, *in.BiometricEnabled, in.PIN); err != nil {
		return function.SuccessResponse{}, err
	}
	return function.SuccessResponse{Success: true, Message: "Your PIN is set."}, nil
}

func (p *pins) set(ctx context.Context, o owner, deviceID string, biometric bool, pin string) error {
	change := emailtemplates.PINChanged
	device, enrolled := o.settings.device(deviceID)
	if !enrolled {
		change = emailtemplates.PINSet
		if err := p.settings.MakeRoom(ctx, o.settings, deviceID); err != nil {
			return err
		}
		device = p.newDevice(o, deviceID)
	}
	device.Hash = pinhash.New(o.account.UserID, pin).Hash()
	device.BiometricEnabled, device.UpdatedAt = biometric, p.now().UnixMilli()
	if err := p.settings.Add(ctx, o.caller, o.key, device); err != nil {
		return err
	}
	return p.afterChange(ctx, o, deviceID, change)
}

func (p *pins) newDevice(o owner, deviceID string) tables.DevicePIN {
	now := p.now().UnixMilli()
	return tables.DevicePIN{UserID: o.account.UserID, ID: tables.PINID(deviceID), CreatedAt: now, UpdatedAt: now}
}

// afterChange forgets wrong PINs, sends the owner an e-mail and records a change of a
// PIN. The PIN is already changed, so the client gets a success and a failure here is
// only logged.
func (p *pins) afterChange(ctx context.Context, o owner, deviceID string, change emailtemplates.PINChange) error {
	kind := securityevents.PINSet
	if change == emailtemplates.PINRemoved {
		kind = securityevents.PINRemoved
	}
	logFailure(ctx, "forget wrong PINs", p.guesses.forget(ctx, o.account.UserID, deviceID))
	logFailure(ctx, "send PIN e-mail", p.sender.Send(ctx, string(o.account.Email), emailtemplates.DevicePIN{Change: change, At: p.now()}))
	return p.events.Record(ctx, securityevents.Event{Kind: kind, UserID: o.account.UserID, DeviceID: deviceID})
}

func logFailure(ctx context.Context, what string, err error) {
	if err != nil {
		telemetry.FromContext(ctx).ErrorContext(ctx, what+" failed", "error", err.Error())
	}
}

// changePINRequest has the new PIN of a device, and a PIN of the user as proof.
type changePINRequest struct {
	DeviceID string `json:"deviceId" validate:"required,deviceid"`
	OldPIN   string `json:"oldPin" validate:"required,pin"`
	NewPIN   string `json:"newPin" validate:"required,pin"`
}

// errWrongPIN is the response to a change with a wrong PIN. For Validate, a wrong PIN is
// a successful response that says so.
var errWrongPIN = apierror.New(http.StatusUnprocessableEntity, "WRONG_PIN", wrongPINMessage)

// Change sets the PIN of a device for a client that knows a PIN which Validate accepts
// on that device.
func (p *pins) Change(ctx context.Context, caller function.Caller, in changePINRequest) (function.SuccessResponse, error) {
	o, _, right, err := p.try(ctx, caller, in.DeviceID, in.OldPIN)
	if err != nil {
		return function.SuccessResponse{}, err
	}
	if !right {
		return function.SuccessResponse{}, errWrongPIN
	}
	device, _ := o.settings.device(in.DeviceID)
	if err := p.set(ctx, o, in.DeviceID, device.BiometricEnabled, in.NewPIN); err != nil {
		return function.SuccessResponse{}, err
	}
	return function.SuccessResponse{Success: true, Message: "Your PIN is changed."}, nil
}

// deviceRequest names the device in the path.
type deviceRequest struct {
	DeviceID string `path:"deviceId" json:"-" validate:"required,deviceid"`
}

// Remove removes the PIN of a device, or returns errNoPIN.
func (p *pins) Remove(ctx context.Context, caller function.Caller, in deviceRequest) (function.SuccessResponse, error) {
	o, err := p.load(ctx, caller)
	if err != nil {
		return function.SuccessResponse{}, err
	}
	if _, enrolled := o.settings.device(in.DeviceID); !enrolled {
		return function.SuccessResponse{}, errNoPIN
	}
	if err := p.settings.Remove(ctx, caller.UserID, in.DeviceID); err != nil {
		return function.SuccessResponse{}, err
	}
	if err := p.afterChange(ctx, o, in.DeviceID, emailtemplates.PINRemoved); err != nil {
		return function.SuccessResponse{}, err
	}
	return function.SuccessResponse{Success: true, Message: "The PIN is removed."}, nil
}
