package config

// dev is for development branches. It may be deleted at any time and holds no real user's data.
func dev() Config {
	return Config{
		Stage:   "dev",
		Account: "111111111111", // an example: put the real account here
		Region:  region,
		API: API{
			Domain:         "api-dev.expenzez.com",
			AllowedOrigins: origins(expo),
			CORSMaxAge:     corsMaxAge,
			BurstLimit:     100,
			RateLimit:      50,
			Edge:           Edge{Rates: edgeRates()},
		},
		Tokens:    tokens(),
		SignIn:    google("111111111111-web", "111111111111-android"), // examples: put the Google project's client ids here
		Logs:      Logs{Level: LevelDebug, RetentionDays: 7},
		Data:      Data{Disposable: true, RecoveryDays: 7},
		Alerts:    Alerts{MinimumRequests: 20, Security: securityThresholds(1)},
		Email:     email("mail-dev.expenzez.com", "Expenzez dev"),
		Controls:  profiles[Lean](),
		FixedCost: FixedCost{Lean: 100, Full: 500},
		Functions: functions(ARM64),
		Traces:    Traces{Endpoint: XRayEndpoint(region)},
		Budgets:   budgets(),

		// Examples: put the ids of the RevenueCat project here.
		Subscriptions: Subscriptions{ProjectID: "proj11111111", EntitlementID: "entl1111111111"},
	}
}
