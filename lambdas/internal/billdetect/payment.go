package billdetect

import (
	"slices"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// Payment is a transaction with one merchant.
type Payment struct {
	ID string
	// Day is the calendar day of the user.
	Day dates.Day
	// Amount is negative for a debit. A credit is a refund.
	Amount money.Amount
}

// Cadence is how often a bill is paid.
type Cadence string

// The cadences.
const (
	Weekly      Cadence = "weekly"
	Fortnightly Cadence = "fortnightly"
	FourWeekly  Cadence = "four-weekly"
	Monthly     Cadence = "monthly"
	Quarterly   Cadence = "quarterly"
	Yearly      Cadence = "yearly"
)

// Cadences are all cadences, the shortest first.
var Cadences = []Cadence{Weekly, Fortnightly, FourWeekly, Monthly, Quarterly, Yearly}

func (c Cadence) index() int { return slices.Index(Cadences, c) }
