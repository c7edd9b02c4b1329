package devices

import (
	"context"
	"errors"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Revoke signs a device out.
var Revoke = function.Define(function.Spec[*revoke]{
	Name:    "devices-revoke",
	Purpose: "Forgets a device of the caller with its PIN, and ends its session, or ends a session of no device.",
	New: func(resources *function.Resources) (*revoke, error) {
		return &revoke{
			registry: openRegistryWithPINs(resources), signIns: signins.Open(resources, nil), sessions: guard.OpenRevocations(resources), events: securityevents.Open(resources),
		}, nil
	},
	Routes: []function.RouteOf[*revoke]{
		function.SignedIn("DELETE /devices/revoke/{deviceId}", (*revoke).Revoke),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Devices.Allow(tables.GetItem, tables.DeleteItem),
			tables.SecuritySettings.Allow(tables.DeleteItem),
			signins.RemoveGrant,
			tables.RateLimits.Allow(tables.GetItem),
			tables.RevokedTokens.Allow(tables.PutItem),
			tables.SecurityEvents.Allow(tables.PutItem),
		},
		Keys: []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
	},
})

type revoke struct {
	registry *registryWithPINs
	signIns  interface {
		Find(ctx context.Context, userID, id string) (tables.SignIn, bool, error)
		Remove(ctx context.Context, session tables.SignIn) error
	}
	sessions interface {
		RevokeSession(ctx context.Context, userID, session, reason string) error
	}
	events securityevents.EventRecorder
}

// Revoke ends the session of a device of the caller and deletes the device and its PIN.
// The device may be the one that sends the request. If the caller has no such device, it
// ends the session that is listed under the id.
func (r *revoke) Revoke(ctx context.Context, caller function.Caller, in deviceRequest) (deviceResponse, error) {
	err := r.revoke(ctx, caller.UserID, in.DeviceID)
	if errors.Is(err, errNoDevice) {
		err = r.endSession(ctx, caller.UserID, in.DeviceID, err)
	}
	if err != nil {
		return deviceResponse{}, err
	}
	event := securityevents.Event{Kind: securityevents.DeviceRevoked, UserID: caller.UserID, DeviceID: in.DeviceID}
	if err := r.events.Record(ctx, event); err != nil {
		return deviceResponse{}, err
	}
	return newDeviceResponse(in.DeviceID, "The device is signed out."), nil
}

// revoke ends the session first, because a device that stays listed after a failure can
// be revoked again. If the device registers in another session meanwhile, that session
// ends too.
func (r *revoke) revoke(ctx context.Context, userID, deviceID string) error {
	for attempt := range maxTries {
		found, err := r.registry.find(ctx, userID, deviceID)
		if attempt > 0 && errors.Is(err, errNoDevice) {
			return nil // gone since the attempt before
		}
		if err != nil {
			return err
		}
		if err := r.sessions.RevokeSession(ctx, userID, found.SessionID, "the device was revoked"); err != nil {
			return err
		}
		if err := r.registry.remove(ctx, *found); !errors.Is(err, errChanged) {
			return err
		}
	}
	return apierror.Unavailable.Because(errChanged)
}

// endSession ends a session in which no device registered. It returns the given error
// when there is no session of this id.
func (r *revoke) endSession(ctx context.Context, userID, id string, unknown error) error {
	session, found, err := r.signIns.Find(ctx, userID, id)
	if err != nil {
		return err
	}
	if !found {
		return unknown
	}
	if err := r.sessions.RevokeSession(ctx, userID, session.SessionID, "the session was revoked"); err != nil {
		return err
	}
	return r.signIns.Remove(ctx, session)
}
