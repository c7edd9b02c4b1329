package emailtemplates

import (
	"errors"
	"fmt"
	"time"
)

// Code is the code that confirms an address or lets its owner set a new password.
// Cognito makes and sends it (CognitoCode).
type Code struct{ Code string }

// Username reminds a user of the username.
type Username struct{ Username string }

// PasswordChanged says that the account has another password, and what ended with
// the password before.
type PasswordChanged struct {
	At    time.Time
	Ended Ended
}

// PINChange is what became of the PIN of a device.
type PINChange string

// The changes there are.
const (
	PINSet     PINChange = "set"
	PINChanged PINChange = "changed"
	PINRemoved PINChange = "removed"
)

// DevicePIN says that the PIN of one of the user's devices is another one.
type DevicePIN struct {
	Change PINChange
	At     time.Time
}

// NewDevice says that a client signed in on a device or a network that the account
// had not seen lately.
type NewDevice struct {
	// Device is what the backend calls the device, by its platform. A text of a client
	// would be cut short here: what is not a letter, a digit or ordinary punctuation of
	// a name is left out, and so is what follows the first 40 characters.
	Device string
	At     time.Time
}

// AccountDeleted says that the account is gone.
type AccountDeleted struct{ At time.Time }

// Provider is a service that users sign in with.
type Provider string

// The providers there are.
const (
	Apple  Provider = "Apple"
	Google Provider = "Google"
)

// SignInLinked says that a provider's sign-in opens the account.
type SignInLinked struct {
	Provider Provider
	At       time.Time
}

// AccountRecovered says that a provider's sign-in proved the address, and ended the
// password: the user who chose it need not own the address.
type AccountRecovered struct {
	Provider Provider
	At       time.Time
	Ended    Ended
}

// SignInRemoved says that an operator unlinked a provider's sign-in.
type SignInRemoved struct {
	Provider Provider
	At       time.Time
}

// Name is "code".
func (Code) Name() string { return "code" }

// Name is "username".
func (Username) Name() string { return "username" }

// Name is "password_changed".
func (PasswordChanged) Name() string { return "password_changed" }

// Name is "device_pin".
func (DevicePIN) Name() string { return "device_pin" }

// Name is "new_device".
func (NewDevice) Name() string { return "new_device" }

// Name is "account_deleted".
func (AccountDeleted) Name() string { return "account_deleted" }

// Name is "sign_in_linked".
func (SignInLinked) Name() string { return "sign_in_linked" }

// Name is "account_recovered".
func (AccountRecovered) Name() string { return "account_recovered" }

// Name is "sign_in_removed".
func (SignInRemoved) Name() string { return "sign_in_removed" }

var (
	errNoTime     = errors.New("the field At is missing")
	errNoCode     = errors.New("the field Code is missing")
	errNoUsername = errors.New("the field Username is missing")
)

func (m Code) values() (map[string]string, error) {
	if m.Code == "" {
		return nil, errNoCode
	}
	return map[string]string{"Code": m.Code}, nil
}

func (m Username) values() (map[string]string, error) {
	if m.Username == "" {
		return nil, errNoUsername
	}
	return map[string]string{"Username": m.Username}, nil
}

func (m PasswordChanged) values() (map[string]string, error) {
	values, err := at(m.At)
	if err == nil {
		values["Ended"] = m.Ended.String()
	}
	return values, err
}

func (m DevicePIN) values() (map[string]string, error) {
	switch m.Change {
	case PINSet, PINChanged, PINRemoved:
	default:
		return nil, fmt.Errorf("the change is %q: use emailtemplates.PINSet, PINChanged or PINRemoved", m.Change)
	}
	values, err := at(m.At)
	if err == nil {
		values["Change"] = string(m.Change)
	}
	return values, err
}

func (m NewDevice) values() (map[string]string, error) {
	values, err := at(m.At)
	if err == nil {
		values["Device"] = deviceName(m.Device)
	}
	return values, err
}

func (m AccountDeleted) values() (map[string]string, error) { return at(m.At) }

func (m SignInLinked) values() (map[string]string, error) { return by(m.Provider, m.At) }

func (m SignInRemoved) values() (map[string]string, error) { return by(m.Provider, m.At) }

func (m AccountRecovered) values() (map[string]string, error) {
	values, err := by(m.Provider, m.At)
	if err == nil {
		values["Ended"] = m.Ended.String()
	}
	return values, err
}

// by is the provider and the time of what a message tells.
func by(provider Provider, t time.Time) (map[string]string, error) {
	if provider != Apple && provider != Google {
		return nil, fmt.Errorf("the provider is %q: use emailtemplates.Apple or emailtemplates.Google", provider)
	}
	values, err := at(t)
	if err == nil {
		values["Provider"] = string(provider)
	}
	return values, err
}

// at is the time of what a message tells.
func at(t time.Time) (map[string]string, error) {
	if t.IsZero() {
		return nil, errNoTime
	}
	return map[string]string{"Time": ukTime(t)}, nil
}
