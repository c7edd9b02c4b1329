package auth

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// keeper keeps what Cognito was sent, and answers with tokens.
type keeper struct{ sent []byte }

func (k *keeper) RoundTrip(request *http.Request) (*http.Response, error) {
	var err error
	if k.sent, err = io.ReadAll(request.Body); err != nil {
		return nil, err
	}
	return answerTo(request, http.StatusOK, `{"AuthenticationResult":{"AccessToken":"a"}}`), nil
}

func TestCognitoJudgesTheClientsAddressAndNotOurs(t *testing.T) {
	for address, known := range map[string]bool{"203.0.113.7": true, "2001:db8::7": true, "": false, "unknown": false} {
		kept := &keeper{}
		pool := poolWith(kept)
		ctx := function.WithRequest(t.Context(), function.Request{SourceIP: address, UserAgent: "Expenzez/1.8.1"})
		if _, err := pool.SignIn(ctx, "ada", "secret"); err != nil {
			t.Fatal(err)
		}
		var sent struct {
			ContextData *struct {
				IpAddress, ServerName, ServerPath string
				HttpHeaders                       []struct{ HeaderName, HeaderValue string }
			}
		}
		if err := json.Unmarshal(kept.sent, &sent); err != nil {
			t.Fatal(err)
		}
		switch got := sent.ContextData; {
		case !known && got != nil:
			t.Errorf("%q: sent %+v", address, got)
		case known && (got == nil || got.IpAddress != address || got.ServerPath != "/auth/login" || len(got.HttpHeaders) != 1 || got.HttpHeaders[0].HeaderValue != "Expenzez/1.8.1"):
			t.Errorf("%q: sent %s", address, kept.sent)
		}
	}
}
