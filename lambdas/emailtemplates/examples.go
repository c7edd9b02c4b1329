package emailtemplates

import "time"

// Examples are one of each message, with the same content every time: what the
// previews and the tests show.
func Examples() []Message {
	at := time.Date(2026, time.July, 14, 17, 32, 0, 0, time.UTC)
	return []Message{
		Code{Code: "482915"},
		Username{Username: "ada.lovelace"},
		PasswordChanged{At: at, Ended: Ended{PINs: 1, Devices: 2, Providers: []Provider{Google}}},
		DevicePIN{Change: PINChanged, At: at},
		NewDevice{Device: "iPhone or iPad", At: at},
		SignInLinked{Provider: Apple, At: at},
		AccountRecovered{Provider: Google, At: at, Ended: Ended{Devices: 1}},
		SignInRemoved{Provider: Apple, At: at},
		AccountDeleted{At: at},
	}
}
