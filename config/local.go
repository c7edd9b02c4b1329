package config

import (
	"runtime"
	"time"
)

// local is the whole backend on one machine. Its account is the local engine's and exists in no real AWS,
// so the stage cannot reach AWS by mistake. The throttle is far above the capacity of one machine, so that
// load tests reach the limits in the code. All clients of a local stage have one IP address, so one address
// may spend the stage's whole budget.
func local() Config {
	return Config{
		Stage:   "local",
		Account: "000000000000",
		Region:  region,
		API: API{
			Domain: "api.expenzez.test",
			// The stage has a forwarder like prod, and end-to-end tests forward requests as the old backend does.
			Edge:           Edge{Rates: localEdgeRates(), ForwarderUntil: time.Date(2099, time.January, 1, 0, 0, 0, 0, time.UTC)},
			AllowedOrigins: origins(expo),
			CORSMaxAge:     corsMaxAge,
			BurstLimit:     5000,
			RateLimit:      5000,
		},
		Tokens:    tokens(),
		SignIn:    google("expenzez", "expenzez-android"), // the stand-in of Google accepts the first
		Logs:      Logs{Level: LevelDebug, RetentionDays: 7},
		Data:      Data{Disposable: true, RecoveryDays: 1},
		Alerts:    Alerts{MinimumRequests: 20, Security: securityThresholds(1)},
		Email:     Email{From: "hello@mail.example.com", ReplyTo: "support@example.com", Name: "Expenzez local"},
		Controls:  localControls(),
		FixedCost: FixedCost{Lean: 100, Full: 400},
		Functions: functions(hostArchitecture()),
		Budgets: Budgets{
			Registrations: Budget{PerIP: 2000, PerStage: 2000},
			Emails:        Budget{PerIP: 6000, PerStage: 6000},
			Disclosures:   Budget{PerIP: 10_000},
		},
		AI: assistant(20),

		// The project is the one that the stand-in of RevenueCat knows.
		Subscriptions: Subscriptions{ProjectID: "proj1ab2c3d4", EntitlementID: "entla1b2c3d4e5"},
	}
}

// localControls returns those of the lean profile with the network of the full one. The engine keeps
// functions to the endpoints and routes of their VPC, so that a function in the wrong subnets fails here. It
// has no SDK for the function by which CDK would remove the default group's rules.
func localControls() Controls {
	c := profiles[Lean]()
	c.Network = fullNetwork()
	c.Network.KeepDefaultGroup = true
	return c
}

// localEdgeRates returns the limits of one IP address at the local edge. A run of the end-to-end tests is one
// address, so the limits are far above those of a deployed stage. Those of imports and AI are low enough for a
// test to exceed them.
func localEdgeRates() EdgeRates {
	return EdgeRates{All: 100_000, Auth: 50_000, Refresh: 50_000, Registrations: 20_000, Codes: 20_000, Imports: 1000, AI: 1000}
}

// hostArchitecture returns this machine's architecture, because the local engine runs functions as
// processes.
func hostArchitecture() Architecture {
	if runtime.GOARCH == "arm64" {
		return ARM64
	}
	return X86_64
}
