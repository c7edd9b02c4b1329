package devices

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Register enters the device that a user has just signed in on.
var Register = function.Define(function.Spec[*register]{
	Name:    "devices-register",
	Purpose: "Enters the device that the caller signed in on.",
	New:     newRegister,
	Routes: []function.RouteOf[*register]{
		// The app registers at each sign-in.
		function.SignedIn("POST /devices/register", (*register).Register, function.Limits(function.Limit{Requests: 30, Per: time.Hour})),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.GetItem, tables.ConditionCheckItem),
			tables.Devices.Allow(tables.Query, tables.PutItem, tables.UpdateItem, tables.DeleteItem),
			tables.SecuritySettings.Allow(tables.DeleteItem),
			tables.RevokedTokens.Allow(tables.PutItem),
			tables.SecurityEvents.Allow(tables.PutItem),
		},
		Keys: []function.KeyGrant{
			function.FieldKey.AllowFor(tables.Users, function.Decrypt),
			function.LookupKey.Allow(function.GenerateMac),
		},
	},
})

// maxDevices is how many devices a user can have.
const maxDevices = 20

// How long the app keeps a user signed in on a device that is not used, with and without
// "remember me".
const (
	rememberedPeriod = 30 * 24 * time.Hour
	defaultPeriod    = 7 * 24 * time.Hour
)

type register struct {
	accounts interface {
		// DataKey returns accounts.ErrNotFound when the user has no account.
		DataKey(ctx context.Context, userID string) (*fieldcrypt.DataKey, error)
	}
	registry *registryWithPINs
	gate     *recovery.Gate
	sessions interface {
		RevokeRefreshToken(ctx context.Context, userID, session, reason string) error
	}
	events securityevents.EventRecorder
	now    func() time.Time
}

func newRegister(resources *function.Resources) (*register, error) {
	return &register{
		accounts: accounts.Open(resources),
		registry: openRegistryWithPINs(resources),
		gate:     recovery.OpenGate(resources),
		sessions: guard.OpenRevocations(resources),
		events:   securityevents.Open(resources),
		now:      time.Now,
	}, nil
}

// registerRequest describes the device that the app runs on.
type registerRequest struct {
	DeviceID   string `json:"deviceId" validate:"required,deviceid"`
	DeviceName string `json:"deviceName" validate:"required,max=200,plaintext"`
	Platform   string `json:"platform" validate:"required,oneof=ios android web"`
	AppVersion string `json:"appVersion" validate:"required,max=32,plaintext"`
	RememberMe *bool  `json:"rememberMe" validate:"required"`
}

// registerResponse is the response to a registration. Times are in epoch milliseconds.
type registerResponse struct {
	Success bool             `json:"success"`
	Message string           `json:"message"`
	Device  registeredDevice `json:"device"`
}

type registeredDevice struct {
	DeviceID     string `json:"deviceId"`
	DeviceName   string `json:"deviceName"`
	Platform     string `json:"platform"`
	RegisteredAt int64  `json:"registeredAt"`
	ExpiresAt    int64  `json:"expiresAt"`
	RememberMe   bool   `json:"rememberMe"`
}

// Register enters the caller's device, or renews its entry.
func (r *register) Register(ctx context.Context, caller function.Caller, in registerRequest) (registerResponse, error) {
	now := r.now()
	device := tables.Device{
		UserID: caller.UserID, DeviceID: in.DeviceID, SessionID: caller.SessionID,
		Name: tables.EncryptedString(in.DeviceName), Platform: in.Platform, AppVersion: in.AppVersion,
		DeviceType: typeOf(in.Platform, in.DeviceName), FirstSeen: now.UnixMilli(), LastSeen: now.UnixMilli(),
	}
	before, err := r.enter(ctx, caller, device)
	if err != nil {
		return registerResponse{}, err
	}
	if err := r.recordRegistration(ctx, before, device); err != nil {
		return registerResponse{}, err
	}
	life := defaultPeriod
	if *in.RememberMe {
		life = rememberedPeriod
	}
	return registerResponse{Success: true, Message: "The device is registered.", Device: registeredDevice{
		DeviceID: in.DeviceID, DeviceName: in.DeviceName, Platform: in.Platform,
		RegisteredAt: now.UnixMilli(), ExpiresAt: now.Add(life).UnixMilli(), RememberMe: *in.RememberMe,
	}}, nil
}

// enter stores the device and returns the state of the user's devices before.
func (r *register) enter(ctx context.Context, caller function.Caller, device tables.Device) ([]deviceState, error) {
	key, err := r.accounts.DataKey(ctx, device.UserID)
	if err != nil {
		return nil, err
	}
	for range maxTries {
		before, err := r.registry.of(ctx, device.UserID)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(before, func(s deviceState) bool { return s.DeviceID == device.DeviceID }); i >= 0 {
			err = r.renew(ctx, key, before[i], device)
		} else if err = r.makeRoom(ctx, before, device); err == nil {
			err = r.registry.add(ctx, r.gate, caller, key, device)
		}
		if !errors.Is(err, errChanged) {
			return before, err
		}
	}
	return nil, apierror.Unavailable.Because(errChanged)
}

// renew ends the session that the device was in, and then stores the new one. If storing
// fails, the client still has its new session.
func (r *register) renew(ctx context.Context, key *fieldcrypt.DataKey, found deviceState, device tables.Device) error {
	if err := r.revokeOldSession(ctx, found, device, "the device signed in again"); err != nil {
		return err
	}
	return r.registry.renew(ctx, key, found, device)
}

func (r *register) revokeOldSession(ctx context.Context, found deviceState, device tables.Device, reason string) error {
	if found.SessionID == device.SessionID {
		return nil
	}
	return r.sessions.RevokeRefreshToken(ctx, found.UserID, found.SessionID, reason)
}

// makeRoom removes untrusted devices until there is room for one more.
func (r *register) makeRoom(ctx context.Context, before []deviceState, device tables.Device) error {
	over := len(before) - maxDevices + 1
	if over <= 0 {
		return nil
	}
	removable := slices.DeleteFunc(slices.Clone(before), func(s deviceState) bool { return s.Trusted })
	if len(removable) < over {
		return errTooMany
	}
	slices.SortFunc(removable, func(a, b deviceState) int { return cmp.Compare(a.LastSeen, b.LastSeen) })
	for _, oldest := range removable[:over] {
		if err := r.revokeOldSession(ctx, oldest, device, "the device gave way to another"); err != nil {
			return err
		}
		if err := r.registry.remove(ctx, oldest); err != nil {
			return err
		}
	}
	return nil
}

// recordRegistration records that a device registered in a new session. The owner got an
// e-mail about the sign-in itself (package signins).
func (r *register) recordRegistration(ctx context.Context, before []deviceState, device tables.Device) error {
	i := slices.IndexFunc(before, func(s deviceState) bool { return s.DeviceID == device.DeviceID })
	if i >= 0 && before[i].SessionID == device.SessionID {
		return nil
	}
	return r.events.Record(ctx, securityevents.Event{Kind: securityevents.DeviceRegistered, UserID: device.UserID, DeviceID: device.DeviceID})
}

// typeOf returns the kind of a device, judged by its name.
func typeOf(platform, name string) string {
	if platform == "web" {
		return "desktop"
	}
	for _, word := range strings.Fields(strings.ToLower(name)) {
		if word == "ipad" || word == "tab" || word == "tablet" {
			return "tablet"
		}
	}
	return "phone"
}
