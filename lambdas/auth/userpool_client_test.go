package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// safe holds a client's secret, or fails.
type safe struct {
	secret string
	fail   error
}

func (s safe) Get(context.Context, secrets.Key) (secretcache.Value, error) {
	return secretcache.NewValue(s.secret), s.fail
}

var ourClient = poolClient{id: "client", secrets: safe{secret: "client-secret"}}

// poolWith is a pool to which Cognito answers through the transport.
func poolWith(answer http.RoundTripper) *userPool {
	return &userPool{poolID: "pool", app: ourClient, tickets: notary{}, client: cognito.New(cognito.Options{
		Region: "eu-west-2", Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1, HTTPClient: &http.Client{Transport: answer},
	})}
}

// asClient are all calls that a client makes, by the name of the first operation.
var asClient = map[string]func(context.Context, *userPool) error{
	"SignUp": func(ctx context.Context, p *userPool) error {
		_, err := p.SignUp(ctx, "ada", "Correct-horse-1", "ada@example.com")
		return err
	},
	"ConfirmSignUp":          func(ctx context.Context, p *userPool) error { return p.Confirm(ctx, "ada", "123456") },
	"ResendConfirmationCode": func(ctx context.Context, p *userPool) error { return p.Resend(ctx, "ada") },
	"ForgotPassword":         func(ctx context.Context, p *userPool) error { return p.ForgotPassword(ctx, "ada") },
	"ConfirmForgotPassword": func(ctx context.Context, p *userPool) error {
		return p.ConfirmForgotPassword(ctx, "ada", "654321", "Correct-horse-2")
	},
	"AdminInitiateAuth": func(ctx context.Context, p *userPool) error {
		_, err := p.SignIn(ctx, "ada", "Correct-horse-1")
		return err
	},
	"AdminInitiateAuth, for a ticket": func(ctx context.Context, p *userPool) error {
		_, err := p.SignInWithTicket(ctx, "ada")
		return err
	},
	"GetTokensFromRefreshToken": func(ctx context.Context, p *userPool) error {
		_, err := p.Refresh(ctx, "refresh")
		return err
	},
}

func TestEveryRequestOfAClientProvesWhoMakesIt(t *testing.T) {
	// printf adaclient | openssl dgst -sha256 -hmac client-secret -binary | base64
	const proof = "DX2LyebBFGSALI4h4EcbVJ5pWZK4g2WORQLYL5nnLYs="
	for name, call := range asClient {
		var asked []string
		pool := poolWith(transport(func(request *http.Request) string {
			body, _ := io.ReadAll(request.Body)
			asked = append(asked, string(body))
			return `{"ChallengeName":"CUSTOM_CHALLENGE","Session":"s","ChallengeParameters":{"nonce":"n"},"AuthenticationResult":{"AccessToken":"a"}}`
		}))
		if err := call(t.Context(), pool); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, body := range asked {
			want := map[bool]string{true: `"ClientSecret":"client-secret"`, false: proof}[name == "GetTokensFromRefreshToken"]
			if !strings.Contains(body, want) || !json.Valid([]byte(body)) {
				t.Errorf("%s: asked %s", name, body)
			}
		}
	}
}

// Were it taken for a wrong password, nobody could sign in and nobody would know why.
func TestThatCognitoRefusesTheClientIsOurFault(t *testing.T) {
	for _, said := range []string{"Unable to verify secret hash for client c", "Client c is configured with secret but SECRET_HASH was not received"} {
		for name, call := range asClient {
			pool := poolWith(refusing{"NotAuthorizedException", said})
			if err := call(t.Context(), pool); !errors.Is(apierror.From(err), apierror.Internal) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
}

func TestWithoutItsSecretTheClientAsksNothing(t *testing.T) {
	for name, call := range asClient {
		pool := poolWith(transport(func(*http.Request) string { t.Errorf("%s: Cognito was asked", name); return "{}" }))
		pool.app.secrets = safe{fail: errBroken}
		if err := call(t.Context(), pool); !errors.Is(err, errBroken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// SES names whom it refuses.
func TestThatACodeCannotBeSentIsLoggedWithoutItsAddress(t *testing.T) {
	for _, name := range []string{"SignUp", "ResendConfirmationCode", "ForgotPassword"} {
		var log bytes.Buffer
		ctx, _ := telemetry.WithRequest(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), telemetry.Request{})
		err := asClient[name](ctx, poolWith(refusing{"CodeDeliveryFailureException", "The following identities failed the check: ada@example.com"}))
		told := log.String() + fmt.Sprint(err)
		if strings.Contains(told, "ada@example.com") || !strings.Contains(told, "CodeDeliveryFailureException") {
			t.Errorf("%s: logged %s", name, told)
		}
		if name == "SignUp" && !errors.Is(err, apierror.Unavailable) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// What is an error here is logged and not told (TestEmailRoutes_SlowOrFailingDependency_RespondAlike).
func TestThatACodeIsNotSentTellsNobodyWhoHasAnAccount(t *testing.T) {
	for _, name := range []string{"ResendConfirmationCode", "ForgotPassword"} {
		for exception, want := range map[string]error{
			"UserNotFoundException": nil, "InvalidParameterException": nil, "LimitExceededException": nil, "NotAuthorizedException": nil,
			"CodeDeliveryFailureException": errUndeliverable, "TooManyRequestsException": errTooMany, "InternalErrorException": errAny,
		} {
			err := asClient[name](t.Context(), poolWith(refusing{exception, "said Cognito"}))
			if ok := errors.Is(err, want) || want == errAny && err != nil; !ok {
				t.Errorf("%s, %s: got %v", name, exception, err)
			}
		}
	}
}
