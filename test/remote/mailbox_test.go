package remote_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/test/remote"
)

// received are e-mails as SES stores them: with CRLF and encoded parts. The colour in the
// style has six digits, too.
var received = map[string]string{
	"html in quoted-printable": `From: Expenzez dev <hello@mail-dev.expenzez.com>
To: ada@test.mail-dev.expenzez.com
Subject: =?utf-8?q?Your_code?=
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<html><head><style>p { color: #333333 }</style></head><body><p style=3D"col=
or:#654321">Your code</p><p><b>481=
516</b></p></body></html>
`,
	"text and html in base64": `From: hello@mail-dev.expenzez.com
To: Grace <grace@test.mail-dev.expenzez.com>, other@test.mail-dev.expenzez.com
Subject: Your code
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8

Your code is 234234.
--b1
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PHA+WW91ciBjb2RlIGlzIDIzNDIzNC48L3A+
--b1--
`,
	"no recipient": "From: a@example.com\nSubject: Spam\n\nWin 999999 now.\n",
	"no code":      "From: a@example.com\nTo: alan@test.mail-dev.expenzez.com\nSubject: Hello\n\nNo code here.\n",
}

func newBucketMailbox(t *testing.T) remote.BucketMailbox {
	t.Helper()
	stage, err := local.Start(t.Context(), local.Options{StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stage.Stop() })
	client := s3.NewFromConfig(stage.AWSConfig(local.Region), func(o *s3.Options) { o.UsePathStyle = true })
	box := remote.BucketMailbox{Client: client, Bucket: "mailbox", Domain: "test.mail-dev.expenzez.com"}
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: &box.Bucket, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: local.Region},
	}); err != nil {
		t.Fatal(err)
	}
	return box
}

func put(t *testing.T, box remote.BucketMailbox, key, message string) {
	t.Helper()
	if _, err := box.Client.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &box.Bucket, Key: aws.String(key), Body: strings.NewReader(strings.ReplaceAll(message, "\n", "\r\n")),
	}); err != nil {
		t.Fatal(err)
	}
}

func TestBucketMailbox_ReceivedEmails_GiveEachUserTheirCode(t *testing.T) {
	box := newBucketMailbox(t)
	for name, message := range received {
		put(t, box, "inbound/"+name, message)
	}
	put(t, box, "elsewhere/x", strings.Replace(received["no code"], "No code", "222222", 1))
	for username, want := range map[string]string{"ada": "481516", "grace": "234234"} {
		if got, err := remote.AwaitCode(t.Context(), box, box.Address(username)); err != nil || got != want {
			t.Errorf("the code of %s is %q (%v), not %s", username, got, err, want)
		}
	}
	if found, err := box.Messages(t.Context(), box.Address("alan")); err != nil || len(found) != 1 || found[0].Subject != "Hello" {
		t.Errorf("the e-mails are %+v (%v)", found, err)
	}
	put(t, box, "inbound/newer", strings.Replace(received["text and html in base64"], "234234.\n", "999000.\n", 1))
	if got, err := remote.AwaitCode(t.Context(), box, box.Address("grace")); err != nil || got != "999000" {
		t.Errorf("the newer code is %q (%v)", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := remote.AwaitCode(ctx, box, box.Address("edsger")); err == nil {
		t.Errorf("a user without e-mails got the code %q", got)
	}
}

func TestOpen_URL_NamesTheStage(t *testing.T) {
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for url, want := range map[string]struct {
		stage   string
		mailbox bool
	}{
		"https://api-dev.expenzez.com":     {"dev", true},
		"https://api-staging.expenzez.com": {"staging", true},
		"https://api.expenzez.com":         {"prod", false},
		"https://api.example.com":          {},
		"http://api-dev.expenzez.com":      {},
		"https://api-dev.expenzez.com/":    {},
	} {
		got, err := remote.Open(t.Context(), "../..", url, "")
		if (err == nil) != (want.stage != "") {
			t.Errorf("%s: %v", url, err)
		} else if err == nil && (got.Config.Stage != want.stage || (got.Mailbox != nil) != want.mailbox) {
			t.Errorf("%s is %s with mailbox %v", url, got.Config.Stage, got.Mailbox)
		}
	}
}
