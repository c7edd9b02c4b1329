package config_test

import (
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
)

// realValues puts a real value in the place of every example.
func realValues(c config.Config) config.Config {
	c.Account = "481516234200"
	if c.API.Edge.Zone.ID != "" {
		c.API.Edge.Zone.ID = "Z0123456789ABCDEFGHIJ"
	}
	c.SignIn = config.SignIn{GoogleClientIDs: []string{"1-a.apps.googleusercontent.com"}, GoogleAppIDs: []string{"1-b.apps.googleusercontent.com"}}
	c.Subscriptions = config.Subscriptions{ProjectID: "proj1ab2c3d4", EntitlementID: "entla1b2c3d4e5"}
	return c
}

func TestPlaceholders_Examples_AreAllNamed(t *testing.T) {
	for stage, want := range map[string]string{
		"dev":     "Account SignIn.GoogleClientIDs[0] SignIn.GoogleAppIDs[0] Subscriptions.ProjectID Subscriptions.EntitlementID",
		"staging": "Account API.Edge.Zone.ID SignIn.GoogleClientIDs[0] SignIn.GoogleAppIDs[0] Subscriptions.ProjectID Subscriptions.EntitlementID",
		"prod":    "Account API.Edge.Zone.ID SignIn.GoogleClientIDs[0] SignIn.GoogleAppIDs[0] Subscriptions.ProjectID Subscriptions.EntitlementID",
		"local":   "",
	} {
		var fields []string
		for _, p := range MustLoad(t, stage).Placeholders() {
			fields = append(fields, p.Field)
			if p.Put == "" || p.Value == "" {
				t.Errorf("%s: %+v does not say what to put there", stage, p)
			}
		}
		if got := strings.Join(fields, " "); got != want {
			t.Errorf("%s: got %q, want %q", stage, got, want)
		}
	}
}

func TestPlaceholders_RealValues_AreNone(t *testing.T) {
	for _, stage := range []string{"dev", "staging", "prod"} {
		c := realValues(MustLoad(t, stage))
		if found := c.Placeholders(); len(found) > 0 || c.PlaceholderNote() != "" {
			t.Errorf("%s: %v", stage, found)
		}
		if err := c.CheckDeployable(c.Account); err != nil {
			t.Errorf("%s: %v", stage, err)
		}
	}
}

func TestCheckDeployable_WithCredentials_NamesEveryExampleAndTheAccount(t *testing.T) {
	c := MustLoad(t, "prod")
	if err := c.CheckDeployable(""); err != nil {
		t.Errorf("without credentials: %v", err)
	}
	for _, account := range []string{c.Account, "481516234200"} {
		err := c.CheckDeployable(account)
		if err == nil {
			t.Fatalf("credentials of %s are accepted", account)
		}
		for _, p := range c.Placeholders() {
			if !strings.Contains(err.Error(), p.Field) {
				t.Errorf("%v does not name %s", err, p.Field)
			}
		}
		if account != c.Account && !strings.Contains(err.Error(), account) {
			t.Errorf("%v does not name %s", err, account)
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%v has more than one line", err)
		}
	}
}
