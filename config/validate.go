package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Problem is one invalid field.
type Problem struct {
	// Stage is the configuration's stage.
	Stage string
	// Field is the path of the field, such as "API.AllowedOrigins[2]".
	Field string
	// Message says what is wrong and what to do.
	Message string
}

// Error returns one line: the stage, the field, what is wrong and what to do.
func (p Problem) Error() string {
	return fmt.Sprintf("config of stage %q: %s: %s", p.Stage, p.Field, p.Message)
}

var (
	accountID        = regexp.MustCompile(`^[0-9]{12}$`)
	regionName       = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	domainName       = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	senderName       = regexp.MustCompile(`^[A-Za-z0-9]+( [A-Za-z0-9]+)*$`)
	projectID        = regexp.MustCompile(`^proj[a-z0-9]+$`)
	premiumID        = regexp.MustCompile(`^entl[a-z0-9]+$`)
	googleID         = regexp.MustCompile(`^[a-z0-9-]+\.apps\.googleusercontent\.com$`)
	slackID          = regexp.MustCompile(`^[A-Z][A-Z0-9]{5,31}$`)
	gitHubRepository = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)
	zoneID           = regexp.MustCompile(`^Z[A-Z0-9]{5,31}$`)

	countryCode   = regexp.MustCompile(`^[A-Z]{2}$`)
	secretVersion = regexp.MustCompile(`^[A-Za-z0-9-]{32,64}$`)

	logLevels  = []LogLevel{LevelDebug, LevelInfo, LevelWarn, LevelError}
	retentions = []int{7, 14, 30} // CloudWatch's values within 7 to 30 days
)

// Validate returns every problem of the configuration, joined. Each is a [Problem].
func (c Config) Validate() error {
	v := validation{stage: c.Stage}
	v.check(slices.Contains(Stages(), c.Stage), "Stage", "unknown: use one of %s", strings.Join(Stages(), ", "))
	v.check(accountID.MatchString(c.Account), "Account", "%q is no AWS account id: give its 12 digits", c.Account)
	v.check(regionName.MatchString(c.Region), "Region", "%q is no AWS region: give one such as eu-west-2", c.Region)
	v.api(c.API)
	v.tokens(c.Tokens)
	v.signIn(c.SignIn)
	v.subscriptions(c.Subscriptions)
	v.logs(c.Logs)
	v.data(c.Data)
	v.alerts(c.Alerts)
	v.release(c.Release)
	v.email(c.Email)
	v.delivery(c)
	v.functions(c.Functions)
	v.traces(c.Traces)
	v.network(c.Controls.Network, c.Traces)
	v.budget("Registrations", c.Budgets.Registrations, true)
	v.budget("Emails", c.Budgets.Emails, true)
	v.budget("Disclosures", c.Budgets.Disclosures, false)
	v.ai(c.AI)
	v.check(c.WAF.UserPool || c.Stage != "prod", "WAF.UserPool", "false: in prod any client could call sign-up without a limit; set true")
	v.check(c.FixedCost.Lean > 0 && c.FixedCost.Full >= c.FixedCost.Lean, "FixedCost", "%+v: give both budgets in USD a month, lean no more than full", c.FixedCost)
	v.governance(c.Controls.Governance)
	return errors.Join(v.problems...)
}

// validation collects the problems of one stage.
type validation struct {
	stage    string
	problems []error
}

func (v *validation) check(ok bool, field, format string, args ...any) {
	if !ok {
		v.problems = append(v.problems, Problem{v.stage, field, fmt.Sprintf(format, args...)})
	}
}

func (v *validation) api(a API) {
	v.check(domainName.MatchString(a.Domain), "API.Domain", "%q is no host name: give one such as api.expenzez.com, in lower case and without a scheme", a.Domain)
	v.edge(a)
	v.check(len(a.AllowedOrigins) > 0, "API.AllowedOrigins", "empty: no web page could call the API; list its origins")
	for i, o := range a.AllowedOrigins {
		field := fmt.Sprintf("API.AllowedOrigins[%d]", i)
		v.check(isOrigin(o), field, "%q is no exact origin: write scheme://host[:port] in lower case, without a path and without *", o)
		v.check(v.stage != "prod" || !strings.HasPrefix(o, "http://"), field, "%q is not encrypted: prod takes no http:// origin; remove it", o)
		v.check(slices.Index(a.AllowedOrigins, o) == i, field, "%q is listed twice: remove one", o)
	}
	v.check(between(a.CORSMaxAge, 0, 24*time.Hour, time.Second), "API.CORSMaxAge", "%v: give whole seconds from 0 to 24h", a.CORSMaxAge)
	v.check(a.BurstLimit >= 1, "API.BurstLimit", "%d would refuse every request: give at least 1", a.BurstLimit)
	v.check(a.RateLimit >= 1, "API.RateLimit", "%d would refuse every request: give at least 1 a second", a.RateLimit)
}

func (v *validation) edge(a API) {
	e := a.Edge
	zone := e.Zone
	v.check((zone.ID == "") == (zone.Name == ""), "API.Edge.Zone", "%+v: give the id and the name of the zone, or neither", zone)
	v.check(zone.ID == "" || zoneID.MatchString(zone.ID), "API.Edge.Zone.ID", "%q is no id of a hosted zone: give one such as Z0123456789ABCDEFGHIJ", zone.ID)
	v.check(zone.Name == "" || strings.HasSuffix(a.Domain, "."+zone.Name), "API.Edge.Zone.Name", "%q is not the zone of %s: give the domain that ends its name", zone.Name, a.Domain)
	rates := reflect.ValueOf(e.Rates)
	for i := range rates.NumField() {
		v.check(rates.Field(i).Int() >= 10, "API.Edge.Rates."+rates.Type().Field(i).Name,
			"%d: AWS WAF takes at least 10 requests", rates.Field(i).Int())
	}
	v.check(!e.HasForwarder() || e.ForwarderUntil.Equal(e.ForwarderUntil.Truncate(time.Second)), "API.Edge.ForwarderUntil",
		"%v: give a whole second", e.ForwarderUntil)
	for i, country := range e.Countries {
		field := fmt.Sprintf("API.Edge.Countries[%d]", i)
		v.check(countryCode.MatchString(country), field, "%q is no country: give an ISO 3166 code of two capital letters, such as GB", country)
		v.check(slices.Index(e.Countries, country) == i, field, "%q is listed twice: remove one", country)
	}
	v.check(e.OriginSecretVersion == "" || secretVersion.MatchString(e.OriginSecretVersion), "API.Edge.OriginSecretVersion",
		"%q is no version of a secret: give its id, 32 to 64 letters, digits and -", e.OriginSecretVersion)
}

// tokens checks the lifetimes against the installed app's minimum and Cognito's maximum.
func (v *validation) tokens(t Tokens) {
	const access = "%v: give whole minutes, more than 15m (the app would renew it at every request), at most 24h"
	v.check(between(t.Access, 16*time.Minute, 24*time.Hour, time.Minute), "Tokens.Access", access, t.Access)
	v.check(between(t.ID, 16*time.Minute, 24*time.Hour, time.Minute), "Tokens.ID", access, t.ID)
	v.check(between(t.Refresh, 30*24*time.Hour, 10*365*24*time.Hour, time.Minute), "Tokens.Refresh", "%v: give whole minutes, at least 30 days (the app keeps the token that long), at most 10 years", t.Refresh)
}

func (v *validation) signIn(s SignIn) {
	const form = "%q is no client id of Google: give one such as 123-abc.apps.googleusercontent.com"
	v.check(len(s.GoogleClientIDs) > 0, "SignIn.GoogleClientIDs", "empty: no token of Google's would be accepted; give the id of the web client")
	for i, id := range s.GoogleClientIDs {
		v.check(googleID.MatchString(id), fmt.Sprintf("SignIn.GoogleClientIDs[%d]", i), form, id)
	}
	v.check(len(s.GoogleAppIDs) > 0, "SignIn.GoogleAppIDs", "empty: no token that the app asks for would be accepted; give the id of the Android client")
	for i, id := range s.GoogleAppIDs {
		v.check(googleID.MatchString(id), fmt.Sprintf("SignIn.GoogleAppIDs[%d]", i), form, id)
	}
}

func (v *validation) subscriptions(s Subscriptions) {
	v.check(projectID.MatchString(s.ProjectID), "Subscriptions.ProjectID", "%q is no project id of RevenueCat: give one such as proj1ab2c3d4", s.ProjectID)
	v.check(premiumID.MatchString(s.EntitlementID), "Subscriptions.EntitlementID", "%q is no entitlement id of RevenueCat: give one such as entla1b2c3d4e5", s.EntitlementID)
}

func (v *validation) logs(l Logs) {
	v.check(slices.Contains(logLevels, l.Level), "Logs.Level", "%q is no level: use one of %v", l.Level, logLevels)
	v.check(slices.Contains(retentions, l.RetentionDays), "Logs.RetentionDays", "%d: use one of %v", l.RetentionDays, retentions)
	v.check(v.stage != "prod" || l.RetentionDays >= 30, "Logs.RetentionDays", "%d: an incident in prod may be found weeks later; keep 30 days", l.RetentionDays)
}

func (v *validation) data(d Data) {
	v.check(!d.Disposable || v.stage == "dev" || v.stage == "local", "Data.Disposable", "true: only dev and local may lose data with a stack; set false")
	v.check(d.RecoveryDays >= 1 && d.RecoveryDays <= 35, "Data.RecoveryDays", "%d: DynamoDB restores 1 to 35 days back", d.RecoveryDays)
	v.check(v.stage != "prod" || d.RecoveryDays >= 35, "Data.RecoveryDays", "%d: prod keeps all that DynamoDB offers; set 35", d.RecoveryDays)
}

func (v *validation) alerts(a Alerts) {
	v.check(len(a.Emails) > 0 || v.stage != "prod", "Alerts.Emails", "empty: alarms of prod must reach an operator; give an address")
	for i, address := range a.Emails {
		v.check(isAddress(address), fmt.Sprintf("Alerts.Emails[%d]", i), "%q is no e-mail address: give one such as alerts@expenzez.com", address)
	}
	for i, channel := range a.Slack {
		v.check(slackID.MatchString(channel.WorkspaceID) && slackID.MatchString(channel.ChannelID), fmt.Sprintf("Alerts.Slack[%d]", i),
			"%+v: give the ids of workspace and channel, such as T0123ABCDEF and C0123ABCDEF", channel)
	}
	v.check(a.MinimumRequests >= 2, "Alerts.MinimumRequests", "%d: one failed request would raise the alarm; give at least 2", a.MinimumRequests)
	v.securityThresholds(a.Security)
}

func (v *validation) email(e Email) {
	v.check(isAddress(e.From) && domainName.MatchString(e.Domain()), "Email.From", "%q is no e-mail address: give one such as hello@mail.expenzez.com, its domain in lower case", e.From)
	v.check(isAddress(e.ReplyTo), "Email.ReplyTo", "%q is no e-mail address: give one that support staff read, such as support@expenzez.com", e.ReplyTo)
	v.check(senderName.MatchString(e.Name) && len(e.Name) <= 30, "Email.Name", "%q: give at most 30 letters, digits and single spaces, such as Expenzez", e.Name)
}

// securityThresholds checks that each alarm's thresholds are in order.
func (v *validation) securityThresholds(s SecurityThresholds) {
	all := reflect.ValueOf(s)
	for i := range all.NumField() {
		thresholds, field := all.Field(i).Interface().(Thresholds), "Alerts.Security."+all.Type().Field(i).Name
		v.check(thresholds.Warning >= 0 && thresholds.Critical >= 0, field, "%+v: give numbers from 0", thresholds)
		v.check(thresholds.Critical == 0 || thresholds.Critical > thresholds.Warning, field, "%+v: warn of fewer than are critical", thresholds)
		v.check(thresholds != Thresholds{} || field == "Alerts.Security.LostEvents", field, "{}: every one would be an alarm; say how many are ordinary")
	}
}

func (v *validation) delivery(c Config) {
	d := c.Delivery
	v.check(d.Repository == "" || gitHubRepository.MatchString(d.Repository), "Delivery.Repository", "%q is no repository of GitHub: give one such as owner/name", d.Repository)
	v.check(!d.Mailbox || c.Stage != "prod", "Delivery.Mailbox", "true: no test signs up in prod; leave it out")
	v.check(d.Reviewed || d.Repository == "" || c.Stage != "prod", "Delivery.Reviewed", "false: a push alone would deploy prod; set true")
}

// isAddress reports whether s is one e-mail address and nothing else.
func isAddress(s string) bool {
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Address == s
}

func (v *validation) functions(f Functions) {
	v.check(f.Architecture == ARM64 || f.Architecture == X86_64, "Functions.Architecture", "%q: use %s or %s", f.Architecture, ARM64, X86_64)
	v.check(f.MemoryMB >= 128 && f.MemoryMB <= 10240, "Functions.MemoryMB", "%d: Lambda takes 128 to 10240", f.MemoryMB)
	v.check(between(f.Timeout, time.Second, 29*time.Second, time.Second), "Functions.Timeout", "%v: give whole seconds from 1s to 29s; an HTTP API stops waiting at 30s", f.Timeout)
	v.concurrency(f.Concurrency)
}

func (v *validation) traces(t Traces) {
	u, err := url.Parse(t.Endpoint)
	v.check(t.Endpoint == "" || err == nil && u.Host != "" && (u.Scheme == "https" || v.stage == "local"),
		"Traces.Endpoint", "%q is no https URL: give the base URL of an OTLP endpoint, or nothing", t.Endpoint)
}

// budget checks a budget against the limits of DynamoDB and of the clean-up. A shared budget needs a number
// for the stage.
func (v *validation) budget(name string, b Budget, shared bool) {
	field := "Budgets." + name
	v.check(b.PerIP >= 1, field+".PerIP", "%d would refuse every request: give at least 1", b.PerIP)
	v.check(b.PerStage >= 0 && (b.PerStage > 0 || !shared), field+".PerStage", "%d: give a number above 0, which an alarm watches", b.PerStage)
	v.check(b.PerStage == 0 || b.PerIP <= b.PerStage, field+".PerIP", "%d is more than PerStage, %d: lower it", b.PerIP, b.PerStage)
	v.check(b.PerStage == 0 || v.stage == "local" || b.PerIP*20 <= b.PerStage, field+".PerIP",
		"%d: one address could spend more than a twentieth of the stage's %d; lower it", b.PerIP, b.PerStage)
}

// between reports whether d lies in [low, high] and is a whole number of units.
func between(d, low, high, unit time.Duration) bool {
	return d >= low && d <= high && d%unit == 0
}

// isOrigin reports whether s is the serialisation of one origin, as a browser sends it
// (https://www.rfc-editor.org/rfc/rfc6454#section-6.2).
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Hostname() != "" && s == u.Scheme+"://"+strings.ToLower(u.Host) && !strings.Contains(s, "*")
}
