package blindindex_test

import (
	"encoding/base64"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
)

func mustHash(t *testing.T) func(string, error) string {
	return func(hash string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := base64.RawURLEncoding.DecodeString(hash); err != nil || len(raw) != 32 {
			t.Fatalf("%q is no SHA-256 in unpadded base64url", hash)
		}
		return hash
	}
}

func TestHash_DifferentSpellings_AreEqual(t *testing.T) {
	index, must, ctx := blindindex.New(awsfake.NewKMS(), "key"), mustHash(t), t.Context()
	if must(index.Email(ctx, "Ada@Example.com ")) != must(index.Email(ctx, "ada@example.com")) {
		t.Error("the address is not found in another spelling")
	}
	if must(index.Phone(ctx, "0044 20 7946 0000")) != must(index.Phone(ctx, "+442079460000")) {
		t.Error("the number is not found in another spelling")
	}
	if must(index.Email(ctx, "ada@example.com")) == must(index.Email(ctx, "bob@example.com")) {
		t.Error("two addresses share a hash")
	}
}

func TestHash_DifferentPurposes_Differ(t *testing.T) {
	index, must := blindindex.New(awsfake.NewKMS(), "key"), mustHash(t)
	if must(index.Email(t.Context(), "+442079460000")) == must(index.Phone(t.Context(), "+442079460000")) {
		t.Error("an address and a number share a hash")
	}
}

func TestHash_ProviderSubject_IsNotNormalised(t *testing.T) {
	index, must := blindindex.New(awsfake.NewKMS(), "key"), mustHash(t)
	seen := map[string]bool{}
	for _, id := range [][2]string{{"apple", "001.a"}, {"google", "001.a"}, {"apple", "001.A"}, {"apple", "001.a "}} {
		seen[must(index.Subject(t.Context(), id[0], id[1]))] = true
	}
	if len(seen) != 4 {
		t.Errorf("four subjects have %d hashes", len(seen))
	}
}

func TestHash_DifferentKeys_Differ(t *testing.T) {
	must := mustHash(t)
	one, two := blindindex.New(awsfake.NewKMS(), "key"), blindindex.New(awsfake.NewKMS(), "key")
	if must(one.Email(t.Context(), "ada@example.com")) == must(two.Email(t.Context(), "ada@example.com")) {
		t.Error("two keys make the same hash")
	}
}

func TestHash_KMSFails_ReturnsItsError(t *testing.T) {
	client := awsfake.NewKMS()
	index := blindindex.New(client, "key")
	if _, err := index.Phone(t.Context(), "020 7946 0000"); !errors.Is(err, blindindex.ErrNotInternational) {
		t.Errorf("a national number: %v", err)
	}
	client.Err = &types.KMSInternalException{}
	if _, err := index.Email(t.Context(), "ada@example.com"); !errors.Is(err, client.Err) {
		t.Errorf("KMS is down: %v", err)
	}
}
