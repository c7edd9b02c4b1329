package tables

// SecuritySettings holds what a user set for the app lock: one item of
// preferences for the account, and one for the PIN of each device.
var SecuritySettings = &Table{
	Name:         "SecuritySettings",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// The ids of the items: that of the preferences, and what those of PINs begin
// with.
const (
	PreferencesID = "preferences"
	pinPrefix     = "pin#"
)

// SecurityPreferences is the item with the id PreferencesID. What is absent in it
// was never set.
type SecurityPreferences struct {
	UserID           string `dynamodbav:"userId"`
	ID               string `dynamodbav:"id"`
	AppLockEnabled   bool   `dynamodbav:"appLockEnabled"`
	BiometricEnabled bool   `dynamodbav:"biometricEnabled"`
	// SessionTimeout is in milliseconds.
	SessionTimeout int `dynamodbav:"sessionTimeout,omitempty"`
	MaxAttempts    int `dynamodbav:"maxAttempts,omitempty"`
	// UpdatedAt is when one of them changed last, in epoch milliseconds.
	UpdatedAt int64 `dynamodbav:"updatedAt,omitempty"`
}

// DevicePIN is the item of a device's PIN. Times are in epoch milliseconds.
type DevicePIN struct {
	UserID string `dynamodbav:"userId"`
	// ID is PINID of the device.
	ID string `dynamodbav:"id"`
	// Hash is what package pinhash made of the PIN.
	Hash             EncryptedString `dynamodbav:"hash"`
	BiometricEnabled bool            `dynamodbav:"biometricEnabled"`
	CreatedAt        int64           `dynamodbav:"createdAt"`
	// UpdatedAt is when the PIN or a setting of the device changed last.
	UpdatedAt int64 `dynamodbav:"updatedAt"`
}

// PINID is the id of the item of this device's PIN.
func PINID(deviceID string) string { return pinPrefix + deviceID }
