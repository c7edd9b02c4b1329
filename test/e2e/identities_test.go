package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// identities are the usernames, ids and e-mail addresses of users.
type identities struct {
	mu    sync.Mutex
	found map[string]bool
	// registered and tokens are how many of them were read.
	registered, tokens int
}

// users are the users that this run created.
var users = identities{found: map[string]bool{}}

// payload is the middle of a JWT.
var payload = regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.(eyJ[A-Za-z0-9_-]+)\.`)

// identityFields are fields of the sign-up form and of tokens that say who a user is.
var identityFields = []string{"username", "email", "sub", "cognito:username", "preferred_username"}

// read keeps who registered in a request, and of whom the tokens in its response are.
func (i *identities) read(path string, body any, got answer) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if form, is := body.(map[string]any); is && path == "/auth/register" && got.status == http.StatusOK {
		i.add(form)
		i.registered++
	}
	for _, match := range payload.FindAllStringSubmatch(got.text, -1) {
		var claims map[string]any
		if text, err := base64.RawURLEncoding.DecodeString(match[1]); err == nil && json.Unmarshal(text, &claims) == nil {
			i.add(claims)
			i.tokens++
		}
	}
}

func (i *identities) add(fields map[string]any) {
	for _, name := range identityFields {
		if value, _ := fields[name].(string); value != "" {
			i.found[strings.ToLower(value)] = true
		}
	}
}

// namedIn returns whom of the users a text in JSON names, with whole words.
func (i *identities) namedIn(text string) (named []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	text = escapes.ReplaceAllString(strings.ToLower(text), " ")
	for _, identity := range slices.Sorted(maps.Keys(i.found)) {
		whole := regexp.MustCompile(fmt.Sprintf(`(?:^|[^\pL\pN])%s(?:$|[^\pL\pN])`, regexp.QuoteMeta(identity)))
		if whole.MatchString(text) {
			named = append(named, identity)
		}
	}
	return named
}

// escapes are escapes in JSON that would look like letters of a word.
var escapes = regexp.MustCompile(`\\+(?:[nrt]|u00[0-9a-f]{2})`)

func TestIdentities_OfRegistrationsAndTokens_AreFoundInTexts(t *testing.T) {
	known := identities{found: map[string]bool{}}
	claims := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"0a1b-2c","username":"ada.b","email":"Ada@example.com"}`))
	known.read("/auth/login", nil, answer{status: 200, text: `{"idToken":"eyJhbGciOiJSUzI1NiJ9.` + claims + `.c2ln"}`})
	known.read("/auth/register", map[string]any{"username": "Grace"}, answer{status: 200})
	known.read("/auth/register", map[string]any{"username": "refused"}, answer{status: 400})
	for text, want := range map[string][]string{
		`{"a":"{\"b\":\"0A1B-2c\\nGRACE, refused\"}"}`:          {"0a1b-2c", "grace"},
		`{"a":"by ada.b <ada@example.com>"}`:                    {"ada.b", "ada@example.com"},
		`{"a":"disgraceful, ada.book, xada@example.com, nada"}`: nil,
	} {
		if got := known.namedIn(text); !slices.Equal(got, want) {
			t.Errorf("%s: got %v", text, got)
		}
	}
}
