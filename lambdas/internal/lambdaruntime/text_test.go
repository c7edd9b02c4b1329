package lambdaruntime

import (
	"encoding/json"
	"testing"
)

func TestIsJSONText_TextThatChangedOnTheWay_IsFalse(t *testing.T) {
	for body, want := range map[string]bool{
		`{"text":"Zoë 👩‍🚀"}`:                     true,
		`{"text":"\ud83d\ude80 \u00e9 \\ud800"}`: true,
		`{"text":"\\\ud83d\ude80\n\"\u0000"}`:    true,
		`{"text":"\uD83D\uDE80"}`:                true,
		`{"text":"` + "\xff\xfe" + `"}`:          false,
		`{"` + "\xc3" + `":1}`:                   false,
		`{"text":"` + "\ufffd" + `"}`:            false,
		`{"text":"\ufffd"}`:                      false,
		`{"text":"\uFFFD"}`:                      false,
		`{"text":"\ud83d"}`:                      false,
		`{"text":"\ude80"}`:                      false,
		`{"text":"\ude80\ud83d"}`:                false,
		`{"text":"\ud83d\ud83d\ude80"}`:          false,
		`{"text":"\ud83d\\ude80"}`:               false,
		`{"text":"\\\ud83d"}`:                    false,
		`{"\ud83d":"key"}`:                       false,
		`{"text":"\ud83d`:                        false,
	} {
		if got := isJSONText([]byte(body)); got != want {
			t.Errorf("%q: got %v", body, got)
		}
	}
}

// FuzzIsJSONText holds the scan to what encoding/json makes of the body.
func FuzzIsJSONText(f *testing.F) {
	for _, body := range []string{`"\ud83d\ude80"`, `"\ud83d"`, "\"\xff\"", `"\\ud83d"`, `"\u00e9"`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var text string
		if json.Unmarshal([]byte(body), &text) != nil {
			return
		}
		if isJSONText([]byte(body)) != isText(text) {
			t.Errorf("%q decodes to %q", body, text)
		}
	})
}
