package config

import (
	"fmt"
	"strings"
	"time"
)

// Config is everything that may differ between two stages.
type Config struct {
	// Stage is the name that Load was given: dev, staging, prod or local.
	Stage string
	// Account is the 12-digit AWS account of the stage. No two stages share one.
	Account string
	// Region is the home region of everything, such as eu-west-2.
	Region string
	// API is the HTTP API as clients see it.
	API API
	// Tokens are the lifetimes of what Cognito issues.
	Tokens Tokens
	// SignIn is whose sign-in beside our own is accepted.
	SignIn SignIn
	// Subscriptions is where the plans of users come from.
	Subscriptions Subscriptions
	// Logs is how much is logged and for how long it is kept.
	Logs Logs
	// Data is how hard stored data is to lose.
	Data Data
	// Alerts is whom alarms reach.
	Alerts Alerts
	// Email is whom users' e-mails come from.
	Email Email
	// Functions is what every Lambda function starts from.
	Functions Functions
	// Traces is where the functions' own spans go.
	Traces Traces
	// WAF is what AWS WAF protects.
	WAF WAF
	// Budgets limit what clients that are not signed in may cause in a day.
	Budgets Budgets
	// ThreatProtection has Cognito refuse passwords that are known from breaches, and record how risky each
	// sign-in looks. It needs the Plus plan: 0.02 USD for each user of a month, with none free, where the
	// Essentials plan has 10,000 free and then costs 0.015.
	// https://aws.amazon.com/cognito/pricing/
	ThreatProtection bool
}

// API is the HTTP API as clients see it.
type API struct {
	// Domain is the host name clients call. Empty means no custom domain, which only local may have. No
	// stack makes it yet.
	Domain string
	// AllowedOrigins are the exact origins (scheme://host[:port]) whose pages may call the API.
	AllowedOrigins []string
	// CORSMaxAge is how long a browser may keep the answer to a preflight: whole seconds, 0 to 24 hours.
	// https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html
	CORSMaxAge time.Duration
	// BurstLimit is how many requests may arrive at once, all clients together, before the stage
	// answers 429.
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
	BurstLimit int
	// RateLimit is how many requests a second the stage serves in the long run, all clients together.
	RateLimit int
}

// Tokens are the lifetimes of what Cognito issues, in whole minutes.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_TokenValidityUnitsType.html
type Tokens struct {
	// Access is the lifetime of the bearer token. The installed app renews it when less than 15 minutes
	// remain and is built around one hour.
	Access time.Duration
	// ID is the lifetime of the ID token, which the app decodes but never sends.
	ID time.Duration
	// Refresh is the lifetime of the refresh token. The app keeps the first one it gets for up to 30 days.
	Refresh time.Duration
}

// SignIn is whose sign-in beside our own is accepted. What Apple knows the app by is in the secret
// "apple", with the key that belongs to it.
type SignIn struct {
	// GoogleClientIDs are the client ids that Google's ID tokens are made for: that of the web client, which
	// the app passes to Google.
	// https://developer.android.com/identity/sign-in/credential-manager-siwg
	GoogleClientIDs []string
	// GoogleAppIDs are the client ids of the apps that may ask Google for them: that of the Android client.
	GoogleAppIDs []string
}

// Subscriptions is where the plans of users come from: a project at RevenueCat. Its key is in the secret
// "revenuecat".
type Subscriptions struct {
	// ProjectID is the project's id, such as proj1ab2c3d4.
	ProjectID string
	// EntitlementID is the id of the entitlement that makes a user premium, such as entla1b2c3d4e5. It is not the
	// entitlement's identifier, which the app knows as "premium".
	// https://www.revenuecat.com/docs/api-v2
	EntitlementID string
}

// LogLevel is the least severe level that is written.
type LogLevel string

// The levels, from the most talkative to the quietest.
const (
	LevelDebug LogLevel = "DEBUG"
	LevelInfo  LogLevel = "INFO"
	LevelWarn  LogLevel = "WARN"
	LevelError LogLevel = "ERROR"
)

// Logs is how much is logged and for how long it is kept.
type Logs struct {
	// Level is the level at which the functions log.
	Level LogLevel
	// RetentionDays is how long CloudWatch keeps a log group's events: 7, 14 or 30 days.
	RetentionDays int
}

// Data is how hard stored data is to lose.
type Data struct {
	// Disposable lets tables, keys and the user pool be deleted together with their stack. Never true in
	// staging and prod.
	Disposable bool
	// RecoveryDays is how far back a table can be restored, 1 to 35 days.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
	RecoveryDays int
}

// Alerts is whom alarms reach.
type Alerts struct {
	// Emails are the addresses alarms are sent to. SNS asks each to confirm once.
	Emails []string
	// Security is how many of each event of security are ordinary.
	Security SecurityThresholds
}

// SecurityThresholds are how many of an event within five minutes, over the whole stage, raise an alarm when
// they are exceeded. docs/runbooks/security.md has a section for each.
type SecurityThresholds struct {
	RefusedSignIns    Thresholds
	LockedSignIns     Thresholds
	WrongCodes        Thresholds
	LockedCodes       Thresholds
	WrongPINs         Thresholds
	LockedPINs        Thresholds
	EndedSessions     Thresholds
	DisclosedAccounts Thresholds
	LinkedIdentities  Thresholds
	Registrations     Thresholds
	PasswordResets    Thresholds
	DeletedAccounts   Thresholds
	RefusedByLimits   Thresholds
	FailedOpen        Thresholds
	LostEvents        Thresholds
}

// Thresholds are the thresholds of one alarm by severity.
type Thresholds struct {
	// Warning is for the working day. 0 warns of the first.
	Warning int
	// Critical is for now, above Warning. 0 means that nothing of it is critical.
	Critical int
}

// Traces is where the functions' own spans go. Lambda's own segments go to X-Ray in any case.
type Traces struct {
	// Endpoint is the base URL of an OTLP/HTTP endpoint, such as XRayEndpoint. Empty means that the
	// functions make no spans.
	Endpoint string
}

// XRayEndpoint is X-Ray's own OTLP endpoint in a region. The stage's stacks then turn on Transaction
// Search, without which it takes no spans.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
func XRayEndpoint(region string) string { return "https://xray." + region + ".amazonaws.com" }

// XRay reports whether the spans go to X-Ray.
func (t Traces) XRay() bool { return strings.HasPrefix(t.Endpoint, "https://xray.") }

// Email is whom users' e-mails come from.
type Email struct {
	// From is the address they come from, such as hello@mail.expenzez.com. Its domain sends for this stage
	// alone; SES verifies by DNS that it is ours (docs/emails.md).
	From string
	// ReplyTo is the address that replies reach: people answer a security e-mail when something is wrong.
	ReplyTo string
	// Name is what the e-mails call the app, and the name beside From.
	Name string
}

// Domain is the domain that the e-mails come from.
func (e Email) Domain() string {
	return e.From[strings.LastIndexByte(e.From, '@')+1:]
}

// WAF is what AWS WAF protects. A web ACL costs 5 USD a month, and 1 for each of its rules.
// https://aws.amazon.com/waf/pricing/
type WAF struct {
	// UserPool puts a web ACL before what Cognito offers to anybody who knows the client id, which stands
	// in every token: sign-up, codes, forgotten passwords.
	UserPool bool
}

// Architecture is the instruction set of a Lambda function, in AWS's spelling.
type Architecture string

// The two that Lambda has.
const (
	ARM64  Architecture = "arm64"
	X86_64 Architecture = "x86_64"
)

// Functions is what every Lambda function starts from; its own declaration may ask for something else.
type Functions struct {
	// Architecture is what the binaries are built for.
	Architecture Architecture
	// MemoryMB is the memory in MB, 128 to 10240. CPU grows with it: 1769 MB are one whole vCPU.
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
	MemoryMB int
	// Timeout is when Lambda gives up on an invocation: whole seconds, less than the 30 that an HTTP API
	// waits for an answer.
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
	Timeout time.Duration
}

// stages holds every stage in the order in which a change travels, local last.
var stages = []func() Config{dev, staging, prod, local}

// Stages returns the names that Load accepts, in the order in which a change travels.
func Stages() []string {
	names := make([]string, 0, len(stages))
	for _, stage := range stages {
		names = append(names, stage().Stage)
	}
	return names
}

// Load returns the validated configuration of a stage. Its error lists the stages when there is none of
// that name, and every wrong field when the configuration does not hold.
func Load(stage string) (Config, error) {
	for _, build := range stages {
		if c := build(); c.Stage == stage {
			return c, c.Validate()
		}
	}
	return Config{}, fmt.Errorf("unknown stage %q: pass --context stage=%s", stage, strings.Join(Stages(), "|"))
}

// CheckAccount returns an error if current, the account of the credentials in use, is not the stage's.
// An empty current means that there are no credentials, as in a synth or a test, and is fine.
func (c Config) CheckAccount(current string) error {
	if current == "" || current == c.Account {
		return nil
	}
	return fmt.Errorf("stage %s belongs to account %s, the credentials in use to %s: use the stage's credentials; if the stage's account is wrong, correct it in config/%s.go",
		c.Stage, c.Account, current, c.Stage)
}

// PhysicalName is the name under which AWS and operators know a resource, such as
// "expenzez-prod-Users". It never changes: the data behind it would be left behind. Lambda allows 64
// characters, which leaves 47 for name in staging, the stage with the longest name.
func (c Config) PhysicalName(name string) string {
	return "expenzez-" + c.Stage + "-" + name
}
