package google

import (
	"maps"
	"net/http"
	"time"

	"github.com/expenzez/infrastructure/test/fakes"
)

// Fake is Google for one app. Its zero value is not usable; see New.
type Fake struct {
	fakes.Faults
	*fakes.Signer
	// Now is the clock of the tokens. Default: time.Now.
	Now func() time.Time

	clientID string
}

// New returns a Google that issues tokens for one client id.
func New(clientID string) *Fake {
	f := &Fake{Signer: fakes.NewSigner(), Now: time.Now, clientID: clientID}
	f.ErrorBody = func(int) string { return `{"error":{"code":500,"message":"Internal error","status":"INTERNAL"}}` }
	return f
}

// IDToken returns a token for the subject, with these claims changed; a nil
// value removes the claim.
func (f *Fake) IDToken(subject string, changes map[string]any) string {
	now := f.Now().Unix()
	claims := map[string]any{
		"iss": "https://accounts.google.com", "azp": f.clientID, "aud": f.clientID, "sub": subject,
		"email": subject + "@example.com", "email_verified": true, "name": "Ada Lovelace",
		"given_name": "Ada", "family_name": "Lovelace", "iat": now, "exp": now + 3600,
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return f.Sign(claims)
}

// Handler returns Google's endpoint of keys.
func (f *Fake) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth2/v3/certs", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=19800, must-revalidate, no-transform")
		fakes.WriteJSON(w, http.StatusOK, f.KeySet())
	})
	return f.Wrap(mux)
}
