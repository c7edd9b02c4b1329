package emailtemplates

import (
	"fmt"
	"strings"
)

// Ended is what a recovery ended, beside every sign-in.
type Ended struct {
	// PINs and Devices are how many there were.
	PINs, Devices int
	// Providers are those whose linked sign-in ended.
	Providers []Provider
}

// String lists what ended, such as "every sign-in, 1 PIN, 2 devices, sign in with Google".
func (e Ended) String() string {
	list := []string{"every sign-in"}
	for _, counted := range []struct {
		quantity  int
		one, many string
	}{{e.PINs, "PIN", "PINs"}, {e.Devices, "device", "devices"}} {
		switch {
		case counted.quantity == 1:
			list = append(list, "1 "+counted.one)
		case counted.quantity > 1:
			list = append(list, fmt.Sprintf("%d %s", counted.quantity, counted.many))
		}
	}
	for _, provider := range e.Providers {
		list = append(list, "sign in with "+string(provider))
	}
	return strings.Join(list, ", ")
}
