package config

// Budgets limit what signed-out clients may cause in a day. Each budget is a token bucket. It starts full
// and refills within 24 hours, so a client can spend it twice on the first day. Every request of a route
// counts, whatever the response.
type Budgets struct {
	// Registrations limits new accounts.
	Registrations Budget
	// Emails limits e-mails that a client can have sent to any address: codes and forgotten usernames. Keep
	// PerStage well below the account's own quota for 24 hours, because security e-mails need the quota
	// too.
	// https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html
	Emails Budget
	// Disclosures limits responses that disclose whether an account exists (docs/security.md).
	Disclosures Budget
}

// Budget is one budget.
type Budget struct {
	// PerIP is how many requests one IP address may make in 24 hours, at least 1. A mobile carrier puts
	// many users behind one IPv4 address. The IPv6 addresses of one /64 count as one.
	PerIP int
	// PerStage is how many requests all IP addresses together may make in 24 hours. An alarm goes off at
	// 80%. Zero means no limit.
	PerStage int
}

// budgets returns the budgets of stages that the published app may call. The clean-up of unconfirmed
// accounts keeps pace with PerStage of the registrations
// (auth.TestCleanupUnconfirmed_KeepsPaceWithRegistrations).
func budgets() Budgets {
	return Budgets{
		Registrations: Budget{PerIP: 20, PerStage: 2000},
		Emails:        Budget{PerIP: 60, PerStage: 6000},
		Disclosures:   Budget{PerIP: 300},
	}
}
