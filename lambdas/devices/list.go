package devices

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// List returns users their devices.
var List = function.Define(function.Spec[*list]{
	Name:    "devices-list",
	Purpose: "Lists the caller's devices and sessions.",
	New: func(resources *function.Resources) (*list, error) {
		return &list{
			accounts: accounts.Open(resources), registry: openRegistry(resources), signIns: signins.Open(resources, nil), sessions: guard.OpenSessions(resources),
		}, nil
	},
	Routes: []function.RouteOf[*list]{
		function.SignedIn("GET /devices/list", (*list).List),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.GetItem),
			tables.Devices.Allow(tables.Query),
			tables.RevokedTokens.Allow(tables.BatchGetItem),
			signins.SessionsGrant,
		},
		Keys: []function.KeyGrant{function.FieldKey.AllowFor(tables.Users, function.Decrypt)},
	},
})

type list struct {
	accounts interface {
		DataKey(ctx context.Context, userID string) (*fieldcrypt.DataKey, error)
	}
	registry *registry
	signIns  interface {
		Sessions(ctx context.Context, userID string, limit int) ([]tables.SignIn, error)
	}
	sessions interface {
		// Live returns the sessions that have not ended.
		Live(ctx context.Context, userID string, sessions ...guard.Session) ([]guard.Session, error)
	}
}

// maxSessions is how many sessions without a device are listed, latest first.
const maxSessions = 40

// listedDevice is a device as the security screen reads it. Times are in ISO 8601.
type listedDevice struct {
	DeviceID   string        `json:"deviceId"`
	DeviceName string        `json:"deviceName"`
	Platform   string        `json:"platform"`
	DeviceType string        `json:"deviceType"`
	IsTrusted  bool          `json:"isTrusted"`
	FirstSeen  dates.Instant `json:"firstSeen"`
	LastSeen   dates.Instant `json:"lastSeen"`
}

type listResponse struct {
	Success      bool                        `json:"success"`
	Devices      function.List[listedDevice] `json:"devices"`
	TotalDevices int                         `json:"totalDevices"`
}

// List returns the caller's devices and the sessions in which no device registered,
// sorted by last use. A caller without devices gets an empty list.
func (l *list) List(ctx context.Context, caller function.Caller, _ function.NoInput) (listResponse, error) {
	var (
		devices  []tables.Device
		sessions []tables.SignIn
		failures [2]error
		both     sync.WaitGroup
	)
	both.Go(func() {
		devices, failures[0] = l.registry.all(ctx, caller.UserID, func() (*fieldcrypt.DataKey, error) {
			return l.accounts.DataKey(ctx, caller.UserID)
		})
	})
	both.Go(func() { sessions, failures[1] = l.live(ctx, caller.UserID) })
	both.Wait()
	if err := errors.Join(failures[:]...); err != nil {
		return listResponse{}, err
	}
	entries := []listedDevice{}
	registered := map[string]bool{}
	for _, device := range devices {
		registered[device.SessionID] = true
		entries = append(entries, deviceOf(device))
	}
	for _, session := range sessions {
		if !registered[session.SessionID] {
			entries = append(entries, sessionAsDevice(session))
		}
	}
	slices.SortStableFunc(entries, func(a, b listedDevice) int { return cmp.Compare(b.LastSeen, a.LastSeen) })
	return listResponse{Success: true, Devices: entries, TotalDevices: len(entries)}, nil
}

// live returns the sessions of the user that have not ended.
func (l *list) live(ctx context.Context, userID string) ([]tables.SignIn, error) {
	began, err := l.signIns.Sessions(ctx, userID, maxSessions)
	if err != nil {
		return nil, err
	}
	sessions := make([]guard.Session, len(began))
	for i, signIn := range began {
		sessions[i] = guard.Session{UserID: userID, ID: signIn.SessionID, Began: time.UnixMilli(signIn.At)}
	}
	live, err := l.sessions.Live(ctx, userID, sessions...)
	return slices.DeleteFunc(began, func(signIn tables.SignIn) bool {
		return !slices.ContainsFunc(live, func(session guard.Session) bool { return session.ID == signIn.SessionID })
	}), err
}

// sessionAsDevice returns a session as an entry of the list. Its id revokes the session.
func sessionAsDevice(s tables.SignIn) listedDevice {
	kind := "phone"
	if s.Platform == "other" {
		kind = "desktop"
	}
	at := dates.Seconds(s.At)
	return listedDevice{
		DeviceID: s.ID, DeviceName: signins.DeviceName(s.Platform), Platform: s.Platform, DeviceType: kind, FirstSeen: at, LastSeen: at,
	}
}

func deviceOf(d tables.Device) listedDevice {
	platform := d.Platform
	if platform == "web" { // the security screen has no name for it
		platform = "other"
	}
	return listedDevice{
		DeviceID: d.DeviceID, DeviceName: string(d.Name), Platform: platform, DeviceType: d.DeviceType,
		IsTrusted: d.Trusted, FirstSeen: dates.Seconds(d.FirstSeen), LastSeen: dates.Seconds(d.LastSeen),
	}
}
