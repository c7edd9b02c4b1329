package email_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

const recipient = "ada@example.org"

var (
	settings = emailtemplates.Settings{
		From: "hello@mail.example.com", App: "Expenzez", ReplyTo: "support@example.com", ConfigurationSet: "set",
	}
	message = emailtemplates.Username{Username: "ada"}
)

// fakeSES is SES as a function.
type fakeSES func(context.Context, *sesv2.SendEmailInput) (*sesv2.SendEmailOutput, error)

func (f fakeSES) SendEmail(ctx context.Context, in *sesv2.SendEmailInput, _ ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error) {
	return f(ctx, in)
}

// send sends with the settings and returns what SES was asked for, nil for nothing.
func send(t *testing.T, settings emailtemplates.Settings, to string, message emailtemplates.Message) (*sesv2.SendEmailInput, error) {
	t.Helper()
	var asked *sesv2.SendEmailInput
	sender := email.New(fakeSES(func(_ context.Context, in *sesv2.SendEmailInput) (*sesv2.SendEmailOutput, error) {
		asked = in
		return &sesv2.SendEmailOutput{MessageId: aws.String("id")}, nil
	}), settings)
	return asked, sender.Send(t.Context(), to, message)
}

func TestSend_Message_IsSentUnchanged(t *testing.T) {
	for _, message := range emailtemplates.Examples() {
		asked, err := send(t, settings, recipient, message)
		if err != nil {
			t.Fatal(err)
		}
		want, err := emailtemplates.Render("Expenzez", message)
		if err != nil {
			t.Fatal(err)
		}
		simple := asked.Content.Simple
		got := emailtemplates.Mail{Subject: *simple.Subject.Data, Text: *simple.Body.Text.Data, HTML: *simple.Body.Html.Data}
		if got != want {
			t.Errorf("%s: sent %+v", message.Name(), got)
		}
	}
}

func TestSend_SenderAndRecipient_AreSet(t *testing.T) {
	asked, err := send(t, settings, recipient, message)
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(asked.FromEmailAddress); got != `"Expenzez" <hello@mail.example.com>` {
		t.Errorf("it comes from %s", got)
	}
	to := asked.Destination
	if !slices.Equal(to.ToAddresses, []string{recipient}) || len(to.CcAddresses)+len(to.BccAddresses) > 0 {
		t.Errorf("it goes to %+v", to)
	}
	if !slices.Equal(asked.ReplyToAddresses, []string{"support@example.com"}) || aws.ToString(asked.ConfigurationSetName) != "set" {
		t.Errorf("replies go to %q, the configuration set is %q", asked.ReplyToAddresses, aws.ToString(asked.ConfigurationSetName))
	}
	asked, err = send(t, emailtemplates.Settings{From: settings.From, App: settings.App}, recipient, message)
	if err != nil || asked.ReplyToAddresses != nil || asked.ConfigurationSetName != nil {
		t.Errorf("what is not set is sent: %q, %v, %v", asked.ReplyToAddresses, asked.ConfigurationSetName, err)
	}
}

func TestSend_SpecialCharactersInSenderName_AreQuoted(t *testing.T) {
	for _, name := range []string{`A" <eve@example.net>, "B`, "Büro", "a, b; c@d"} {
		custom := settings
		custom.App = name
		asked, err := send(t, custom, recipient, message)
		if err != nil {
			t.Fatal(err)
		}
		header := aws.ToString(asked.FromEmailAddress)
		if parsed, err := mail.ParseAddress(header); err != nil || parsed.Address != settings.From || parsed.Name != name {
			t.Errorf("%q became %s: %v", name, header, err)
		}
		if strings.ContainsFunc(header, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("the header is %q", header)
		}
	}
}

func TestSend_InvalidRecipient_IsRefusedUnsent(t *testing.T) {
	for _, to := range []string{
		"", "ada", "@example.org", "ada@", "ada@localhost", "ada@example.org,eve@example.net", "ada@example.org eve@example.net",
		"Ada <ada@example.org>", "<ada@example.org>", "ada@example.org (Ada)", " ada@example.org", "ada@example.org\n",
		"ada@example.org\r\nBcc: eve@example.net", "ada\r\n@example.org", "ada@exam\x00ple.org", "ada@[127.0.0.1]", "\"a b\"@example.org", "\"ada\"@example.org", "(eve)ada@example.org",
		"adä@example.org", "ada@-example.org", "ada@exa_mple.org", strings.Repeat("a", 250) + "@b.co", "group: ada@example.org;",
	} {
		asked, err := send(t, settings, to, message)
		if !errors.Is(err, email.ErrRecipient) || asked != nil {
			t.Errorf("%q: %v", to, err)
		} else if to != "" && strings.Contains(err.Error(), to) && len(to) > 4 {
			t.Errorf("the error names the recipient: %v", err)
		}
	}
}

func TestSend_InternationalDomain_IsPunycode(t *testing.T) {
	for to, want := range map[string]string{
		"ada@bücher.example": "ada@xn--bcher-kva.example", "Ada.B+tag@Example.ORG": "Ada.B+tag@example.org",
	} {
		asked, err := send(t, settings, to, message)
		if err != nil || asked.Destination.ToAddresses[0] != want {
			t.Errorf("%s: %v", to, err)
		}
	}
}

func TestSend_IncompleteMessage_IsNotSent(t *testing.T) {
	if asked, err := send(t, settings, recipient, emailtemplates.PasswordChanged{}); err == nil || asked != nil {
		t.Errorf("sent %+v, %v", asked, err)
	}
}

func TestSend_EndsAtTimeoutOrDeadline(t *testing.T) {
	sender := email.New(fakeSES(func(ctx context.Context, _ *sesv2.SendEmailInput) (*sesv2.SendEmailOutput, error) {
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > 5*time.Second {
			t.Errorf("the deadline is %v, %v", deadline, ok)
		}
		<-ctx.Done()
		return nil, fmt.Errorf("operation error: %w", ctx.Err())
	}), settings)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if err := sender.Send(ctx, recipient, message); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// sesAt is a client of a server that answers as SES.
func sesAt(t *testing.T, answer http.HandlerFunc) *sesv2.Client {
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return sesv2.New(sesv2.Options{
		Region: "eu-west-2", BaseEndpoint: aws.String(server.URL),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
	})
}

// SES says in its answer who could not be written to.
func TestSend_Failure_DoesNotPrintRecipient(t *testing.T) {
	client := sesAt(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-amzn-errortype", "MessageRejected")
		w.Header().Set("x-amzn-requestid", "request-1")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"message":"Email address is not verified: %s"}`, recipient)
	})
	err := email.New(client, settings).Send(t.Context(), recipient, message)
	if want := "send the e-mail username: SES answered MessageRejected (request request-1)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}

	var lines bytes.Buffer
	ctx, _ := telemetry.WithRequest(t.Context(), telemetry.NewLogger(&lines, "DEBUG"), telemetry.Request{ID: "request-2"})
	accepting := sesAt(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"MessageId":"ses-1"}`) })
	if err := email.New(accepting, settings).Send(ctx, recipient, message); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"mail":"username"`, `"sesMessageId":"ses-1"`, `"requestId":"request-2"`} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("no %s in %s", want, &lines)
		}
	}
	if strings.Contains(lines.String(), "ada") || strings.Contains(lines.String(), "REDACTED") {
		t.Errorf("the recipient is logged: %s", &lines)
	}
}

func TestSend_ThrottledOnce_IsRetried(t *testing.T) {
	attempts := 0
	client := sesAt(t, func(w http.ResponseWriter, _ *http.Request) {
		if attempts++; attempts == 1 {
			w.Header().Set("x-amzn-errortype", "TooManyRequestsException")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		fmt.Fprint(w, `{"MessageId":"id"}`)
	})
	if err := email.New(client, settings).Send(t.Context(), recipient, message); err != nil || attempts != 2 {
		t.Errorf("%d attempts, %v", attempts, err)
	}
}
