package config

// Governance says which services of AWS watch the account.
type Governance struct{}

func leanGovernance() Governance { return Governance{} }

func fullGovernance() Governance { return Governance{} }
