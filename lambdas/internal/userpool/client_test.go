package userpool

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// appClientRequests are the methods that Cognito serves to the app client, by their
// first operation.
var appClientRequests = map[string]func(context.Context, *Pool) error{
	"SignUp": func(ctx context.Context, p *Pool) error {
		_, err := p.SignUp(ctx, "ada", "Correct-horse-1", "ada@example.com")
		return err
	},
	"ConfirmSignUp":          func(ctx context.Context, p *Pool) error { return p.ConfirmSignUp(ctx, "ada", "123456") },
	"ResendConfirmationCode": func(ctx context.Context, p *Pool) error { return p.ResendSignUpCode(ctx, "ada") },
	"ForgotPassword":         func(ctx context.Context, p *Pool) error { return p.ForgotPassword(ctx, "ada") },
	"ConfirmForgotPassword": func(ctx context.Context, p *Pool) error {
		return p.ConfirmForgotPassword(ctx, "ada", "654321", "Correct-horse-2")
	},
	"AdminInitiateAuth": func(ctx context.Context, p *Pool) error {
		_, err := p.SignIn(ctx, "ada", "Correct-horse-1")
		return err
	},
	"AdminInitiateAuth, for a ticket": func(ctx context.Context, p *Pool) error {
		_, err := p.SignInWithTicket(ctx, "ada")
		return err
	},
	"GetTokensFromRefreshToken": func(ctx context.Context, p *Pool) error {
		_, err := p.RefreshTokens(ctx, "refresh")
		return err
	},
}

func TestAppClientRequests_CarrySecretHash(t *testing.T) {
	// printf adaclient | openssl dgst -sha256 -hmac client-secret -binary | base64
	const secretHash = "DX2LyebBFGSALI4h4EcbVJ5pWZK4g2WORQLYL5nnLYs="
	for name, call := range appClientRequests {
		var asked []string
		pool := poolWith(answering(func(request *http.Request) string {
			body, _ := io.ReadAll(request.Body)
			asked = append(asked, string(body))
			return `{"ChallengeName":"CUSTOM_CHALLENGE","Session":"s","ChallengeParameters":{"nonce":"n"},"AuthenticationResult":{"AccessToken":"a"}}`
		}))
		if err := call(t.Context(), pool); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, body := range asked {
			want := map[bool]string{true: `"ClientSecret":"client-secret"`, false: secretHash}[name == "GetTokensFromRefreshToken"]
			if !strings.Contains(body, want) || !json.Valid([]byte(body)) {
				t.Errorf("%s: asked %s", name, body)
			}
		}
	}
}

// Taken for a wrong password, it would lock all users out without an alarm.
func TestAppClientRequests_RejectedSecretHash_ReturnInternalError(t *testing.T) {
	for _, said := range []string{"Unable to verify secret hash for client c", "Client c is configured with secret but SECRET_HASH was not received"} {
		for name, call := range appClientRequests {
			pool := poolWith(refusing{"NotAuthorizedException", said})
			if err := call(t.Context(), pool); !errors.Is(apierror.From(err), apierror.Internal) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
}

func TestAppClientRequests_UnreadableSecret_CallNothing(t *testing.T) {
	for name, call := range appClientRequests {
		pool := poolWith(answering(func(*http.Request) string { t.Errorf("%s: Cognito was asked", name); return "{}" }))
		pool.app.secrets = fakeSecrets{err: errBroken}
		if err := call(t.Context(), pool); !errors.Is(err, errBroken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
