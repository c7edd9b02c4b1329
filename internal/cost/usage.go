package cost

// Use is how often a user calls a route in a month.
type Use struct {
	// Key is the route key.
	Key string
	// Times is the number of requests a month.
	Times float64
	// Why says when the app calls the route.
	Why string
}

// openings is how often a user opens the app in a month: twice on 20 days.
const openings = 40

// monthOfUser is what one active user causes in a month. The times are assumptions until a stage has users:
// compare them with the access log. The routes are those that are built and measured.
var monthOfUser = []Use{
	{"POST /auth/login", 1, "the refresh token lasts 30 days"},
	{"POST /auth/refresh", openings, "an access token lasts one hour"},
	{"GET /profile", openings, "each opening"},
	{"GET /profile/progress", openings, "each opening"},
	{"GET /security/status/{deviceId}", openings, "each opening"},
	{"POST /security/validate-pin", openings, "each opening of a locked app"},
	{"GET /security/preferences", openings, "each opening"},
	{"PUT /devices/update-last-used", openings, "each opening"},
	{"GET /goals", openings, "each opening"},
	{"POST /goals/{userId}/{goalId}/contributions", 4, "once a week"},
	{"POST /goals", 0.5, "a goal in two months"},
	{"GET /devices/list", 1, "the settings"},
	{"PUT /profile", 0.2, "the settings"},
	{"POST /security/setup-pin", 0.1, "a new device in ten months"},
	{"POST /devices/register", 1, "after a sign-in"},
}

// RequestsOfUser is how many requests an active user makes in a month.
func RequestsOfUser() (sum float64) {
	for _, use := range monthOfUser {
		sum += use.Times
	}
	return sum
}

// The rest of what a request or a user is assumed to cause.
const (
	responseBytes    = 2_000 // with headers; the longest list of the app is below 10 KB
	callBytes        = 4_000 // of a call to KMS or Cognito and its response
	spanBytes        = 700   // of one span in OTLP/JSON
	accessLogBytes   = 450   // of one line of the access log in the format of stacks/api.go
	baseMilliseconds = 3     // handler without its calls (docs/telemetry.md: 28 µs of runtime, then JSON and ciphers)
	coldStartShare   = 0.01  // requests that start an environment
	coldStartMS      = 200   // billed initialization (docs of test/coldstart measure 11-28 ms of CPU at full speed)
	emailsOfUser     = 0.5   // codes and security e-mails a month
	tableGBOfUser    = 50e-6 // 50 KB of items
)

// callMilliseconds are how long a call of a service is assumed to take, within a region for those of AWS. A function
// waits for its calls one after the other at worst.
var callMilliseconds = map[string]float64{
	"DynamoDB":                  5,
	"KMS":                       10,
	"Cognito Identity Provider": 120,
	"SESv2":                     60,
	"S3":                        30,
	"SNS":                       20,
	"SQS":                       10,
	"Secrets Manager":           15,
	"Lambda":                    30,

	// External services, over the internet. A model writes for seconds.
	"Apple": 300, "Google": 200, "OpenAI": 3000, "RevenueCat": 200, "Expo": 300, "Sentry": 200,
}

// Traffic is a number of users and the name of the case.
type Traffic struct {
	// Name says what the case is.
	Name string
	// Users are the active users of a month.
	Users float64
}

// seedAPIUSD is what the first estimate of the project pays for API Gateway a month, of 88 USD in all.
const seedAPIUSD = 15

// Traffics returns the cases of the growth table. The first is the traffic of the project's first estimate:
// as many requests as its 15 USD a month for API Gateway buy.
func Traffics(prices PriceList) []Traffic {
	seed := seedAPIUSD / prices.Prices["http-api-request"].USD / RequestsOfUser()
	return []Traffic{{"first estimate", seed}, {"1,000 users", 1e3}, {"100,000 users", 1e5}, {"1,000,000 users", 1e6}}
}
