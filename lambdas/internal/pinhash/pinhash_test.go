package pinhash_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/pinhash"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const pin = "12345"

var phone = pinhash.Device{User: "user-1", ID: "ios-1"}

// Made by testdata/vectors.py; the second is as if costs had been others once.
const (
	hashed  tables.Private = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$7gyTXex3NGuwBgX2ENaCfR9k64vzpOPU2BCGGKwBpL4"
	earlier tables.Private = "$argon2id$v=19$m=7168,t=5,p=2$AAECAwQFBgcICQoLDA0ODw$5uMX3JKocIXH2KPW6xBxQIYnBZ6d/GWPv89YYqIZe1A"
)

func verify(t *testing.T, device pinhash.Device, pin string, stored tables.Private) bool {
	t.Helper()
	right, err := pinhash.Verify(device, pin, stored)
	if err != nil {
		t.Fatal(err)
	}
	return right
}

func TestAHashIsWhatAnotherImplementationMakes(t *testing.T) {
	for _, stored := range []tables.Private{hashed, earlier} {
		if !verify(t, phone, pin, stored) {
			t.Errorf("%s is not verified", string(stored))
		}
	}
}

func TestOnlyTheRightPINIsRight(t *testing.T) {
	stored := pinhash.Hash(phone, pin)
	if !verify(t, phone, pin, stored) {
		t.Error("the right PIN is wrong")
	}
	for _, wrong := range []string{"12346", "1234", "123456", "54321", "", " 12345"} {
		if verify(t, phone, wrong, stored) {
			t.Errorf("%q is right", wrong)
		}
	}
}

func TestAHashIsOfNoOtherUsersNorDevicesPIN(t *testing.T) {
	for _, other := range []pinhash.Device{
		{User: "user-2", ID: "ios-1"}, {User: "user-1", ID: "ios-2"}, {User: "ios-1", ID: "user-1"},
		{User: "user-1i", ID: "os-1"}, {User: "user-1ios-1"}, {},
	} {
		if verify(t, other, pin, hashed) {
			t.Errorf("the hash is taken for that of %+v", other)
		}
	}
	// What moves from one part to the next is another PIN.
	if verify(t, pinhash.Device{User: "user-1", ID: "ios-"}, "1"+pin, hashed) {
		t.Error("a part of the device's id passes as a part of the PIN")
	}
}

func TestEqualPINsHaveDifferentHashes(t *testing.T) {
	one, two := pinhash.Hash(phone, pin), pinhash.Hash(phone, pin)
	saltOf := func(p tables.Private) string { return strings.Split(string(p), "$")[4] }
	if one == two || saltOf(one) == saltOf(two) {
		t.Error("two hashes have one salt")
	}
}

func TestAHashIsMadeAtTodaysCostAndOthersAreBehind(t *testing.T) {
	made := pinhash.Hash(phone, pin)
	if !strings.HasPrefix(string(made), "$argon2id$v=19$m=19456,t=2,p=1$") || pinhash.NeedsRehash(made) {
		t.Error("the hash is not made at today's cost")
	}
	if !pinhash.NeedsRehash(earlier) || !pinhash.NeedsRehash("") {
		t.Error("a hash of another cost, or none, would be kept")
	}
}

// allocated returns how many bytes f allocates, which for Argon2 is its work.
func allocated(f func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}

func TestNoPINIsRightWhereNoneIsStoredAndItTakesTheSameWork(t *testing.T) {
	wrong := allocated(func() { verify(t, phone, "54321", hashed) })
	none := allocated(func() {
		if verify(t, phone, pin, "") {
			t.Error("a PIN is right where there is none")
		}
	})
	if wrong < 19<<20 || none < 0.99*wrong || none > 1.01*wrong {
		t.Errorf("a wrong PIN takes %.0f bytes, no PIN %.0f", wrong, none)
	}
}

func TestAForgedHashIsRefusedBeforeItCostsAnything(t *testing.T) {
	end := strings.TrimPrefix(string(hashed), "$argon2id$v=19$m=19456,t=2,p=1")
	for _, costs := range []string{
		"m=4294967295,t=1,p=1", "m=65537,t=1,p=1", "m=19456,t=7,p=1", "m=19456,t=4294967295,p=1", "m=19456,t=2,p=5", "m=19456,t=2,p=255",
		"m=7167,t=2,p=1", "m=0,t=2,p=1", "m=19456,t=0,p=1", "m=19456,t=2,p=0", // x/crypto panics at zero
	} {
		forged := tables.Private("$argon2id$v=19$" + costs + end)
		work := allocated(func() {
			if right, err := pinhash.Verify(phone, pin, forged); right || !errors.Is(err, pinhash.ErrMalformed) {
				t.Errorf("%s: got %v, %v", costs, right, err)
			}
		})
		if work > 1<<20 {
			t.Errorf("%s: refusing it takes %.0f bytes", costs, work)
		}
	}
}

func TestWhatIsNoHashIsAnErrorThatRepeatsNothing(t *testing.T) {
	for _, stored := range []tables.Private{pin, "$2a$10$abcdefghijklmnopqrstuv", hashed[:len(hashed)-1], "$argon2i" + hashed[len("$argon2id"):]} {
		right, err := pinhash.Verify(phone, pin, stored)
		if right || !errors.Is(err, pinhash.ErrMalformed) || strings.Contains(fmt.Sprint(err), string(stored)) || strings.Contains(fmt.Sprint(err), pin) {
			t.Errorf("got %v, %v", right, err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		pinhash.Hash(phone, pin)
	}
}

func benchmarkVerify(b *testing.B, stored tables.Private) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pinhash.Verify(phone, "54321", stored); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyWrongPIN(b *testing.B) { benchmarkVerify(b, hashed) }
func BenchmarkVerifyNoPIN(b *testing.B)    { benchmarkVerify(b, "") }
