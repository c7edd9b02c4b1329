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
		Digest{
			At: time.Date(2026, time.July, 14, 7, 0, 0, 0, time.UTC), More: 2,
			Noticed: []Noticed{
				{"Budget nearly spent", "You have spent £412.50, 82 % of your budget of £500.00."},
				{"Large payment", "A payment of £1,250.00 on Bills & Utilities was made on 13 July."},
				{"Goal reached", "You have reached a goal of £300.00."},
			},
		},
	}
}
