package config

// prod serves the published app.
//
// 500 requests a second at 200 ms each keep 100 executions busy, a tenth of the 1000 that an account may
// run at once by default (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). The
// burst is twice the rate, because the app sends a screen's requests together.
func prod() Config {
	return Config{
		Stage:   "prod",
		Account: "333333333333", // an example: put the real account here
		Region:  region,
		API: API{
			Domain:         "api.expenzez.com",
			AllowedOrigins: origins(),
			CORSMaxAge:     corsMaxAge,
			BurstLimit:     1000,
			RateLimit:      500,
			Edge: Edge{
				Zone:  HostedZone{ID: "Z0333333333333", Name: "expenzez.com"}, // an example: put the real zone here
				Rates: edgeRates(),
			},
		},
		Tokens:    tokens(),
		SignIn:    google("333333333333-web", "333333333333-android"), // examples: put the Google project's client ids here
		Logs:      Logs{Level: LevelWarn, RetentionDays: 30},
		Data:      Data{RecoveryDays: 35},
		Alerts:    Alerts{Emails: []string{"alerts@expenzez.com"}, MinimumRequests: 50, Security: securityThresholds(10)},
		Email:     email("mail.expenzez.com", "Expenzez"),
		Controls:  profiles[Lean](),
		FixedCost: FixedCost{Lean: 100, Full: 500},
		Functions: functions(ARM64),
		Traces:    Traces{Endpoint: XRayEndpoint(region)},
		WAF:       WAF{UserPool: true},
		Budgets:   budgets(),

		// Examples: put the ids of the RevenueCat project here.
		Subscriptions: Subscriptions{ProjectID: "proj33333333", EntitlementID: "entl3333333333"},

		ThreatProtection: true,
	}
}
