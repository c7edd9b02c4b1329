package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/config"
)

// problems returns the problems that Validate joined.
func problems(t *testing.T, err error) []config.Problem {
	t.Helper()
	if err == nil {
		return nil
	}
	var found []config.Problem
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		var p config.Problem
		if !errors.As(e, &p) {
			t.Fatalf("%v is no Problem", e)
		}
		found = append(found, p)
	}
	return found
}

func TestValidate_ManyProblems_ReportsAll(t *testing.T) {
	c := MustLoad(t, "prod")
	c.Account = "1234"
	c.API.RateLimit = 0
	c.Data.Disposable = true
	err := c.Validate()
	if got := len(problems(t, err)); got != 3 {
		t.Fatalf("%d problems, want 3:\n%v", got, err)
	}
	for _, want := range []string{`"prod": Account: "1234"`, `"prod": API.RateLimit: 0`, `"prod": Data.Disposable: true`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
}

func TestValidate_InvalidField_IsRefused(t *testing.T) {
	for _, tc := range []struct {
		name, stage, field, says string
		breakIt                  func(*config.Config)
	}{
		{"a stage that does not exist", "dev", "Stage", "dev, staging, prod, local", func(c *config.Config) { c.Stage, c.Data.Disposable = "qa", false }},
		{"an account of 11 digits", "dev", "Account", "12 digits", func(c *config.Config) { c.Account = "11111111111" }},
		{"an account with letters", "dev", "Account", "12 digits", func(c *config.Config) { c.Account = "11111111111a" }},
		{"a URL for a repository", "dev", "Delivery.Repository", "owner/name", func(c *config.Config) { c.Delivery.Repository = "https://github.com/shop/backend" }},
		{"a mailbox in prod", "prod", "Delivery.Mailbox", "leave it out", func(c *config.Config) { c.Delivery.Mailbox = true }},
		{"prod without a review", "prod", "Delivery.Reviewed", "set true", func(c *config.Config) { c.Delivery.Reviewed = false }},
		{"an empty region", "dev", "Region", "eu-west-2", func(c *config.Config) { c.Region = "" }},
		{"a zone for a region", "dev", "Region", `"eu-west-2a"`, func(c *config.Config) { c.Region = "eu-west-2a" }},
		{"no domain in local", "local", "API.Domain", "no host name", func(c *config.Config) { c.API.Domain = "" }},
		{"no domain in prod", "prod", "API.Domain", "no host name", func(c *config.Config) { c.API.Domain, c.API.Edge.Zone = "", config.HostedZone{} }},
		{"a forwarder until a part of a second", "prod", "API.Edge.ForwarderUntil", "whole second", func(c *config.Config) { c.API.Edge.ForwarderUntil = c.API.Edge.ForwarderUntil.Add(1) }},
		{"a URL for a domain", "dev", "API.Domain", "without a scheme", func(c *config.Config) { c.API.Domain = "https://api.expenzez.com" }},
		{"a label over 63 characters", "dev", "API.Domain", "host name", func(c *config.Config) { c.API.Domain = strings.Repeat("a", 64) + ".com" }},
		{"a domain in capitals", "dev", "API.Domain", "lower case", func(c *config.Config) { c.API.Domain = "API.expenzez.com" }},
		{"a zone without its name", "prod", "API.Edge.Zone", "or neither", func(c *config.Config) { c.API.Edge.Zone.Name = "" }},
		{"a zone's id with its path", "prod", "API.Edge.Zone.ID", "Z0123456789", func(c *config.Config) { c.API.Edge.Zone.ID = "/hostedzone/Z0123" }},
		{"another domain's zone", "prod", "API.Edge.Zone.Name", "api.expenzez.com", func(c *config.Config) { c.API.Edge.Zone.Name = "penzez.com" }},
		{"a rate below AWS's", "prod", "API.Edge.Rates.Codes", "at least 10", func(c *config.Config) { c.API.Edge.Rates.Codes = 9 }},
		{"a country by its name", "prod", "API.Edge.Countries[1]", "two capital letters", func(c *config.Config) { c.API.Edge.Countries = []string{"GB", "Ireland"} }},
		{"a country twice", "prod", "API.Edge.Countries[1]", "listed twice", func(c *config.Config) { c.API.Edge.Countries = []string{"GB", "GB"} }},
		{"a stage for a version", "prod", "API.Edge.OriginSecretVersion", "32 to 64", func(c *config.Config) { c.API.Edge.OriginSecretVersion = "AWSCURRENT" }},
		{"no origins", "dev", "API.AllowedOrigins", "list its origins", func(c *config.Config) { c.API.AllowedOrigins = nil }},
		{"every origin", "dev", "API.AllowedOrigins[0]", "without *", origin("*")},
		{"every subdomain", "dev", "API.AllowedOrigins[0]", "without *", origin("https://*.expenzez.com")},
		{"an origin without a scheme", "dev", "API.AllowedOrigins[0]", "scheme://", origin("expenzez.com")},
		{"an origin without a host", "dev", "API.AllowedOrigins[0]", "scheme://", origin("https://:8081")},
		{"an origin with a slash", "dev", "API.AllowedOrigins[0]", "without a path", origin("https://expenzez.com/")},
		{"an origin with a query", "dev", "API.AllowedOrigins[0]", "without a path", origin("https://expenzez.com?a=b")},
		{"an origin with a user", "dev", "API.AllowedOrigins[0]", "without a path", origin("https://me@expenzez.com")},
		{"an origin in capitals", "dev", "API.AllowedOrigins[0]", "lower case", origin("https://Expenzez.com")},
		{"an origin with a bad port", "dev", "API.AllowedOrigins[0]", "port", origin("https://expenzez.com:http")},
		{"an origin twice", "dev", "API.AllowedOrigins[1]", "twice", func(c *config.Config) { c.API.AllowedOrigins[1] = c.API.AllowedOrigins[0] }},
		{"plain HTTP in prod", "prod", "API.AllowedOrigins[0]", "http://", origin("http://expenzez.com")},
		{"a negative max age", "dev", "API.CORSMaxAge", "-1s", func(c *config.Config) { c.API.CORSMaxAge = -time.Second }},
		{"a max age over a day", "dev", "API.CORSMaxAge", "24h", func(c *config.Config) { c.API.CORSMaxAge = 24*time.Hour + time.Second }},
		{"a max age of half a second", "dev", "API.CORSMaxAge", "500ms", func(c *config.Config) { c.API.CORSMaxAge = time.Second / 2 }},
		{"no burst", "dev", "API.BurstLimit", "at least 1", func(c *config.Config) { c.API.BurstLimit = 0 }},
		{"no rate", "dev", "API.RateLimit", "at least 1", func(c *config.Config) { c.API.RateLimit = -1 }},
		{"access tokens that the app renews at every request", "dev", "Tokens.Access", "15m", func(c *config.Config) { c.Tokens.Access = 15 * time.Minute }},
		{"access tokens over a day", "dev", "Tokens.Access", "24h", func(c *config.Config) { c.Tokens.Access = 25 * time.Hour }},
		{"access tokens of half minutes", "dev", "Tokens.Access", "whole minutes", func(c *config.Config) { c.Tokens.Access = time.Hour + 30*time.Second }},
		{"ID tokens over a day", "dev", "Tokens.ID", "24h", func(c *config.Config) { c.Tokens.ID = 25 * time.Hour }},
		{"short ID tokens", "dev", "Tokens.ID", "15m", func(c *config.Config) { c.Tokens.ID = 5 * time.Minute }},
		{"refresh tokens shorter than the app keeps them", "dev", "Tokens.Refresh", "30 days", func(c *config.Config) { c.Tokens.Refresh = 29 * 24 * time.Hour }},
		{"refresh tokens over ten years", "dev", "Tokens.Refresh", "10 years", func(c *config.Config) { c.Tokens.Refresh = 3651 * 24 * time.Hour }},
		{"no client of Google", "dev", "SignIn.GoogleClientIDs", "web client", func(c *config.Config) { c.SignIn.GoogleClientIDs = nil }},
		{"no app that may ask Google", "dev", "SignIn.GoogleAppIDs", "Android client", func(c *config.Config) { c.SignIn.GoogleAppIDs = nil }},
		{"a client id with a scheme", "dev", "SignIn.GoogleClientIDs[0]", "no client id", func(c *config.Config) { c.SignIn.GoogleClientIDs = []string{"https://1.apps.googleusercontent.com"} }},
		{"two client ids in one", "dev", "SignIn.GoogleClientIDs[0]", "no client id", func(c *config.Config) {
			c.SignIn.GoogleClientIDs = []string{"1.apps.googleusercontent.com 2.apps.googleusercontent.com"}
		}},
		{"no project at RevenueCat", "dev", "Subscriptions.ProjectID", "proj1ab2c3d4", func(c *config.Config) { c.Subscriptions.ProjectID = "" }},
		{"two projects in one", "dev", "Subscriptions.ProjectID", "project id", func(c *config.Config) { c.Subscriptions.ProjectID = "proj1 proj2" }},
		{"the identifier of an entitlement", "dev", "Subscriptions.EntitlementID", `"premium"`, func(c *config.Config) { c.Subscriptions.EntitlementID = "premium" }},
		{"a client of another domain", "dev", "SignIn.GoogleAppIDs[0]", "no client id", func(c *config.Config) { c.SignIn.GoogleAppIDs = []string{"1.example.com"} }},
		{"an unknown log level", "dev", "Logs.Level", "DEBUG", func(c *config.Config) { c.Logs.Level = "debug" }},
		{"logs kept for ever", "dev", "Logs.RetentionDays", "[7 14 30]", func(c *config.Config) { c.Logs.RetentionDays = 0 }},
		{"a retention that CloudWatch does not have", "dev", "Logs.RetentionDays", "[7 14 30]", func(c *config.Config) { c.Logs.RetentionDays = 10 }},
		{"a week of logs in prod", "prod", "Logs.RetentionDays", "30 days", func(c *config.Config) { c.Logs.RetentionDays = 7 }},
		{"disposable data in staging", "staging", "Data.Disposable", "set false", func(c *config.Config) { c.Data.Disposable = true }},
		{"disposable data in prod", "prod", "Data.Disposable", "set false", func(c *config.Config) { c.Data.Disposable = true }},
		{"no recovery", "dev", "Data.RecoveryDays", "1 to 35", func(c *config.Config) { c.Data.RecoveryDays = 0 }},
		{"recovery over what DynamoDB offers", "dev", "Data.RecoveryDays", "1 to 35", func(c *config.Config) { c.Data.RecoveryDays = 36 }},
		{"short recovery in prod", "prod", "Data.RecoveryDays", "set 35", func(c *config.Config) { c.Data.RecoveryDays = 34 }},
		{"prod without an alarm address", "prod", "Alerts.Emails", "must reach an operator", func(c *config.Config) { c.Alerts.Emails = nil }},
		{"an alarm that is critical before it warns", "dev", "Alerts.Security.WrongCodes", "warn of fewer", func(c *config.Config) { c.Alerts.Security.WrongCodes = config.Thresholds{Warning: 5, Critical: 5} }},
		{"an alarm without thresholds", "dev", "Alerts.Security.LockedPINs", "how many are ordinary", func(c *config.Config) { c.Alerts.Security.LockedPINs = config.Thresholds{} }},
		{"an alarm at one failure in a night", "dev", "Alerts.MinimumRequests", "at least 2", func(c *config.Config) { c.Alerts.MinimumRequests = 1 }},
		{"alarms sent to no address", "dev", "Alerts.Emails[0]", "no e-mail address", func(c *config.Config) { c.Alerts.Emails = []string{"Alerts <a@b.c>"} }},
		{"a channel by its name", "dev", "Alerts.Slack[0]", "C0123ABCDEF", func(c *config.Config) {
			c.Alerts.Slack = []config.SlackChannel{{WorkspaceID: "T0123ABCDEF", ChannelID: "#alerts"}}
		}},
		{"e-mails from nobody", "dev", "Email.From", "hello@mail.expenzez.com", func(c *config.Config) { c.Email.From = "" }},
		{"e-mails from a name", "dev", "Email.From", "no e-mail address", func(c *config.Config) { c.Email.From = "Expenzez <hello@mail.expenzez.com>" }},
		{"e-mails from two", "dev", "Email.From", "no e-mail address", func(c *config.Config) { c.Email.From = "a@mail.expenzez.com,b@mail.expenzez.com" }},
		{"e-mails from a domain in capitals", "dev", "Email.From", "lower case", func(c *config.Config) { c.Email.From = "hello@Mail.Expenzez.com" }},
		{"e-mails from a host", "dev", "Email.From", "no e-mail address", func(c *config.Config) { c.Email.From = "hello@localhost" }},
		{"an empty ReplyTo", "prod", "Email.ReplyTo", "support staff read", func(c *config.Config) { c.Email.ReplyTo = "" }},
		{"e-mails without a name", "dev", "Email.Name", "such as Expenzez", func(c *config.Config) { c.Email.Name = "" }},
		{"a name that ends the header", "dev", "Email.Name", "letters", func(c *config.Config) { c.Email.Name = "Expenzez\r\nBcc: a@b.c" }},
		{"a name that outgrows a subject", "dev", "Email.Name", "30", func(c *config.Config) { c.Email.Name = strings.Repeat("a", 31) }},
		{"Go's name of an architecture", "dev", "Functions.Architecture", "x86_64", func(c *config.Config) { c.Functions.Architecture = "amd64" }},
		{"too little memory", "dev", "Functions.MemoryMB", "128", func(c *config.Config) { c.Functions.MemoryMB = 127 }},
		{"too much memory", "dev", "Functions.MemoryMB", "10240", func(c *config.Config) { c.Functions.MemoryMB = 10241 }},
		{"no timeout", "dev", "Functions.Timeout", "1s", func(c *config.Config) { c.Functions.Timeout = 0 }},
		{"a timeout after the API's", "dev", "Functions.Timeout", "30s", func(c *config.Config) { c.Functions.Timeout = 30 * time.Second }},
		{"a user pool without a web ACL", "prod", "WAF.UserPool", "set true", func(c *config.Config) { c.WAF.UserPool = false }},
		{"no budget for the fixed cost", "prod", "FixedCost", "give both budgets", func(c *config.Config) { c.FixedCost.Lean = 0 }},
		{"a lean budget above the full one", "prod", "FixedCost", "lean no more than full", func(c *config.Config) { c.FixedCost.Lean = c.FixedCost.Full + 1 }},
		{"an endpoint of traces that is no URL", "dev", "Traces.Endpoint", "https URL", func(c *config.Config) { c.Traces.Endpoint = "xray" }},
		{"an endpoint of traces without TLS", "prod", "Traces.Endpoint", "https URL", func(c *config.Config) { c.Traces.Endpoint = "http://collector.example.com" }},
		{"a timeout of half seconds", "dev", "Functions.Timeout", "whole seconds", func(c *config.Config) { c.Functions.Timeout = 1500 * time.Millisecond }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := MustLoad(t, tc.stage)
			tc.breakIt(&c)
			err := c.Validate()
			found := problems(t, err)
			if len(found) != 1 || found[0].Field != tc.field || found[0].Stage != c.Stage {
				t.Fatalf("got %v, want one problem with %s of %s", err, tc.field, c.Stage)
			}
			if !strings.Contains(found[0].Message, tc.says) {
				t.Errorf("%q does not say %q", found[0].Message, tc.says)
			}
		})
	}
}

func TestValidate_LimitValues_AreAccepted(t *testing.T) {
	lowest, highest := MustLoad(t, "dev"), MustLoad(t, "dev")
	lowest.Region = "us-gov-west-1"
	lowest.API = config.API{Domain: "a.co", AllowedOrigins: []string{"https://a.co:8443"}, BurstLimit: 1, RateLimit: 1,
		Edge: config.Edge{Rates: config.EdgeRates{All: 10, Auth: 10, Refresh: 10, Registrations: 10, Codes: 10, Imports: 10, AI: 10}}}
	lowest.Tokens = config.Tokens{Access: 16 * time.Minute, ID: 16 * time.Minute, Refresh: 30 * 24 * time.Hour}
	lowest.Data = config.Data{RecoveryDays: 1}
	lowest.Functions = config.Functions{Architecture: config.X86_64, MemoryMB: 128, Timeout: time.Second, Concurrency: config.Concurrency{Quota: 10}}
	highest.API.Domain = strings.Repeat("a", 63) + ".1-0.dev"
	highest.API.CORSMaxAge = 24 * time.Hour
	highest.Tokens = config.Tokens{Access: 24 * time.Hour, ID: 24 * time.Hour, Refresh: 3650 * 24 * time.Hour}
	highest.Logs = config.Logs{Level: config.LevelError, RetentionDays: 30}
	highest.Data = config.Data{RecoveryDays: 35}
	lowest.Email.Name, highest.Email.Name = "E", strings.Repeat("a b", 10)
	highest.Functions = config.Functions{Architecture: config.ARM64, MemoryMB: 10240, Timeout: 29 * time.Second, Concurrency: config.Concurrency{Quota: 1000, Public: 1, Consumer: 2}}
	for name, c := range map[string]config.Config{"lowest": lowest, "highest": highest} {
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// origin replaces the first allowed origin.
func origin(o string) func(*config.Config) {
	return func(c *config.Config) { c.API.AllowedOrigins[0] = o }
}
