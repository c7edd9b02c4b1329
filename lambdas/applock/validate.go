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

// offeredPIN is what the lock screen sends.
type offeredPIN struct {
	PIN      string `json:"pin" validate:"required,pin"`
	DeviceID string `json:"deviceId" validate:"required,deviceid"`
}

const wrongPIN = "The PIN is not right."

// Validate tells whether a PIN is right: that of the device, or of any other of
// the caller's. A device that has none has this one from then on.
func (p *pins) Validate(ctx context.Context, caller function.Caller, in offeredPIN) (function.SuccessResponse, error) {
	o, offered, right, err := p.try(ctx, caller, in.DeviceID, in.PIN)
	if err != nil {
		return function.SuccessResponse{}, err
	}
	if !right {
		return function.SuccessResponse{Message: wrongPIN}, nil
	}
	failed(ctx, "keep the one that was right", p.keep(ctx, o, offered))
	return function.SuccessResponse{Success: true}, nil
}

// pinAttempt is a PIN that is offered at a place.
type pinAttempt struct {
	pinCandidates
	pin *pinhash.PIN
}

// try tells whether a PIN is right at a device of the user's, and returns what it
// was compared with.
func (p *pins) try(ctx context.Context, caller function.Caller, deviceID, pin string) (o owner, offered pinAttempt, right bool, err error) {
	if o, err = p.load(ctx, caller); err != nil {
		return o, offered, false, err
	}
	if offered, err = p.offered(o, deviceID, pin); err != nil {
		return o, offered, false, err
	}
	right, err = p.isRight(ctx, offered)
	return o, offered, right, err
}

func (p *pins) offered(o owner, deviceID, pin string) (pinAttempt, error) {
	own, others, err := p.settings.Open(o.settings, o.key, deviceID)
	userID := o.account.UserID
	signedIn := time.UnixMilli(o.account.LastLoginAt)
	return pinAttempt{pinCandidates{userID, deviceID, signedIn, own, others}, pinhash.New(userID, pin)}, err
}

// isRight tells whether a PIN is right, and records it if it is not.
func (p *pins) isRight(ctx context.Context, offered pinAttempt) (bool, error) {
	right, err := p.guesses.isRight(ctx, offered.pinCandidates, offered.pin)
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

// keep stores a PIN that was right, if the device has none, or has this one hashed
// as it was done formerly.
func (p *pins) keep(ctx context.Context, o owner, offered pinAttempt) error {
	if offered.own == "" {
		return p.enrol(ctx, o, offered)
	}
	if right, err := offered.pin.Matches(offered.own); err != nil || !right || !pinhash.NeedsRehash(offered.own) {
		return err
	}
	device, _ := o.settings.device(offered.deviceID)
	device.Hash = offered.pin.Hash()
	unchanged := expression.Name("updatedAt").Equal(expression.Value(device.UpdatedAt))
	return unlessSetMeanwhile(p.settings.Put(ctx, o.key, device, unchanged))
}

// enrol gives the PIN of another device to one that has none.
func (p *pins) enrol(ctx context.Context, o owner, offered pinAttempt) error {
	if err := p.settings.MakeRoom(ctx, o.settings, offered.deviceID); err != nil {
		return err
	}
	device := p.newDevice(o, offered.deviceID)
	device.Hash = offered.pin.Hash()
	if err := p.settings.Add(ctx, o.caller, o.key, device, expression.Name("id").AttributeNotExists()); err != nil {
		return unlessSetMeanwhile(err)
	}
	return p.events.Record(ctx, securityevents.Event{Kind: securityevents.PINSet, UserID: offered.userID, DeviceID: offered.deviceID})
}

// unlessSetMeanwhile is no error where somebody has set the device's PIN since it
// was read: that one stays.
func unlessSetMeanwhile(err error) error {
	if errors.Is(err, store.ErrConditionFailed) {
		return nil
	}
	return err
}
