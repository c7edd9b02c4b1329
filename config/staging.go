package config

// staging rehearses prod. It has the same limits, so a load test there is valid for prod, and the same
// protection of data, so a migration meets the same obstacles.
func staging() Config {
	e := examples("2")
	return Config{
		Stage:   "staging",
		Account: e.account, // replace with the id of the account
		Region:  region,
		API: API{
			Domain:         "api-staging.expenzez.com",
			AllowedOrigins: origins(),
			CORSMaxAge:     corsMaxAge,
			BurstLimit:     1000,
			RateLimit:      500,
			Edge: Edge{
				Zone:  HostedZone{ID: e.zone, Name: "expenzez.com"}, // replace with the id of the zone
				Rates: edgeRates(),
			},
		},
		Tokens:    tokens(),
		SignIn:    google(e.googleWeb, e.googleAndroid), // replace with the client ids of the Google project
		Logs:      Logs{Level: LevelInfo, RetentionDays: 14},
		Data:      Data{RecoveryDays: 35},
		Alerts:    Alerts{Emails: []string{"alerts@expenzez.com"}, MinimumRequests: 20, Security: securityThresholds(1)},
		Email:     email("mail-staging.expenzez.com", "Expenzez staging"),
		Delivery:  Delivery{Repository: repository, Mailbox: true},
		Controls:  profiles[Lean](),
		FixedCost: FixedCost{Lean: 100, Full: 400},
		Functions: functions(ARM64),
		Traces:    Traces{Endpoint: XRayEndpoint(region)},
		WAF:       WAF{UserPool: true},
		Budgets:   budgets(),
		AI:        assistant(20),

		// Replace with the ids of the RevenueCat project.
		Subscriptions: Subscriptions{ProjectID: e.project, EntitlementID: e.entitlement},

		ThreatProtection: true,
	}
}
