package userpool

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
)

func TestSignIn_SendsClientSourceIP(t *testing.T) {
	for ip, known := range map[string]bool{"203.0.113.7": true, "2001:db8::7": true, "": false, "unknown": false} {
		var body []byte
		pool := poolWith(answering(func(request *http.Request) string {
			body, _ = io.ReadAll(request.Body)
			return `{"AuthenticationResult":{"AccessToken":"a"}}`
		}))
		ctx := function.WithRequest(t.Context(), function.Request{SourceIP: ip, UserAgent: "Expenzez/1.8.1"})
		if _, err := pool.SignIn(ctx, "ada", "secret"); err != nil {
			t.Fatal(err)
		}
		var sent struct {
			ContextData *struct {
				IpAddress, ServerName, ServerPath string
				HttpHeaders                       []struct{ HeaderName, HeaderValue string }
			}
		}
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Fatal(err)
		}
		switch got := sent.ContextData; {
		case !known && got != nil:
			t.Errorf("%q: sent %+v", ip, got)
		case known && (got == nil || got.IpAddress != ip || got.ServerPath != "/auth/login" || len(got.HttpHeaders) != 1 || got.HttpHeaders[0].HeaderValue != "Expenzez/1.8.1"):
			t.Errorf("%q: sent %s", ip, body)
		}
	}
}
