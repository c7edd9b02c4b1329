package devices

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// errChanged is returned for a change of a device that another request has registered
// again or removed since it was read.
var errChanged = errors.New("the device has changed meanwhile")

// maxReadItems is how many devices of a user are read. It leaves room for devices that
// registered for the first time at the same moment, beyond maxDevices.
const maxReadItems = 4 * maxDevices

// registry reads and writes the Devices table. Only registering a device and listing
// devices need the user's data key, because the other attributes are stored in clear.
type registry struct {
	clear  *store.Table[deviceState]
	sealed *store.Table[store.SealedItem]
	schema *fieldcrypt.Schema[tables.Device]
}

// deviceState has the attributes of a device that are stored in clear.
type deviceState struct {
	UserID    string `dynamodbav:"userId"`
	DeviceID  string `dynamodbav:"deviceId"`
	SessionID string `dynamodbav:"sessionId"`
	Trusted   bool   `dynamodbav:"trusted"`
	LastSeen  int64  `dynamodbav:"lastSeen"`
}

func (s deviceState) key() store.Key { return store.Key{s.UserID, s.DeviceID} }

// openRegistry returns the registry for a function that declares, of the Devices
// table, what the methods that it calls name.
func openRegistry(resources *function.Resources) *registry {
	return &registry{
		clear:  store.Open[deviceState](resources, tables.Devices),
		sealed: store.Open[store.SealedItem](resources, tables.Devices),
		schema: fieldcrypt.NewSchema[tables.Device](tables.Devices),
	}
}

// of returns the state of the user's devices (Query).
func (r *registry) of(ctx context.Context, userID string) ([]deviceState, error) {
	page, err := r.clear.Query(ctx, store.Query{Partition: userID, Limit: maxReadItems, Consistency: store.Consistent})
	return page.Items, err
}

// find returns the state of a device, or errNoDevice (GetItem).
func (r *registry) find(ctx context.Context, userID, deviceID string) (*deviceState, error) {
	device, err := r.clear.Get(ctx, store.Key{userID, deviceID}, store.Consistent)
	return device, store.AsNotFound(err, errNoDevice)
}

// all returns the user's devices. It asks for the data key only when there are
// any (Query).
func (r *registry) all(ctx context.Context, userID string, key func() (*fieldcrypt.DataKey, error)) ([]tables.Device, error) {
	page, err := r.sealed.Query(ctx, store.Query{Partition: userID, Limit: maxReadItems, Consistency: store.Consistent})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	dataKey, err := key()
	if err != nil {
		return nil, err
	}
	devices := make([]tables.Device, len(page.Items))
	for i, item := range page.Items {
		if devices[i], err = r.schema.Unmarshal(dataKey, item); err != nil {
			return nil, err
		}
	}
	return devices, nil
}

// add stores a new device, or returns errChanged when there is one, or
// apierror.Unauthorized when the caller's session has ended by a recovery (PutItem, and
// ConditionCheckItem on Users).
func (r *registry) add(ctx context.Context, gate *recovery.Gate, caller function.Caller, key *fieldcrypt.DataKey, device tables.Device) error {
	item, err := r.schema.Marshal(key, device)
	if err != nil {
		return err
	}
	return asChanged(gate.Write(ctx, caller, r.sealed.TxCreate(item)))
}

// renew stores a known device anew, except FirstSeen and Trusted. It returns errChanged
// when the device has changed since it was found (UpdateItem).
func (r *registry) renew(ctx context.Context, key *fieldcrypt.DataKey, found deviceState, device tables.Device) error {
	device.FirstSeen, device.Trusted = 0, false // as in the item that it is compared with
	change, err := r.schema.Update(key, tables.Device{UserID: device.UserID, DeviceID: device.DeviceID}, device)
	if err != nil {
		return err
	}
	_, err = r.sealed.Update(ctx, found.key(), change, found.unchanged())
	return asChanged(err)
}

// mark changes a device, or returns errNoDevice (UpdateItem).
func (r *registry) mark(ctx context.Context, userID, deviceID string, change expression.UpdateBuilder) error {
	_, err := r.clear.Update(ctx, store.Key{userID, deviceID}, change)
	return store.AsNotFound(err, errNoDevice)
}

// registryWithPINs is a registry that can remove devices with their PINs.
type registryWithPINs struct {
	*registry
	// pins is SecuritySettings, in which a device has its PIN.
	pins *store.Table[store.SealedItem]
}

// openRegistryWithPINs returns the registry for a function that declares DeleteItem on
// SecuritySettings as well.
func openRegistryWithPINs(resources *function.Resources) *registryWithPINs {
	return &registryWithPINs{registry: openRegistry(resources), pins: store.Open[store.SealedItem](resources, tables.SecuritySettings)}
}

// remove deletes a device and its PIN in one transaction, or returns errChanged when the
// device has changed since it was found (DeleteItem).
func (r *registryWithPINs) remove(ctx context.Context, found deviceState) error {
	return asChanged(r.clear.Transact(ctx,
		r.clear.TxDelete(found.key(), found.unchanged()),
		r.pins.TxDelete(store.Key{found.UserID, tables.PINID(found.DeviceID)}),
	))
}

// unchanged is the condition that a device is still in the session in which it
// was found.
func (s deviceState) unchanged() expression.ConditionBuilder {
	return expression.Name("sessionId").Equal(expression.Value(s.SessionID))
}

func asChanged(err error) error {
	if errors.Is(err, store.ErrConditionFailed) || errors.Is(err, store.ErrNotFound) {
		return errors.Join(errChanged, err)
	}
	return err
}
