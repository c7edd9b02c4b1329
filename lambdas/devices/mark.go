package devices

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Mark changes what is stored of a registered device.
var Mark = function.Define(function.Spec[*mark]{
	Name:    "devices-mark",
	Purpose: "Marks a device of the caller as trusted, or as used just now.",
	New: func(resources *function.Resources) (*mark, error) {
		return &mark{registry: openRegistry(resources), events: securityevents.Open(resources), now: time.Now}, nil
	},
	Routes: []function.RouteOf[*mark]{
		function.SignedIn("PUT /devices/{deviceId}/trust", (*mark).Trust),
		function.SignedIn("PUT /devices/update-last-used", (*mark).Used),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Devices.Allow(tables.UpdateItem),
			tables.SecurityEvents.Allow(tables.PutItem),
		},
		Keys: []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
	},
})

type mark struct {
	registry *registry
	events   securityevents.EventRecorder
	now      func() time.Time
}

// Trust marks a device of the caller as trusted. The only effect is that no new device
// replaces it.
func (m *mark) Trust(ctx context.Context, caller function.Caller, in deviceRequest) (deviceResponse, error) {
	change := expression.Set(expression.Name("trusted"), expression.Value(true))
	if err := m.registry.mark(ctx, caller.UserID, in.DeviceID, change); err != nil {
		return deviceResponse{}, err
	}
	event := securityevents.Event{Kind: securityevents.DeviceTrusted, UserID: caller.UserID, DeviceID: in.DeviceID}
	if err := m.events.Record(ctx, event); err != nil {
		return deviceResponse{}, err
	}
	return newDeviceResponse(in.DeviceID, "The device is trusted."), nil
}

type usageRequest struct {
	DeviceID string `json:"deviceId" validate:"required,deviceid"`
}

// usageResponse is the response to Used. LastUsed is in epoch milliseconds.
type usageResponse struct {
	Success  bool   `json:"success"`
	Message  string `json:"message"`
	LastUsed int64  `json:"lastUsed"`
}

// Used stores that a device of the caller is in use.
func (m *mark) Used(ctx context.Context, caller function.Caller, in usageRequest) (usageResponse, error) {
	now := m.now().UnixMilli()
	change := expression.Set(expression.Name("lastSeen"), expression.Value(now))
	if err := m.registry.mark(ctx, caller.UserID, in.DeviceID, change); err != nil {
		return usageResponse{}, err
	}
	return usageResponse{Success: true, Message: "The time is noted.", LastUsed: now}, nil
}
