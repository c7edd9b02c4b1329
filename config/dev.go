package config

// dev is for development branches. It may be deleted at any time and holds no real user's data.
func dev() Config {
	e := examples("1")
	return Config{
		Stage:   "dev",
		Account: e.account, // replace with the id of the account
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
		SignIn:    google(e.googleWeb, e.googleAndroid), // replace with the client ids of the Google project
		Logs:      Logs{Level: LevelDebug, RetentionDays: 7},
		Data:      Data{Disposable: true, RecoveryDays: 7},
		Alerts:    Alerts{MinimumRequests: 20, Security: securityThresholds(1)},
		Email:     email("mail-dev.expenzez.com", "Expenzez dev"),
		Delivery:  Delivery{Repository: repository, Mailbox: true},
		Controls:  profiles[Lean](),
		FixedCost: FixedCost{Lean: 100, Full: 400},
		Functions: functions(ARM64),
		Traces:    Traces{Endpoint: XRayEndpoint(region)},
		Budgets:   budgets(),
		AI:        assistant(20),

		// Replace with the ids of the RevenueCat project.
		Subscriptions: Subscriptions{ProjectID: e.project, EntitlementID: e.entitlement},
	}
}
