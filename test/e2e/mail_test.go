package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/local"
)

// The e-mail with the code has the app's text and domain, also when Cognito sends it.
func codesArrive(t *testing.T) {
	cfg, err := config.Load("local")
	if err != nil {
		t.Fatal(err)
	}
	template, err := emailtemplates.CognitoCode(cfg.Email.Name)
	if err != nil {
		t.Fatal(err)
	}
	newUser(t, "margaret")
	sent := mailsTo(t, "margaret@example.com", confirmationCode)
	if len(sent) != 1 {
		t.Fatalf("%d codes were sent to the new user", len(sent))
	}
	got := sent[0]
	if want := cfg.Email.Name + " <" + cfg.Email.From + ">"; got.From != want {
		t.Errorf("it comes from %s, not %s", got.From, want)
	}
	if got.Subject != template.Subject || got.HTML != strings.ReplaceAll(template.HTML, "{####}", confirmationCode) {
		t.Errorf("it says %s\n%s", got.Subject, got.HTML)
	}
}

// mailsTo returns the e-mails to an address that contain the text, oldest first.
func mailsTo(t *testing.T, address, text string) []local.Message {
	t.Helper()
	sent, err := stage.Mail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(sent, func(m local.Message) bool {
		return !slices.Equal(m.To, []string{address}) || !strings.Contains(m.Subject+m.HTML, text)
	})
}
