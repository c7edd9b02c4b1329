package auth

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// askedNames is a user pool that has ada, and notes the names it is asked for.
type askedNames struct{ asked []string }

func (p *askedNames) Exists(_ context.Context, username string) (bool, error) {
	p.asked = append(p.asked, username)
	return username == "ada", nil
}

func TestCheckUserStatus_UnusableUsername_CountsAsTaken(t *testing.T) {
	pool := &askedNames{}
	for username, taken := range map[string]bool{
		"ada":                    true,
		"grace":                  false,
		"ad":                     true,
		"ada@example.com":        true,
		"ada lovelace":           true,
		"<script>":               true,
		"ada\x00":                true,
		"zo\u00eb":               true,
		strings.Repeat("a", 31):  true,
		strings.Repeat("a", 9e3): true,
	} {
		got, err := (&userStatus{pool: pool}).Check(t.Context(), userStatusRequest{Username: username})
		if err != nil || got.Exists != taken || (got.Username == username) != taken {
			t.Errorf("%.40q: got %.80v, %v", username, got, err)
		}
	}
	if slices.Sort(pool.asked); !slices.Equal(pool.asked, []string{"ada", "grace"}) {
		t.Errorf("Cognito is asked for %q", pool.asked)
	}
}
