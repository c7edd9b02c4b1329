package config

// Budgets limit what clients that are not signed in may cause in a day. Each budget is a token bucket: it
// starts full and fills up within 24 hours, so the first day can spend it twice. Every request of a route
// counts, whatever comes of it.
type Budgets struct {
	// Registrations limits new accounts.
	Registrations Budget
	// Emails limits e-mails that a client can have sent to any address: codes and forgotten usernames. Keep
	// PerStage well below the account's own quota for 24 hours, which security e-mails need too.
	// https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas.html
	Emails Budget
	// Disclosures limits responses that tell whether there is an account (docs/security.md).
	Disclosures Budget
}

// Budget is one budget.
type Budget struct {
	// PerIP is how many requests one address may make in 24 hours, at least 1. A mobile carrier puts
	// many people behind one IPv4 address. The IPv6 addresses of one /64 count as one.
	PerIP int
	// PerStage is how many requests all addresses together may make in 24 hours. An alarm goes off at 80 %.
	// Zero means any number.
	PerStage int
}

// budgets are those of stages that the published app could call. The clean-up of unconfirmed accounts
// keeps pace with PerStage of the registrations (auth.TestCleanupUnconfirmed_KeepsPaceWithRegistrations).
func budgets() Budgets {
	return Budgets{
		Registrations: Budget{PerIP: 20, PerStage: 2000},
		Emails:        Budget{PerIP: 60, PerStage: 6000},
		Disclosures:   Budget{PerIP: 300},
	}
}
