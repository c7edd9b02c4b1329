package pinhash

import (
	"errors"
	"strings"
	"testing"
)

const good = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$7gyTXex3NGuwBgX2ENaCfR9k64vzpOPU2BCGGKwBpL4"

func TestHash_StringRoundTrip_IsEqual(t *testing.T) {
	read, err := parse(good)
	if err != nil || read.params != current || read.salt[15] != 15 || read.sum[0] != 0xee || read.String() != good {
		t.Errorf("got %+v, %v", read, err)
	}
}

func TestParseHash_OtherSpelling_IsRefused(t *testing.T) {
	for _, other := range [][2]string{
		{"$argon2id", "argon2id"}, {"argon2id", "argon2i"}, {"argon2id", "argon2d"}, {"argon2id", "Argon2id"}, {"v=19", "v=16"}, {"v=19$", ""},
		{"m=19456,t=2,p=1", "t=2,m=19456,p=1"}, {"m=19456,t=2,p=1", "m=19456,t=2"}, {"p=1", "p=1,x=1"}, {"p=1", "p=257"},
		{"m=19456", "m=019456"}, {"m=19456", "m=+19456"}, {"m=19456", "m= 19456"}, {"m=19456", "19456"}, {"m=19456", "m=0x4c00"}, {"m=19456", "m=4294986752"}, {"t=2", "t=-2"},
		{"ODw$", "ODw==$"}, {"ODw$", "ODx$"}, {"ODw$", "OD$"}, {"ODw$", "ODwA$"}, {"ODw$", "OD\nw$"}, {"$AAEC", "$_AEC"}, {"AAECAwQFBgcICQoLDA0ODw", ""},
		{"pL4", "pL5"}, {"pL4", "pL4A"}, {"pL4", "pL4$"}, {"pL4", "pL4\n"}, {"7gyTXex3NGuwBgX2ENaCfR9k64vzpOPU2BCGGKwBpL4", ""},
	} {
		text := strings.Replace(good, other[0], other[1], 1)
		if text == good {
			t.Fatalf("%q changes nothing", other)
		}
		if read, err := parse(text); !errors.Is(err, ErrMalformed) || read != (hash{}) {
			t.Errorf("%q is read as %+v, %v", text, read, err)
		}
	}
}

func FuzzParse_ReadHash_IsWrittenUnchanged(f *testing.F) {
	for _, seed := range []string{
		good, "", "$$$$$", "$argon2id$v=19$m=65536,t=6,p=4$AAECAwQFBgcICQoLDA0ODw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=4294967295,t=4294967295,p=255$AAECAwQFBgcICQoLDA0ODw$", "$argon2id$v=19$m=,t=,p=$$", good + good,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := parse(text)
		if err != nil {
			return
		}
		if read.String() != text {
			t.Errorf("%q is written as %q", text, read)
		}
		if p := read.params; p.memory > 64<<10 || p.passes < 1 || p.passes > 6 || p.lanes < 1 || p.lanes > 4 {
			t.Errorf("%q would cost %+v", text, read.params)
		}
	})
}
