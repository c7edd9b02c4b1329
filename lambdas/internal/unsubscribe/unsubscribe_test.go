package unsubscribe_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/unsubscribe"
)

const ada = "8d2c8a5e-0d4b-4c0c-9f54-6a5f5c1f3a10"

var client = awsfake.NewKMS()

// links is an environment's.
func links() *unsubscribe.Links { return unsubscribe.New(client, "key") }

// tokenOf returns the token of a new link.
func tokenOf(t *testing.T, l *unsubscribe.Links, list unsubscribe.List, userID string) string {
	t.Helper()
	url, err := l.URL(t.Context(), "api.example.com", list, userID)
	if err != nil {
		t.Fatal(err)
	}
	token, found := strings.CutPrefix(url, "https://api.example.com/notifications/unsubscribe/")
	if !found || len(token) > unsubscribe.MaxLength {
		t.Fatalf("the link is %s", url)
	}
	return token
}

func TestURL_Token_IsReadByAnotherEnvironment(t *testing.T) {
	token := tokenOf(t, links(), unsubscribe.Digest, ada)
	if list, userID, err := links().Read(t.Context(), token); err != nil || list != unsubscribe.Digest || userID != ada {
		t.Errorf("got %s of %s, %v", list, userID, err)
	}
}

func TestURL_Token_NamesNoUser(t *testing.T) {
	l := links()
	first, second := tokenOf(t, l, unsubscribe.Digest, ada), tokenOf(t, l, unsubscribe.Digest, ada)
	raw, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil || strings.Contains(string(raw), ada[:8]) || strings.Contains(string(raw), "digest") {
		t.Errorf("the token is %q, %v", raw, err)
	}
	if first[:20] == second[:20] || first[len(first)-20:] == second[len(second)-20:] {
		t.Error("two tokens of a user look alike")
	}
	if printed := fmt.Sprintf("%+v", l); strings.Contains(printed, ada) {
		t.Errorf("printed as %s", printed)
	}
}

func TestRead_ForgedToken_IsRefused(t *testing.T) {
	good := tokenOf(t, links(), unsubscribe.Digest, ada)
	raw, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{
		"none": "", "a user's id": ada, "not base64": "***", "padded": good + "=", "too short": good[:10], "without its end": good[:len(good)-4],
		"twice": good + good, "with another end": good[:len(good)-1] + "*", "another key's": tokenOf(t, unsubscribe.New(awsfake.NewKMS(), "key"), unsubscribe.Digest, ada),
		"plain text": base64.RawURLEncoding.EncodeToString([]byte("digest " + ada)), "very long": strings.Repeat("A", 100_000),
	}
	for i := range raw {
		changed := append([]byte{}, raw...)
		changed[i] ^= 1
		tokens[fmt.Sprint("byte ", i)] = base64.RawURLEncoding.EncodeToString(changed)
	}
	for name, token := range tokens {
		if list, userID, err := links().Read(t.Context(), token); !errors.Is(err, unsubscribe.ErrInvalid) || list != "" || userID != "" {
			t.Errorf("%s: got %q of %q, %v", name, list, userID, err)
		}
	}
}

func TestRead_AnotherList_IsTold(t *testing.T) {
	token := tokenOf(t, links(), "other", ada)
	if list, _, err := links().Read(t.Context(), token); err != nil || list == unsubscribe.Digest {
		t.Errorf("got %s, %v", list, err)
	}
}

func TestURL_KMSFails_TriesAgain(t *testing.T) {
	client := awsfake.NewKMS()
	l := unsubscribe.New(client, "key")
	client.Err = errors.New("down")
	if _, err := l.URL(t.Context(), "api.example.com", unsubscribe.Digest, ada); !errors.Is(err, client.Err) {
		t.Errorf("got %v", err)
	}
	if _, _, err := l.Read(t.Context(), "any"); errors.Is(err, unsubscribe.ErrInvalid) || err == nil {
		t.Errorf("got %v", err)
	}
	client.Err = nil
	tokenOf(t, l, unsubscribe.Digest, ada)
}
