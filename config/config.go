package config

import (
	"fmt"
	"strings"
	"time"
)

// Config holds everything that may differ between two stages.
type Config struct {
	// Stage is the name that Load was given: dev, staging, prod or local.
	Stage string
	// Account is the 12-digit AWS account of the stage. No two stages share one.
	Account string
	// Region is the AWS region of every resource, such as eu-west-2.
	Region string
	// API is the HTTP API as clients see it.
	API API
	// Tokens are the lifetimes of Cognito's tokens.
	Tokens Tokens
	// SignIn configures sign-in with Apple and Google.
	SignIn SignIn
	// Subscriptions names the RevenueCat project that knows the users' plans.
	Subscriptions Subscriptions
	// Logs says which levels are logged and how long logs are kept.
	Logs Logs
	// Data says how stored data is protected from loss.
	Data Data
	// Alerts says which addresses alarms notify, and when.
	Alerts Alerts
	// Email holds the sender of users' e-mails.
	Email Email
	// Delivery says which workflows deploy and test the stage.
	Delivery Delivery
	// Functions holds the defaults of every Lambda function.
	Functions Functions
	// Traces says where the functions send their spans.
	Traces Traces
	// WAF says what AWS WAF protects.
	WAF WAF
	// Budgets limit what signed-out clients may cause in a day.
	Budgets Budgets
	// AI says whether and how the stage uses OpenAI's model.
	AI AI
	// Controls are the controls with a fixed price. Stages take those of a [Profile].
	Controls Controls
	// FixedCost is the budget for what the stage costs in a month without a single request.
	FixedCost FixedCost
	// Release says how new versions of the functions go live.
	Release Release
	// ThreatProtection makes Cognito refuse passwords that are known from breaches and record the risk of
	// each sign-in. It needs the Plus plan: 0.02 USD for each user of a month without free users. The
	// Essentials plan has 10,000 free users and then costs 0.015 USD.
	// https://aws.amazon.com/cognito/pricing/
	ThreatProtection bool
}

// API is the HTTP API as clients see it.
type API struct {
	// Domain is the host name clients call: the name of the edge (CloudFront and AWS WAF).
	Domain string
	// Edge configures the edge.
	Edge Edge
	// AllowedOrigins are the exact origins (scheme://host[:port]) whose pages may call the API.
	AllowedOrigins []string
	// CORSMaxAge is how long a browser may cache the response to a preflight: whole seconds, 0 to 24 hours.
	// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html
	CORSMaxAge time.Duration
	// BurstLimit is how many requests of all clients may arrive at once before the stage responds with 429.
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
	BurstLimit int
	// RateLimit is how many requests of all clients a second the stage serves in the long run.
	RateLimit int
	// RouteMetrics makes CloudWatch keep metrics for each route beside those of the API. It costs up to 1.80
	// USD a month for each route that clients call (six metrics of 0.30 USD). The access log answers the
	// same questions, so every stage leaves it off; turn it on while you study single routes.
	// https://aws.amazon.com/cloudwatch/pricing/
	RouteMetrics bool
}

// OriginDomain returns the host name of the API in its own region, which only the edge calls. It is in the
// same zone as Domain.
func (a API) OriginDomain() string { return "origin-" + a.Domain }

// Edge configures CloudFront and AWS WAF in front of the API.
type Edge struct {
	// Zone is the Route 53 hosted zone of the API's names, in the stage's account. The stacks make all records
	// in it. Empty means that the zone is elsewhere: an operator makes the records (docs/edge.md).
	Zone HostedZone
	// Countries are the only countries that may call the API, as ISO 3166 codes of two letters. Empty means
	// every country.
	Countries []string
	// Rates limit what one IP address may send. They are far above what a household sends, because many phones
	// share an address of their carrier. The functions limit each user.
	Rates EdgeRates
	// ForwarderUntil lets another backend forward requests of its own clients, such as installed apps that still
	// call it, until this time. Requests with the secret expenzez/STAGE/forwarder then count for the address that
	// the backend saw. Afterwards the functions ignore the secret, and synth warns until the field is removed. The
	// zero value means that the stage has no forwarder.
	ForwarderUntil time.Time
	// OriginSecretVersion is the version of the secret expenzez/STAGE/origin that the edge sends. Change it to
	// rotate the secret. Empty means the version that is current when the distribution is made.
	OriginSecretVersion string
}

// EdgeRates are how many requests one IP address may send in five minutes. The edge answers 429 to the rest.
type EdgeRates struct {
	// All is the limit of all requests except renewals of sessions.
	All int
	// Auth is the limit of sign-ins, registrations, codes and what else is under /auth/, except renewals.
	Auth int
	// Refresh is the limit of renewals of sessions, which count in no other limit.
	Refresh int
	// Registrations is the limit of registrations.
	Registrations int
	// Codes is the limit of codes of e-mails.
	Codes int
	// Imports is the limit of imports and of parsed statements, together.
	Imports int
	// AI is the limit of requests to the AI assistant.
	AI int
}

// HasForwarder reports whether another backend may forward requests, or might until its time ended.
func (e Edge) HasForwarder() bool { return !e.ForwarderUntil.IsZero() }

// ForwarderEnded reports whether the stage has a forwarder whose time has ended.
func (e Edge) ForwarderEnded(now time.Time) bool {
	return e.HasForwarder() && !now.Before(e.ForwarderUntil)
}

// HostedZone is a public hosted zone of Route 53.
type HostedZone struct {
	// ID is the zone's id, such as Z0123456789ABCDEFGHIJ.
	ID string
	// Name is the domain that the zone holds, such as expenzez.com.
	Name string
}

// Tokens are the lifetimes of Cognito's tokens, in whole minutes.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_TokenValidityUnitsType.html
type Tokens struct {
	// Access is the lifetime of the access token. The installed app renews it when less than 15 minutes
	// remain and assumes one hour.
	Access time.Duration
	// ID is the lifetime of the ID token, which the app decodes but never sends.
	ID time.Duration
	// Refresh is the lifetime of the refresh token. The app keeps the first one it gets for up to 30 days.
	Refresh time.Duration
}

// SignIn configures sign-in with Apple and Google. Apple's identifiers of the app are in the secret
// "apple", with the key that belongs to them.
type SignIn struct {
	// GoogleClientIDs are the accepted audiences of Google's ID tokens: the client id of the web client,
	// which the app passes to Google.
	// https://developer.android.com/identity/sign-in/credential-manager-siwg
	GoogleClientIDs []string
	// GoogleAppIDs are the client ids of the apps that may request Google's ID tokens: the id of the
	// Android client.
	GoogleAppIDs []string
}

// Subscriptions names the RevenueCat project that knows the users' plans. Its key is in the secret
// "revenuecat".
type Subscriptions struct {
	// ProjectID is the project's id, such as proj1ab2c3d4.
	ProjectID string
	// EntitlementID is the id of the entitlement that makes a user premium, such as entla1b2c3d4e5. It is not the
	// entitlement's identifier, which the app knows as "premium".
	// https://www.revenuecat.com/docs/api-v2
	EntitlementID string
}

// LogLevel is the minimum severity that is logged.
type LogLevel string

// The levels, from the most to the least verbose.
const (
	LevelDebug LogLevel = "DEBUG"
	LevelInfo  LogLevel = "INFO"
	LevelWarn  LogLevel = "WARN"
	LevelError LogLevel = "ERROR"
)

// Logs says which levels are logged and how long logs are kept.
type Logs struct {
	// Level is the level at which the functions log.
	Level LogLevel
	// RetentionDays is how long CloudWatch keeps a log group's events: 7, 14 or 30 days.
	RetentionDays int
}

// Data says how stored data is protected from loss.
type Data struct {
	// Disposable lets tables, keys and the user pool be deleted together with their stack. It is never true
	// in staging and prod.
	Disposable bool
	// RecoveryDays is how far back a table can be restored, 1 to 35 days.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
	RecoveryDays int
}

// Alerts says which addresses alarms notify, and when.
type Alerts struct {
	// Emails are the addresses that alarms are sent to. SNS asks each to confirm once.
	Emails []string
	// Slack are channels that alarms are posted to as well. They are free. Without one, an alarm at night waits
	// until an operator reads e-mail. docs/governance.md says how to authorise a workspace.
	Slack []SlackChannel
	// MinimumRequests is how many requests the API must get in five minutes for its share of errors to raise
	// an alarm. Below it, at night, one failure would exceed the share.
	MinimumRequests int
	// Security holds the thresholds of the security alarms.
	Security SecurityThresholds
}

// SlackChannel is a channel of Slack, by the ids in its link.
type SlackChannel struct {
	// WorkspaceID is the id of the workspace, such as T0123ABCDEF.
	WorkspaceID string
	// ChannelID is the id of the channel, such as C0123ABCDEF.
	ChannelID string
}

// SecurityThresholds are the thresholds of the security alarms. An alarm goes off when more events than the
// threshold happen in the whole stage within five minutes. docs/runbooks/security.md has a section for
// each.
type SecurityThresholds struct {
	RefusedSignIns    Thresholds
	LockedSignIns     Thresholds
	WrongCodes        Thresholds
	LockedCodes       Thresholds
	WrongPINs         Thresholds
	LockedPINs        Thresholds
	EndedSessions     Thresholds
	Suspicions        Thresholds
	DisclosedAccounts Thresholds
	LinkedIdentities  Thresholds
	Registrations     Thresholds
	PasswordResets    Thresholds
	DeletedAccounts   Thresholds
	RefusedByLimits   Thresholds
	OriginRefusals    Thresholds
	FailedOpen        Thresholds
	LostEvents        Thresholds
}

// Thresholds are the thresholds of one alarm by severity.
type Thresholds struct {
	// Warning is the threshold of the alarm for the working day. 0 warns of the first event.
	Warning int
	// Critical is the threshold of the alarm that needs action at once, above Warning. 0 means no critical
	// alarm.
	Critical int
}

// Traces says where the functions send their spans. Lambda's own segments always go to X-Ray.
type Traces struct {
	// Endpoint is the base URL of an OTLP/HTTP endpoint, such as XRayEndpoint. Empty means that the
	// functions make no spans.
	Endpoint string
}

// XRayEndpoint returns X-Ray's own OTLP endpoint in a region. The stage's stacks then turn on Transaction
// Search, because X-Ray accepts no spans over OTLP without it.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
func XRayEndpoint(region string) string { return "https://xray." + region + ".amazonaws.com" }

// XRay reports whether the spans go to X-Ray.
func (t Traces) XRay() bool { return strings.HasPrefix(t.Endpoint, "https://xray.") }

// Email holds the sender of users' e-mails.
type Email struct {
	// From is the sender's address, such as hello@mail.expenzez.com. Its domain sends for this stage alone.
	// SES verifies the domain by DNS (docs/emails.md).
	From string
	// ReplyTo is the address for replies. Users reply to a security e-mail when something is wrong.
	ReplyTo string
	// Name is the app's name in the e-mails and the sender's name beside From.
	Name string
}

// Domain returns the domain that the e-mails come from.
func (e Email) Domain() string {
	return e.From[strings.LastIndexByte(e.From, '@')+1:]
}

// WAF says what AWS WAF protects. A web ACL costs 5 USD a month, and 1 for each of its rules.
// https://aws.amazon.com/waf/pricing/
type WAF struct {
	// UserPool puts a web ACL before the Cognito operations that need no credentials: sign-up, codes and
	// forgotten passwords. Every client with a token knows the client id that they require.
	UserPool bool
}

// Architecture is the instruction set of a Lambda function, in AWS's spelling.
type Architecture string

// The architectures of Lambda.
const (
	ARM64  Architecture = "arm64"
	X86_64 Architecture = "x86_64"
)

// Functions holds the defaults of every Lambda function. A function's declaration may override them.
type Functions struct {
	// Architecture is the instruction set that the binaries are built for.
	Architecture Architecture
	// MemoryMB is the memory in MB, 128 to 10240. CPU grows with it: 1769 MB are one whole vCPU.
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
	MemoryMB int
	// Timeout is how long an invocation may take: whole seconds, less than the 30 that an HTTP API waits
	// for a response.
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
	Timeout time.Duration
	// Concurrency bounds the functions that strangers or a backlog could run in large numbers.
	Concurrency Concurrency
}

// stages holds every stage in the order of deployment, local last.
var stages = []func() Config{dev, staging, prod, local}

// Stages returns the names that Load accepts, in the order of deployment.
func Stages() []string {
	names := make([]string, 0, len(stages))
	for _, stage := range stages {
		names = append(names, stage().Stage)
	}
	return names
}

// Load returns the validated configuration of a stage. Its error names the stages if the stage is unknown,
// and every wrong field if the configuration is invalid.
func Load(stage string) (Config, error) {
	for _, build := range stages {
		if c := build(); c.Stage == stage {
			return c, c.Validate()
		}
	}
	return Config{}, fmt.Errorf("unknown stage %q: pass --context stage=%s", stage, strings.Join(Stages(), "|"))
}

// CheckAccount returns an error if current, the account of the credentials in use, is another than the
// stage's. An empty current means that there are no credentials, as in a synth or a test, and is allowed.
func (c Config) CheckAccount(current string) error {
	if current == "" || current == c.Account {
		return nil
	}
	return fmt.Errorf("stage %s belongs to account %s, the credentials in use to %s: use the stage's credentials; if the stage's account is wrong, correct it in config/%s.go",
		c.Stage, c.Account, current, c.Stage)
}

// PhysicalName returns the name of a resource in AWS, such as "expenzez-prod-Users". It never changes,
// because a renamed resource would leave its data behind. Lambda allows 64 characters, which leaves 47 for
// name in staging, the stage with the longest name.
func (c Config) PhysicalName(name string) string {
	return "expenzez-" + c.Stage + "-" + name
}

// BucketName returns the physical name of the bucket with a logical name. It ends with
// the account's id, since bucket names are unique among all accounts.
func (c Config) BucketName(name string) string {
	return c.PhysicalName(name) + "-" + c.Account
}
