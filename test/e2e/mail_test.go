package e2e_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/mails"
	"github.com/expenzez/infrastructure/local"
)

// The code comes in our words from our domain, also when Cognito sends it.
func codesArrive(t *testing.T) {
	cfg, err := config.Load("local")
	if err != nil {
		t.Fatal(err)
	}
	template, err := mails.CognitoCode(cfg.Email.Name)
	if err != nil {
		t.Fatal(err)
	}
	newcomer(t, "margaret")
	sent, err := stage.Mail(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(sent, func(m local.Message) bool { return slices.Equal(m.To, []string{"margaret@example.com"}) })
	if at < 0 {
		t.Fatalf("nothing was sent to the newcomer, but %d e-mails to others", len(sent))
	}
	got := sent[at]
	if want := cfg.Email.Name + " <" + cfg.Email.From + ">"; got.From != want {
		t.Errorf("it comes from %s, not %s", got.From, want)
	}
	if got.Subject != template.Subject || got.HTML != strings.ReplaceAll(template.HTML, "{####}", confirmationCode) {
		t.Errorf("it says %s\n%s", got.Subject, got.HTML)
	}
}
