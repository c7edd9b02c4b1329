package fieldcrypt

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

// vector is an entry of testdata/vectors.json, which an implementation in
// another language wrote (testdata/vectors.py). Refused is a part of the error,
// or empty for a field that opens.
type vector struct {
	Name               string
	Key, Nonce, Sealed hexBytes
	Place              []string
	Text, Refused      string
}

type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

func vectors(t testing.TB) []vector {
	t.Helper()
	file, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (v vector) place() []byte { return appendParts([]byte{version}, v.Place...) }

func (v vector) cipher(t testing.TB) fieldCipher {
	t.Helper()
	key, commitment, _, err := derive(v.Key)
	if err != nil {
		t.Fatal(err)
	}
	cipher, err := newFieldCipher(key, commitment)
	if err != nil {
		t.Fatal(err)
	}
	return cipher
}

func TestFormat_MatchesTestVectors(t *testing.T) {
	opened := 0
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			cipher := v.cipher(t)
			text, err := cipher.open(v.place(), v.Sealed)
			if v.Refused != "" {
				if !errors.Is(err, ErrCannotOpen) || !strings.Contains(err.Error(), v.Refused) || text != "" {
					t.Errorf("opened %q with error %v, want one about %q", text, err, v.Refused)
				}
				return
			}
			opened++
			if err != nil || text != v.Text {
				t.Errorf("opened %q, %v; want %q", text, err, v.Text)
			}
			if sealed := cipher.seal([nonceSize]byte(v.Nonce), v.place(), v.Text); !bytes.Equal(sealed, v.Sealed) {
				t.Errorf("sealed %x, want %x", sealed, v.Sealed)
			}
		})
	}
	if opened == 0 {
		t.Error("no vector opens")
	}
}

// FuzzOpen holds the parser to two promises for any bytes: it returns an error
// or a text, and a text only for the one sequence of bytes that seal makes.
func FuzzOpen(f *testing.F) {
	all := vectors(f)
	for _, v := range all {
		f.Add([]byte(v.Sealed))
	}
	cipher, place := all[0].cipher(f), all[0].place()
	f.Fuzz(func(t *testing.T, sealed []byte) {
		text, err := cipher.open(place, sealed)
		if err != nil {
			if text != "" || !errors.Is(err, ErrCannotOpen) {
				t.Errorf("opened %q with error %v", text, err)
			}
			return
		}
		nonce := [nonceSize]byte(sealed[1+commitmentSize : headerSize])
		if again := cipher.seal(nonce, place, text); !bytes.Equal(again, sealed) {
			t.Errorf("%x and %x open to the same text", sealed, again)
		}
	})
}
