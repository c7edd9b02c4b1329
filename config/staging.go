package config

// staging rehearses prod. It has the same limits, so a load test there is valid for prod, and the same
// protection of data, so a migration meets the same obstacles.
func staging() Config {
	return Config{
		Stage:   "staging",
		Account: "222222222222", // an example: put the real account here
		Region:  region,
		API: API{
			Domain:         "api-staging.expenzez.com",
			AllowedOrigins: origins(),
			CORSMaxAge:     corsMaxAge,
			BurstLimit:     1000,
			RateLimit:      500,
			Edge: Edge{
				Zone:  HostedZone{ID: "Z0222222222222", Name: "expenzez.com"}, // an example: put the real zone here
				Rates: edgeRates(),
			},
		},
		Tokens:    tokens(),
		SignIn:    google("222222222222-web", "222222222222-android"), // examples: put the Google project's client ids here
		Logs:      Logs{Level: LevelInfo, RetentionDays: 14},
		Data:      Data{RecoveryDays: 35},
		Alerts:    Alerts{Emails: []string{"alerts@expenzez.com"}, MinimumRequests: 20, Security: securityThresholds(1)},
		Email:     email("mail-staging.expenzez.com", "Expenzez staging"),
		Controls:  profiles[Lean](),
		FixedCost: FixedCost{Lean: 100, Full: 500},
		Functions: functions(ARM64),
		Traces:    Traces{Endpoint: XRayEndpoint(region)},
		WAF:       WAF{UserPool: true},
		Budgets:   budgets(),

		// Examples: put the ids of the RevenueCat project here.
		Subscriptions: Subscriptions{ProjectID: "proj22222222", EntitlementID: "entl2222222222"},

		ThreatProtection: true,
	}
}
