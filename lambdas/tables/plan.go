package tables

// Plan is what a user may use.
type Plan string

// The plans.
const (
	Free    Plan = "free"
	Premium Plan = "premium"
)
