package applock

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// errNoPIN is the response for a device without a PIN, or of another user.
var errNoPIN = apierror.New(http.StatusNotFound, "PIN_NOT_FOUND", "This device has no PIN.")

const (
	// maxDevices is how many devices may have a PIN. One more replaces the PIN that was
	// changed longest ago: each new installation of the app is a device, and few owners
	// revoke the device of the earlier installation.
	maxDevices = 20
	// maxItems is how many items of a user are read. It leaves room for devices that
	// were added at the same moment, beyond maxDevices.
	maxItems = 100
)

// The app's own defaults.
const (
	defaultSessionTimeout = 300_000
	defaultMaxAttempts    = 5
)

// settings keeps the SecuritySettings table.
type settings struct {
	// gate is nil for functions that set no PIN.
	gate  *recovery.Gate
	items *store.Table[store.SealedItem]
	pins  *fieldcrypt.Schema[tables.DevicePIN]
}

func openSettings(resources *function.Resources) *settings {
	return newSettings(store.Open[store.SealedItem](resources, tables.SecuritySettings))
}

func newSettings(items *store.Table[store.SealedItem]) *settings {
	return &settings{items: items, pins: fieldcrypt.NewSchema[tables.DevicePIN](tables.SecuritySettings)}
}

// userSettings are all settings of one user.
type userSettings struct {
	preferences tables.SecurityPreferences
	// devices are the devices with a PIN, without its hash.
	devices []tables.DevicePIN
	// sealed are the same devices as stored, with the encrypted hash.
	sealed []store.SealedItem
}

// Of returns the settings of a user, in one read that sees every write before it.
func (s *settings) Of(ctx context.Context, userID string) (*userSettings, error) {
	page, err := s.items.Query(ctx, store.Query{Partition: userID, Limit: maxItems, Consistency: store.Consistent})
	if err != nil {
		return nil, err
	}
	found := &userSettings{preferences: withDefaults(tables.SecurityPreferences{})}
	for _, item := range page.Items {
		var device tables.DevicePIN
		if err := attributevalue.UnmarshalMap(withoutHash(item), &device); err != nil {
			return nil, err
		}
		if device.ID != tables.PreferencesID {
			found.devices, found.sealed = append(found.devices, device), append(found.sealed, item)
		} else if found.preferences, err = preferencesOf(item); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func withoutHash(item store.SealedItem) store.SealedItem {
	clear := maps.Clone(item)
	delete(clear, "hash")
	return clear
}

func preferencesOf(item store.SealedItem) (tables.SecurityPreferences, error) {
	var p tables.SecurityPreferences
	err := attributevalue.UnmarshalMap(item, &p)
	return withDefaults(p), err
}

func withDefaults(p tables.SecurityPreferences) tables.SecurityPreferences {
	p.SessionTimeout = cmp.Or(p.SessionTimeout, defaultSessionTimeout)
	p.MaxAttempts = cmp.Or(p.MaxAttempts, defaultMaxAttempts)
	return p
}

// device returns the device, if it has a PIN.
func (u *userSettings) device(deviceID string) (tables.DevicePIN, bool) {
	at := slices.IndexFunc(u.devices, func(d tables.DevicePIN) bool { return d.ID == tables.PINID(deviceID) })
	if at < 0 {
		return tables.DevicePIN{}, false
	}
	return u.devices[at], true
}

// Open returns the hash of the device's PIN, "" when it has none, and the hashes of the
// PINs of the user's other devices.
func (s *settings) Open(u *userSettings, key *fieldcrypt.DataKey, deviceID string) (own tables.EncryptedString, others []tables.EncryptedString, err error) {
	for _, item := range u.sealed {
		pin, err := s.pins.Unmarshal(key, item)
		if err != nil {
			return "", nil, err
		}
		if pin.ID == tables.PINID(deviceID) {
			own = pin.Hash
		} else {
			others = append(others, pin.Hash)
		}
	}
	return own, others, nil
}

// Put stores a PIN that the device has already, if the conditions hold.
func (s *settings) Put(ctx context.Context, key *fieldcrypt.DataKey, pin tables.DevicePIN, conditions ...expression.ConditionBuilder) error {
	item, err := s.pins.Marshal(key, pin)
	if err != nil {
		return err
	}
	return s.items.Put(ctx, item, conditions...)
}

// Add stores the PIN of a device for a caller, if the conditions hold and the caller's
// session has not ended by a recovery: otherwise it returns apierror.Unauthorized.
func (s *settings) Add(ctx context.Context, caller function.Caller, key *fieldcrypt.DataKey, pin tables.DevicePIN, conditions ...expression.ConditionBuilder) error {
	item, err := s.pins.Marshal(key, pin)
	if err != nil {
		return err
	}
	return s.gate.Write(ctx, caller, s.items.TxPut(item, conditions...))
}

// MakeRoom removes the PINs that were changed longest ago, until there is room for the
// PIN of this device.
func (s *settings) MakeRoom(ctx context.Context, u *userSettings, deviceID string) error {
	others := slices.DeleteFunc(slices.Clone(u.devices), func(d tables.DevicePIN) bool { return d.ID == tables.PINID(deviceID) })
	slices.SortFunc(others, func(a, b tables.DevicePIN) int {
		return cmp.Or(cmp.Compare(a.UpdatedAt, b.UpdatedAt), strings.Compare(a.ID, b.ID))
	})
	for _, old := range others[:max(0, len(others)+1-maxDevices)] {
		if err := s.items.Delete(ctx, store.Key{old.UserID, old.ID}); err != nil {
			return err
		}
	}
	return nil
}

// Remove removes the PIN of a device; there being none is no error.
func (s *settings) Remove(ctx context.Context, userID, deviceID string) error {
	return s.items.Delete(ctx, store.Key{userID, tables.PINID(deviceID)})
}

// ChangePreferences changes preferences, of which there need be none yet, and
// returns all of them.
func (s *settings) ChangePreferences(ctx context.Context, userID string, change expression.UpdateBuilder) (tables.SecurityPreferences, error) {
	item, err := s.items.Upsert(ctx, store.Key{userID, tables.PreferencesID}, change)
	if err != nil {
		return tables.SecurityPreferences{}, err
	}
	return preferencesOf(*item)
}
