package applock

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/pinhash"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// validatePINRequest is what the lock screen sends.
type validatePINRequest struct {
	PIN      string `json:"pin" validate:"required,pin"`
	DeviceID string `json:"deviceId" validate:"required,deviceid"`
}

const wrongPINMessage = "The PIN is not right."

// Validate reports whether a PIN is right: the PIN of the device, or of any other device
// of the caller. A right PIN becomes the PIN of a device that has none.
func (p *pins) Validate(ctx context.Context, caller function.Caller, in validatePINRequest) (function.SuccessResponse, error) {
	o, offered, right, err := p.try(ctx, caller, in.DeviceID, in.PIN)
	if err != nil {
		return function.SuccessResponse{}, err
	}
	if !right {
		return function.SuccessResponse{Message: wrongPINMessage}, nil
	}
	logFailure(ctx, "store validated PIN", p.storeMatch(ctx, o, offered))
	return function.SuccessResponse{Success: true}, nil
}

// pinAttempt is a PIN from a client, and the PINs that it is compared with.
type pinAttempt struct {
	pinCandidates
	pin *pinhash.PIN
}

// try reports whether a PIN is right on a device of the user, and returns the attempt.
func (p *pins) try(ctx context.Context, caller function.Caller, deviceID, pin string) (o owner, offered pinAttempt, right bool, err error) {
	if o, err = p.load(ctx, caller); err != nil {
		return o, offered, false, err
	}
	if offered, err = p.candidates(o, deviceID, pin); err != nil {
		return o, offered, false, err
	}
	right, err = p.isRight(ctx, offered)
	return o, offered, right, err
}

func (p *pins) candidates(o owner, deviceID, pin string) (pinAttempt, error) {
	own, others, err := p.settings.Open(o.settings, o.key, deviceID)
	userID := o.account.UserID
	signedIn := time.UnixMilli(o.account.LastLoginAt)
	return pinAttempt{pinCandidates{userID, deviceID, signedIn, own, others}, pinhash.New(userID, pin)}, err
}

// isRight reports whether a PIN is right, and records a wrong PIN as an event.
func (p *pins) isRight(ctx context.Context, offered pinAttempt) (bool, error) {
	right, err := p.guesses.matchesAny(ctx, offered.pinCandidates, offered.pin)
	event := securityevents.Event{Kind: securityevents.PINWrong, UserID: offered.userID, DeviceID: offered.deviceID}
	var locked *attempts.LockedError
	switch {
	case errors.As(err, &locked):
		event.Kind = securityevents.PINLocked
	case err != nil || right:
		return right, err
	}
	if lost := p.events.Record(ctx, event); lost != nil {
		return false, lost
	}
	return false, err
}

// storeMatch stores a right PIN if the device has none, or has it under an outdated
// hash.
func (p *pins) storeMatch(ctx context.Context, o owner, offered pinAttempt) error {
	if offered.own == "" {
		return p.addPIN(ctx, o, offered)
	}
	if right, err := offered.pin.Matches(offered.own); err != nil || !right || !pinhash.NeedsRehash(offered.own) {
		return err
	}
	device, _ := o.settings.device(offered.deviceID)
	device.Hash = offered.pin.Hash()
	unchanged := expression.Name("updatedAt").Equal(expression.Value(device.UpdatedAt))
	return ignoreConcurrentChange(p.settings.Put(ctx, o.key, device, unchanged))
}

// addPIN gives a device without a PIN the PIN of another device.
func (p *pins) addPIN(ctx context.Context, o owner, offered pinAttempt) error {
	if err := p.settings.MakeRoom(ctx, o.settings, offered.deviceID); err != nil {
		return err
	}
	device := p.newDevice(o, offered.deviceID)
	device.Hash = offered.pin.Hash()
	if err := p.settings.Add(ctx, o.caller, o.key, device, expression.Name("id").AttributeNotExists()); err != nil {
		return ignoreConcurrentChange(err)
	}
	return p.events.Record(ctx, securityevents.Event{Kind: securityevents.PINSet, UserID: offered.userID, DeviceID: offered.deviceID})
}

// ignoreConcurrentChange returns nil for the error of a write that found the PIN of the
// device set since it was read: the newer PIN stays.
func ignoreConcurrentChange(err error) error {
	if errors.Is(err, store.ErrConditionFailed) {
		return nil
	}
	return err
}
