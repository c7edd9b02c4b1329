package local

import (
	"slices"
	"testing"
)

func TestCheckServices_OtherMachine_IsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		service, url string
		says         string // empty for accepted
	}{
		"with a path":           {"apple", "http://127.0.0.1:8091/apple", ""},
		"IPv6":                  {"apple", "http://[::1]:8091", ""},
		"another machine":       {"apple", "http://203.0.113.1:8091/apple", "loopback"},
		"the service itself":    {"apple", "https://appleid.apple.com", "loopback"},
		"TLS":                   {"apple", "https://127.0.0.1:8091", "http://"},
		"a name for loopback":   {"apple", "http://localhost:8091", "loopback"}, // external calls accept addresses only
		"a user":                {"apple", "http://ada:secret@127.0.0.1:8091", "loopback"},
		"a query":               {"apple", "http://127.0.0.1:8091?a=b", "loopback"},
		"no URL":                {"apple", "", "loopback"},
		"what is none":          {"apple", "http://127.0.0.1:port", "apple"},
		"a name with a dash":    {"open-ai", "http://127.0.0.1:8091", "lower-case letters"},
		"a name in upper case":  {"Apple", "http://127.0.0.1:8091", "lower-case letters"},
		"no name":               {"", "http://127.0.0.1:8091", "lower-case letters"},
		"a name with a newline": {"apple\nPATH=", "http://127.0.0.1:8091", "lower-case letters"},
	} {
		err := checkServices(map[string]string{c.service: c.url})
		if (err == nil) != (c.says == "") || (err != nil && !containsAll(err.Error(), c.says)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Start(t.Context(), Options{StateDir: t.TempDir(), Services: map[string]string{"apple": "https://appleid.apple.com"}}); err == nil {
		t.Error("a stage calls Apple")
	}
}

func TestServicesEnv_NamesVariables(t *testing.T) {
	got := servicesEnv(map[string]string{"openai": "http://127.0.0.1:1/openai/v1", "apple": "http://127.0.0.1:1/apple"})
	if want := []string{"EXTERNAL_APPLE_URL=http://127.0.0.1:1/apple", "EXTERNAL_OPENAI_URL=http://127.0.0.1:1/openai/v1"}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
