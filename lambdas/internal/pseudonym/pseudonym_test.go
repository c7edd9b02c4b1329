package pseudonym_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
)

// lookupKey is a KMS that counts and remembers what it is asked for.
type lookupKey struct {
	*awsfake.KMS
	calls atomic.Int64
	asked *kms.GenerateMacInput
	made  []byte
}

func (k *lookupKey) GenerateMac(ctx context.Context, in *kms.GenerateMacInput, options ...func(*kms.Options)) (*kms.GenerateMacOutput, error) {
	k.calls.Add(1)
	out, err := k.KMS.GenerateMac(ctx, in, options...)
	if err == nil {
		k.asked, k.made = in, out.Mac
	}
	return out, err
}

func newLookupKey() *lookupKey { return &lookupKey{KMS: awsfake.NewKMS()} }

func newMaker() *pseudonym.Maker { return pseudonym.New(newLookupKey(), "key") }

func must(t *testing.T) func(pseudonym.Pseudonym, error) pseudonym.Pseudonym {
	return func(p pseudonym.Pseudonym, err error) pseudonym.Pseudonym {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

func TestUsername_DifferentSpellings_AreEqual(t *testing.T) {
	m, must, ctx := newMaker(), must(t), t.Context()
	for _, try := range [][2]string{
		{"countess", "Countess"},
		{"countess", "COUNTESS"},
		{"countess", " countess\t"},
		{"countess", "ｃｏｕｎｔｅｓｓ"},
		{"kim_1", "\u212aim_1"}, // the Kelvin sign
		{"ruth.less", "ruth.le\u017f\u017f"},
		{"ida", "\u0131da"},
		{"jos\u00e9", "jose\u0301"},
		{"ada@example.com", "Ada@Example.com"},
		{"ada@b\u00fccher.example", "ada@xn--bcher-kva.example"},
	} {
		if must(m.Username(ctx, try[0])) != must(m.Username(ctx, try[1])) {
			t.Errorf("%+q is another user than %+q", try[1], try[0])
		}
	}
	for _, other := range []string{"countes", "countess1", "count.ess", "countess@example.com", ""} {
		if must(m.Username(ctx, "countess")) == must(m.Username(ctx, other)) {
			t.Errorf("%q is the same user", other)
		}
	}
}

func TestSourceIP_SameIPv6Network_IsEqual(t *testing.T) {
	m, must, ctx := newMaker(), must(t), t.Context()
	for _, try := range []struct {
		one, other string
		same       bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"2001:db8:1:2::1", "2001:DB8:1:2:ffff:ffff:ffff:ffff", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::1%eth1", true},
	} {
		if same := must(m.SourceIP(ctx, try.one)) == must(m.SourceIP(ctx, try.other)); same != try.same {
			t.Errorf("%s and %s: one address is %v", try.one, try.other, same)
		}
	}
}

func TestSourceIP_InvalidIP_IsRefused(t *testing.T) {
	for _, text := range []string{"", "unknown", "192.0.2.1:443", "192.0.2.1, 192.0.2.2", "192.0.2.256", "[2001:db8::1]"} {
		p, err := newMaker().SourceIP(t.Context(), text)
		if !errors.Is(err, pseudonym.ErrNotIP) || p != "" {
			t.Errorf("%q: got %q, %v", text, p, err)
		}
		if text != "" && strings.Contains(fmt.Sprint(err), text) {
			t.Errorf("the error repeats %q", text)
		}
	}
}

func TestDevice_BelongsToUserAndIsNotNormalised(t *testing.T) {
	m, must, ctx := newMaker(), must(t), t.Context()
	mine := must(m.Device(ctx, "user-1", "ios-1"))
	if mine != must(m.Device(ctx, "user-1", "ios-1")) {
		t.Error("one device has two pseudonyms")
	}
	for _, other := range [][2]string{{"user-2", "ios-1"}, {"user-1", "iOS-1"}, {"user-1", ""}, {"user-1i", "os-1"}, {"", "user-1ios-1"}} {
		if mine == must(m.Device(ctx, other[0], other[1])) {
			t.Errorf("%q is the same device", other)
		}
	}
}

func TestMaker_DifferentKinds_Differ(t *testing.T) {
	m, must, ctx := newMaker(), must(t), t.Context()
	seen := map[pseudonym.Pseudonym]bool{
		must(m.Username(ctx, "192.0.2.1")):   true,
		must(m.SourceIP(ctx, "192.0.2.1")):   true,
		must(m.User(ctx, "192.0.2.1")):       true,
		must(m.Device(ctx, "192.0.2.1", "")): true,
	}
	if len(seen) != 4 {
		t.Error("a username, an address, a user and a device share a pseudonym")
	}
}

// What is stored for months must not change by accident, so the construction is
// repeated here from what doc.go says.
func TestMaker_PseudonymIsHMACUnderKMSDerivedKey(t *testing.T) {
	key := newLookupKey()
	m := pseudonym.New(key, "arn:lookup")
	got := must(t)(m.Device(t.Context(), "u", "device-1"))
	if in := key.asked; aws.ToString(in.KeyId) != "arn:lookup" || string(in.Message) != "pseudonym:v1" || in.MacAlgorithm != types.MacAlgorithmSpecHmacSha256 {
		t.Errorf("KMS was asked for %+v", in)
	}
	mac := hmac.New(sha256.New, key.made)
	mac.Write([]byte("\x00\x00\x00\x06device\x00\x00\x00\x01u\x00\x00\x00\x08device-1"))
	if want := base64.RawURLEncoding.EncodeToString(mac.Sum(nil)); string(got) != want || len(got) != 43 {
		t.Errorf("got %s, not %s", got, want)
	}
}

func TestMaker_DifferentKeys_Differ(t *testing.T) {
	must, one, two := must(t), newMaker(), newMaker()
	if must(one.Username(t.Context(), "ada")) == must(two.Username(t.Context(), "ada")) {
		t.Error("two keys make the same pseudonym")
	}
}

func TestMaker_ParallelRequests_CallKMSOnce(t *testing.T) {
	key := newLookupKey()
	m := pseudonym.New(key, "key")
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			if _, err := m.Username(t.Context(), fmt.Sprint("user", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if calls := key.calls.Load(); calls != 1 {
		t.Errorf("KMS was asked %d times", calls)
	}
}

func TestMaker_KMSFails_IsRetriedNextTime(t *testing.T) {
	key := newLookupKey()
	m := pseudonym.New(key, "key")
	key.Err = &types.KMSInternalException{}
	if p, err := m.Username(t.Context(), "countess"); !errors.Is(err, key.Err) || p != "" || strings.Contains(fmt.Sprint(err), "countess") {
		t.Errorf("got %q, %v", p, err)
	}
	key.Err = nil
	if _, err := m.Username(t.Context(), "countess"); err != nil {
		t.Errorf("KMS is back: %v", err)
	}
}

// fixed is a KMS that makes one key. It is a function so that printing it shows
// nothing.
type fixed func() []byte

func (f fixed) GenerateMac(context.Context, *kms.GenerateMacInput, ...func(*kms.Options)) (*kms.GenerateMacOutput, error) {
	return &kms.GenerateMacOutput{Mac: f()}, nil
}

func TestMaker_Printed_HidesKey(t *testing.T) {
	key := bytes.Repeat([]byte{0xab}, 32)
	m := pseudonym.New(fixed(func() []byte { return key }), "key")
	must(t)(m.Username(t.Context(), "ada"))
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%X", "%s", "%q", "%d"} {
		text := fmt.Sprintf(verb+verb, m, struct{ Names *pseudonym.Maker }{m})
		for _, shown := range []string{"abab", "ABAB", "171 171", "171, 171", "0xab, 0xab", `\xab`, "\xab"} {
			if strings.Contains(text, shown) {
				t.Errorf("%s shows the key: %s", verb, text)
			}
		}
	}
}

func TestMaker_WrongKeySize_IsRefused(t *testing.T) {
	half := pseudonym.New(fixed(func() []byte { return make([]byte, 16) }), "key")
	if _, err := half.Username(t.Context(), "ada"); err == nil {
		t.Error("a key of 16 bytes is used")
	}
}

func TestOpen_SameFunction_SharesMaker(t *testing.T) {
	f := function.Define(function.Spec[bool]{
		Name: "f", Purpose: "Tests.",
		Permissions: function.Permissions{Keys: []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)}},
		New: func(resources *function.Resources) (bool, error) {
			if one, other := pseudonym.Open(resources), pseudonym.Open(resources); one != other {
				t.Error("each part asks KMS for a key of its own")
			}
			return true, nil
		},
	})
	if _, err := f.Bind(function.NewResources(aws.Config{}, func(name string) (string, bool) { return name, true })); err != nil {
		t.Fatal(err)
	}
}

func TestOpen_WithoutLookupKey_Fails(t *testing.T) {
	variable := func(name string) (string, bool) { return name, true }
	f := func(rights function.Permissions) *function.Function {
		return function.Define(function.Spec[*pseudonym.Maker]{
			Name: "f", Purpose: "Tests.", Permissions: rights,
			New: func(resources *function.Resources) (*pseudonym.Maker, error) { return pseudonym.Open(resources), nil },
		})
	}
	if _, err := f(function.Permissions{}).Bind(function.NewResources(aws.Config{}, variable)); err == nil {
		t.Error("a maker without the right is opened")
	}
	rights := function.Permissions{Keys: []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)}}
	if _, err := f(rights).Bind(function.NewResources(aws.Config{}, variable)); err != nil {
		t.Error(err)
	}
}
