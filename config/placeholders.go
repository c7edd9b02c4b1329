package config

import (
	"fmt"
	"strings"
)

// Placeholder is a field that still has its example and not the real value.
type Placeholder struct {
	// Field is the path of the field, such as API.Edge.Zone.ID.
	Field string
	// Value is the example.
	Value string
	// Put says which value belongs there.
	Put string
}

// examples returns the examples of a stage's file, made from the stage's digit. A field that has its example
// is a placeholder: replace the whole expression by the real value.
func examples(digit string) exampleValues {
	twelve := strings.Repeat(digit, 12)
	return exampleValues{
		account:       twelve,
		zone:          "Z0" + strings.Repeat(digit, 12),
		googleWeb:     twelve + "-web",
		googleAndroid: twelve + "-android",
		project:       "proj" + strings.Repeat(digit, 8),
		entitlement:   "entl" + strings.Repeat(digit, 10),
	}
}

type exampleValues struct{ account, zone, googleWeb, googleAndroid, project, entitlement string }

// exampleDigits are the digits of the stages that begin with examples.
var exampleDigits = map[string]string{"dev": "1", "staging": "2", "prod": "3"}

// Placeholders returns the fields that still have their examples. A stage that has any cannot be deployed.
func (c Config) Placeholders() (found []Placeholder) {
	digit, has := exampleDigits[c.Stage]
	if !has {
		return nil
	}
	e := examples(digit)
	sample := google(e.googleWeb, e.googleAndroid)
	check := func(field, value, example, put string) {
		if value == example {
			found = append(found, Placeholder{field, value, put})
		}
	}
	check("Account", c.Account, e.account, "the id of the stage's AWS account")
	check("API.Edge.Zone.ID", c.API.Edge.Zone.ID, e.zone, "the id of the Route 53 zone")
	for i, id := range c.SignIn.GoogleClientIDs {
		check(fmt.Sprintf("SignIn.GoogleClientIDs[%d]", i), id, sample.GoogleClientIDs[0], "the id of the Google project's web client")
	}
	for i, id := range c.SignIn.GoogleAppIDs {
		check(fmt.Sprintf("SignIn.GoogleAppIDs[%d]", i), id, sample.GoogleAppIDs[0], "the id of the Google project's Android client")
	}
	check("Subscriptions.ProjectID", c.Subscriptions.ProjectID, e.project, "the id of the RevenueCat project")
	check("Subscriptions.EntitlementID", c.Subscriptions.EntitlementID, e.entitlement, "the id of RevenueCat's entitlement")
	return found
}

// PlaceholderNote returns one line that names the placeholders, or nothing if there are none.
func (c Config) PlaceholderNote() string {
	var fields []string
	for _, p := range c.Placeholders() {
		fields = append(fields, p.Field)
	}
	if len(fields) == 0 {
		return ""
	}
	return fmt.Sprintf("config/%s.go has examples in place of %s", c.Stage, strings.Join(fields, ", "))
}

// CheckDeployable returns an error if the stage cannot be deployed with the credentials in use: those of the
// account current. It names every placeholder and the wrong account at once. An empty current means that
// there are no credentials, as in a synth or a test, and is allowed.
func (c Config) CheckDeployable(current string) error {
	if current == "" {
		return nil
	}
	account := c.CheckAccount(current)
	note := c.PlaceholderNote()
	switch {
	case note == "":
		return account
	case account == nil:
		return fmt.Errorf("%s: put the real values there before you deploy", note)
	}
	return fmt.Errorf("%w; %s: put the real values there before you deploy", account, note)
}
