package devices

import (
	"cmp"
	"context"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// List shows users their devices.
var List = function.Define(function.Spec[*list]{
	Name:    "devices-list",
	Purpose: "Lists the caller's devices.",
	New: func(env *function.Environment) (*list, error) {
		return &list{accounts: accounts.Open(env), registry: openRegistry(env)}, nil
	},
	Routes: []function.RouteOf[*list]{
		function.SignedIn("GET /devices/list", (*list).List),
	},
	Rights: function.Rights{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.GetItem),
			tables.Devices.Allow(tables.Query),
		},
		Keys: []function.KeyGrant{function.FieldKey.AllowFor(tables.Users, function.Decrypt)},
	},
})

type list struct {
	accounts interface {
		DataKey(ctx context.Context, userID string) (*fieldcrypt.DataKey, error)
	}
	registry *registry
}

// listed is a device as the security screen reads it. Times are in ISO 8601.
type listed struct {
	DeviceID   string `json:"deviceId"`
	DeviceName string `json:"deviceName"`
	Platform   string `json:"platform"`
	DeviceType string `json:"deviceType"`
	IsTrusted  bool   `json:"isTrusted"`
	FirstSeen  string `json:"firstSeen"`
	LastSeen   string `json:"lastSeen"`
}

type listing struct {
	Success      bool     `json:"success"`
	Devices      []listed `json:"devices"`
	TotalDevices int      `json:"totalDevices"`
}

// List returns the caller's devices, the one seen last first. None is an empty
// list: the app takes every failure for one of its own.
func (l *list) List(ctx context.Context, caller function.Caller, _ function.Nothing) (listing, error) {
	devices, err := l.registry.all(ctx, caller.UserID, func() (*fieldcrypt.DataKey, error) {
		return l.accounts.DataKey(ctx, caller.UserID)
	})
	if err != nil {
		return listing{}, err
	}
	slices.SortFunc(devices, func(a, b tables.Device) int { return cmp.Compare(b.LastSeen, a.LastSeen) })
	shown := make([]listed, len(devices))
	for i, device := range devices {
		shown[i] = show(device)
	}
	return listing{Success: true, Devices: shown, TotalDevices: len(shown)}, nil
}

func show(d tables.Device) listed {
	platform := d.Platform
	if platform == "web" { // of which the screen knows only that it is no phone's
		platform = "other"
	}
	return listed{
		DeviceID: d.DeviceID, DeviceName: string(d.Name), Platform: platform, DeviceType: d.DeviceType,
		IsTrusted: d.Trusted, FirstSeen: accounts.Timestamp(d.FirstSeen), LastSeen: accounts.Timestamp(d.LastSeen),
	}
}
