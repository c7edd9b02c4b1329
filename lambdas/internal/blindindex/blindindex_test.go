package blindindex_test

import (
	"context"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
)

func TestAnAddressIsFoundHoweverItIsTyped(t *testing.T) {
	index := blindindex.New(awsfake.NewKMS(), "key")
	one, err := index.Email(context.Background(), "Ada@Example.com ")
	if err != nil {
		t.Fatal(err)
	}
	same, _ := index.Email(context.Background(), "ada@example.com")
	other, _ := index.Email(context.Background(), "bob@example.com")
	if one != same || one == other {
		t.Errorf("hashes are %s, %s, %s", one, same, other)
	}
	if strings.Contains(one, "ada") || len(one) != 43 {
		t.Errorf("%q is not an unpadded base64url SHA-256", one)
	}
}
