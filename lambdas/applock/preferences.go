package applock

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Preferences shows and changes the settings beside the PINs. It has no right to
// decrypt a PIN.
var Preferences = function.Define(function.Spec[*preferences]{
	Name:    "applock-preferences",
	Purpose: "Tells which of the caller's devices have a PIN, and keeps the preferences of the app lock.",
	New:     newPreferences,
	Routes: []function.RouteOf[*preferences]{
		function.SignedIn("GET /security/status/{deviceId}", (*preferences).Status),
		function.SignedIn("GET /security/preferences", (*preferences).Get),
		function.SignedIn("PUT /security/preferences", (*preferences).Update),
		function.SignedIn("GET /security/user-pins", (*preferences).PINs),
		function.SignedIn("GET /security/settings/{deviceId}", (*preferences).Device),
		function.SignedIn("PATCH /security/biometric", (*preferences).SetBiometric),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.SecuritySettings.Allow(tables.Query, tables.UpdateItem),
			tables.SecurityEvents.Allow(tables.PutItem),
		},
		Keys: []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
	},
})

type preferences struct {
	settings *settings
	events   securityevents.EventRecorder
	now      func() time.Time
}

func newPreferences(resources *function.Resources) (*preferences, error) {
	return &preferences{settings: openSettings(resources), events: securityevents.Open(resources), now: time.Now}, nil
}

// preferencesView are the preferences as the app reads them.
type preferencesView struct {
	AppLockEnabled   bool `json:"appLockEnabled"`
	BiometricEnabled bool `json:"biometricEnabled"`
	// SessionTimeout is in milliseconds.
	SessionTimeout int `json:"sessionTimeout"`
	MaxAttempts    int `json:"maxAttempts"`
	// LastUpdated is in epoch milliseconds: when a preference changed last, zero
	// for never. The app locks itself when it is later than its last unlock.
	LastUpdated int64 `json:"lastUpdated"`
}

func viewOf(p tables.SecurityPreferences) preferencesView {
	return preferencesView{p.AppLockEnabled, p.BiometricEnabled, p.SessionTimeout, p.MaxAttempts, p.UpdatedAt}
}

// deviceStatus is the state of the app lock on one device.
type deviceStatus struct {
	UserID      string          `json:"userId"`
	DeviceID    string          `json:"deviceId"`
	Preferences preferencesView `json:"preferences"`
	// HasDevicePIN is about this device alone.
	HasDevicePIN  bool `json:"hasDevicePIN"`
	NeedsPINSetup bool `json:"needsPinSetup"`
}

type statusResponse struct {
	Success bool         `json:"success"`
	Status  deviceStatus `json:"status"`
}

// Status returns the state of the app lock on a device.
func (p *preferences) Status(ctx context.Context, caller function.Caller, in deviceRequest) (statusResponse, error) {
	found, err := p.settings.Of(ctx, caller.UserID)
	if err != nil {
		return statusResponse{}, err
	}
	_, enrolled := found.device(in.DeviceID)
	return statusResponse{Success: true, Status: deviceStatus{
		UserID: caller.UserID, DeviceID: in.DeviceID, Preferences: viewOf(found.preferences),
		HasDevicePIN: enrolled, NeedsPINSetup: found.preferences.AppLockEnabled && !enrolled,
	}}, nil
}

type preferencesResponse struct {
	Success     bool            `json:"success"`
	Preferences preferencesView `json:"preferences"`
	Message     string          `json:"message,omitempty"`
}

// Get returns the preferences.
func (p *preferences) Get(ctx context.Context, caller function.Caller, _ function.NoInput) (preferencesResponse, error) {
	found, err := p.settings.Of(ctx, caller.UserID)
	if err != nil {
		return preferencesResponse{}, err
	}
	return preferencesResponse{Success: true, Preferences: viewOf(found.preferences)}, nil
}

// updatePreferencesRequest holds the preferences to change. An absent one stays.
type updatePreferencesRequest struct {
	AppLockEnabled   *bool `json:"appLockEnabled"`
	BiometricEnabled *bool `json:"biometricEnabled"`
	SessionTimeout   *int  `json:"sessionTimeout" validate:"omitempty,min=1000,max=86400000"`
	MaxAttempts      *int  `json:"maxAttempts" validate:"omitempty,min=1,max=10"`
}

// change returns the update that the request asks for, and whether it changes anything.
func (u updatePreferencesRequest) change(from tables.SecurityPreferences) (change expression.UpdateBuilder, differs bool) {
	set := func(name string, value any) {
		change, differs = change.Set(expression.Name(name), expression.Value(value)), true
	}
	if u.AppLockEnabled != nil && *u.AppLockEnabled != from.AppLockEnabled {
		set("appLockEnabled", *u.AppLockEnabled)
	}
	if u.BiometricEnabled != nil && *u.BiometricEnabled != from.BiometricEnabled {
		set("biometricEnabled", *u.BiometricEnabled)
	}
	if u.SessionTimeout != nil && *u.SessionTimeout != from.SessionTimeout {
		set("sessionTimeout", *u.SessionTimeout)
	}
	if u.MaxAttempts != nil && *u.MaxAttempts != from.MaxAttempts {
		set("maxAttempts", *u.MaxAttempts)
	}
	return change, differs
}

// Update changes preferences. A request for the present values writes nothing. PINs stay
// in every case.
func (p *preferences) Update(ctx context.Context, caller function.Caller, in updatePreferencesRequest) (preferencesResponse, error) {
	found, err := p.settings.Of(ctx, caller.UserID)
	if err != nil {
		return preferencesResponse{}, err
	}
	answer := preferencesResponse{Success: true, Message: "Your preferences are saved."}
	before := found.preferences
	change, differs := in.change(before)
	if !differs {
		answer.Preferences = viewOf(before)
		return answer, nil
	}
	after, err := p.settings.ChangePreferences(ctx, caller.UserID, change.Set(expression.Name("updatedAt"), expression.Value(p.now().UnixMilli())))
	if err != nil {
		return preferencesResponse{}, err
	}
	answer.Preferences = viewOf(after)
	return answer, p.recordLock(ctx, caller.UserID, before, after)
}

func (p *preferences) recordLock(ctx context.Context, userID string, before, after tables.SecurityPreferences) error {
	kind := securityevents.AppLockOff
	switch {
	case before.AppLockEnabled == after.AppLockEnabled:
		return nil
	case after.AppLockEnabled:
		kind = securityevents.AppLockOn
	}
	return p.events.Record(ctx, securityevents.Event{Kind: kind, UserID: userID})
}
