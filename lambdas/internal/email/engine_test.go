package email_test

import (
	"os"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/local"
)

// What the fake takes is one thing, what an SES takes another.
func TestSend_EmulatedSES_AcceptsMessage(t *testing.T) {
	stage, err := local.Start(t.Context(), local.Options{StateDir: t.TempDir(), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Stop()
	client := sesv2.NewFromConfig(stage.AWSConfig(local.Region))
	sender := email.New(client, settings)
	if err := sender.Send(t.Context(), recipient, message); err == nil {
		t.Error("a message is sent from a domain that is not ours")
	}
	if _, err := client.CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{EmailIdentity: aws.String("mail.example.com")}); err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(t.Context(), recipient, message); err != nil {
		t.Fatal(err)
	}
	sent, err := stage.Mail(t.Context())
	if err != nil || len(sent) != 1 {
		t.Fatalf("sent %+v, %v", sent, err)
	}
	want, err := emailtemplates.Render(settings.App, message)
	if err != nil {
		t.Fatal(err)
	}
	got := sent[0]
	if got.From != `"Expenzez" <hello@mail.example.com>` || !slices.Equal(got.To, []string{recipient}) {
		t.Errorf("it comes from %s and goes to %q", got.From, got.To)
	}
	if got.Header("Auto-Submitted") != "auto-generated" {
		t.Errorf("the headers are %v", got.Headers)
	}
	if (emailtemplates.Mail{Subject: got.Subject, Text: got.Text, HTML: got.HTML}) != want {
		t.Errorf("sent %+v", got)
	}
}
