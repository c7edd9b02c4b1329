package pinhash_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/pinhash"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const pin = "12345"

const user = "user-1"

// Made by testdata/vectors.py; the second is as if costs had been others once.
const (
	hashed  tables.EncryptedString = "$argon2id$v=19$m=19456,t=2,p=1$uqTZGhvttqx+sDsz6oJAyQ$TGDi2WMcQ7fBu0WsDzu46x1CnjmhcrRqHW4dn5kOHww"
	earlier tables.EncryptedString = "$argon2id$v=19$m=7168,t=5,p=2$uqTZGhvttqx+sDsz6oJAyQ$ElMNtN1W67goB1mtmrokawyxVVFrLIL/J1Q96oZQBz0"
)

func is(t *testing.T, p *pinhash.PIN, stored tables.EncryptedString) bool {
	t.Helper()
	right, err := p.Matches(stored)
	if err != nil {
		t.Fatal(err)
	}
	return right
}

func TestHash_MatchesReferenceImplementation(t *testing.T) {
	if made := pinhash.New(user, pin).Hash(); made != hashed {
		t.Errorf("made %s", string(made))
	}
	for _, stored := range []tables.EncryptedString{hashed, earlier} {
		if !is(t, pinhash.New(user, pin), stored) {
			t.Errorf("the PIN is not that of %s", string(stored))
		}
	}
}

func TestMatches_RightPINOnly(t *testing.T) {
	for _, wrong := range []string{"12346", "1234", "123456", "54321", "", " 12345"} {
		if is(t, pinhash.New(user, wrong), hashed) {
			t.Errorf("%q is right", wrong)
		}
	}
}

func TestMatches_OtherUsersHash_IsFalse(t *testing.T) {
	for _, other := range []string{"user-2", "user-", "user-11", "USER-1", ""} {
		p := pinhash.New(other, pin)
		if right, err := p.Matches(hashed); right || !errors.Is(err, pinhash.ErrMalformed) {
			t.Errorf("%q: got %v, %v", other, right, err)
		}
		if sumOf(p.Hash()) == sumOf(hashed) {
			t.Errorf("%q has the same hash", other)
		}
	}
}

func sumOf(stored tables.EncryptedString) string { return strings.Split(string(stored), "$")[5] }

func TestNeedsRehash_OldCost_IsTrue(t *testing.T) {
	if pinhash.NeedsRehash(hashed) {
		t.Error("the hash is not made at today's cost")
	}
	if !pinhash.NeedsRehash(earlier) || !pinhash.NeedsRehash("") {
		t.Error("a hash of another cost, or none, would be kept")
	}
}

func TestPIN_Logged_IsRedacted(t *testing.T) {
	p := pinhash.New(user, pin)
	p.Hash()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "pin", p)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		fmt.Fprintf(&log, verb, p)
	}
	if strings.Contains(log.String(), pin) || strings.Contains(log.String(), "3132333435") || strings.Contains(log.String(), "4c60e2d9") {
		t.Errorf("shown as %s", &log)
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

func TestMatches_NoStoredHash_TakesSameWork(t *testing.T) {
	wrong := allocated(func() { is(t, pinhash.New(user, "54321"), hashed) })
	none := allocated(func() {
		if is(t, pinhash.New(user, pin), "") {
			t.Error("a PIN is right where there is none")
		}
	})
	if wrong < 19<<20 || none < 0.99*wrong || none > 1.01*wrong {
		t.Errorf("a wrong PIN takes %.0f bytes, no PIN %.0f", wrong, none)
	}
}

func TestMatches_SeveralDevices_ComputesHashOnce(t *testing.T) {
	work := allocated(func() {
		p := pinhash.New(user, pin)
		for range 20 {
			is(t, p, hashed)
			is(t, p, "")
		}
		p.Hash()
	})
	if work > 1.1*(19<<20) {
		t.Errorf("twenty comparisons take %.0f bytes", work)
	}
}

func TestMatches_ForgedParameters_AreRefusedFirst(t *testing.T) {
	end := strings.TrimPrefix(string(hashed), "$argon2id$v=19$m=19456,t=2,p=1")
	for _, costs := range []string{
		"m=4294967295,t=1,p=1", "m=65537,t=1,p=1", "m=19456,t=7,p=1", "m=19456,t=4294967295,p=1", "m=19456,t=2,p=5", "m=19456,t=2,p=255",
		"m=7167,t=2,p=1", "m=0,t=2,p=1", "m=19456,t=0,p=1", "m=19456,t=2,p=0", // x/crypto panics at zero
	} {
		forged := tables.EncryptedString("$argon2id$v=19$" + costs + end)
		work := allocated(func() {
			if right, err := pinhash.New(user, pin).Matches(forged); right || !errors.Is(err, pinhash.ErrMalformed) {
				t.Errorf("%s: got %v, %v", costs, right, err)
			}
		})
		if work > 1<<20 {
			t.Errorf("%s: refusing it takes %.0f bytes", costs, work)
		}
	}
}

func TestMatches_MalformedHash_IsNotPrinted(t *testing.T) {
	for _, stored := range []tables.EncryptedString{pin, "$2a$10$abcdefghijklmnopqrstuv", hashed[:len(hashed)-1], "$argon2i" + hashed[len("$argon2id"):]} {
		right, err := pinhash.New(user, pin).Matches(stored)
		if right || !errors.Is(err, pinhash.ErrMalformed) || strings.Contains(fmt.Sprint(err), string(stored)) || strings.Contains(fmt.Sprint(err), pin) {
			t.Errorf("got %v, %v", right, err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		pinhash.New(user, pin).Hash()
	}
}

func benchmarkIs(b *testing.B, stored tables.EncryptedString) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pinhash.New(user, "54321").Matches(stored); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrongPIN(b *testing.B)      { benchmarkIs(b, hashed) }
func BenchmarkIs_WithoutPIN(b *testing.B) { benchmarkIs(b, "") }
