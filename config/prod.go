package config

import "time"

// prod serves the published app.
//
// 500 requests a second at 200 ms each keep 100 executions busy, a tenth of the 1000 that an account may
// run at once by default (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). The
// burst is twice the rate, because the app sends a screen's requests together.
func prod() Config {
	e := examples("3")
	return Config{
		Stage:   "prod",
		Account: e.account, // replace with the id of the account
		Region:  region,
		API: API{
			Domain:         "api.expenzez.com",
			AllowedOrigins: origins(),
			CORSMaxAge:     corsMaxAge,
			BurstLimit:     1000,
			RateLimit:      500,
			Edge: Edge{
				Zone:  HostedZone{ID: e.zone, Name: "expenzez.com"}, // replace with the id of the zone
				Rates: edgeRates(),
				// The old backend's API forwards installed apps until their users have updated. An example: put the
				// end of the migration here.
				ForwarderUntil: time.Date(2027, time.June, 1, 0, 0, 0, 0, time.UTC),
			},
		},
		Tokens:    tokens(),
		SignIn:    google(e.googleWeb, e.googleAndroid), // replace with the client ids of the Google project
		Logs:      Logs{Level: LevelWarn, RetentionDays: 30},
		Data:      Data{RecoveryDays: 35},
		Alerts:    Alerts{Emails: []string{"alerts@expenzez.com"}, MinimumRequests: 50, Security: securityThresholds(10)},
		Email:     email("mail.expenzez.com", "Expenzez"),
		Delivery:  Delivery{Repository: repository, Reviewed: true},
		Controls:  profiles[Lean](),
		FixedCost: FixedCost{Lean: 100, Full: 400},
		Functions: functions(ARM64),
		Traces:    Traces{Endpoint: XRayEndpoint(region)},
		WAF:       WAF{UserPool: true},
		Budgets:   budgets(),
		AI:        assistant(300),
		Release:   Release{Weight: 0.1, Watch: 20 * time.Minute},

		// Replace with the ids of the RevenueCat project.
		Subscriptions: Subscriptions{ProjectID: e.project, EntitlementID: e.entitlement},

		ThreatProtection: true,
	}
}
