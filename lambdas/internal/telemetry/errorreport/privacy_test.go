package errorreport_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/redact"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// The canaries: invented values of every kind that must not reach Sentry.
const (
	canaryJWT    = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl-Y2FuYXJ5"
	canaryEmail  = "canary.bird+tag@mail.example.co.uk"
	canaryPhone  = "+447700900123"
	canaryBearer = "canary-opaque-access"
	canaryName   = "Canary Lovelace"
)

func leaked(text string) (found []string) {
	for _, canary := range []string{canaryJWT, canaryEmail, canaryPhone, canaryBearer, canaryName, "canary.bird", "+4477", "7700900", "eyJ", "Y2FuYXJ5"} {
		if strings.Contains(text, canary) {
			found = append(found, canary)
		}
	}
	return found
}

type person struct{ Name, Email string }

type tooFew struct{ who string }

func (e tooFew) Error() string { return "too few: " + e.who }

func TestNew_Canaries_AreRedacted(t *testing.T) {
	all := strings.Join([]string{canaryEmail, canaryPhone, "Bearer " + canaryBearer, canaryJWT}, " ")
	for name, failure := range map[string]error{
		"an error":                 errors.New(all),
		"an answer's cause":        apierror.Internal.Because(fmt.Errorf("send to %s", all)),
		"a wrapped error":          fmt.Errorf("outer %s: %w", all, tooFew{all}),
		"joined errors":            errors.Join(errors.New("first"), fmt.Errorf("a: %w", tooFew{all}), errors.New(all)),
		"JSON in an error":         fmt.Errorf(`body {"email":"%s","password":"%s"}`, canaryEmail, canaryBearer),
		"a header in an error":     errors.New("Authorization: Bearer " + canaryBearer + " " + canaryEmail),
		"a text that panicked":     panicked(func() { panic(all) }),
		"an error that panicked":   panicked(func() { panic(fmt.Errorf("a: %w", tooFew{all})) }),
		"a value that panicked":    panicked(func() { panic(person{canaryName, canaryEmail}) }),
		"a token that is cut":      errors.New(strings.Repeat("x", 1<<10-len(canaryJWT)/2) + " " + canaryJWT + " " + all),
		"many tokens, one cut":     errors.New(strings.Repeat(canaryJWT+" ", 300)),
		"many numbers, one cut":    errors.New(strings.Repeat(canaryPhone+" ", 1500)),
		"a long text before it":    errors.New(strings.Repeat("£ ", 4<<10) + all),
		"a panic below an error":   fmt.Errorf("worker: %w", panickedPlainly(all)),
		"a canary in every member": apierror.Internal.Because(tooFew{all}),
	} {
		t.Run(name, func(t *testing.T) {
			about := about
			if name == "a canary in every member" {
				about.Route, about.RequestID, about.Code = all, all, all
			}
			_, text := made(t, t.Context(), failure, about)
			if found := leaked(text); found != nil {
				t.Errorf("%q is reported in %s", found, text)
			}
			if !strings.Contains(text, redact.Marker) && !strings.Contains(text, "…") && !strings.Contains(text, "of type") {
				t.Errorf("nothing says that something is left out: %s", text)
			}
		})
	}
}

func panickedPlainly(text string) (err error) {
	defer func() { err = telemetry.Recovered(recover()) }()
	panic(text)
}
