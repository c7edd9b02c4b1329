package billdetect

import "github.com/expenzez/infrastructure/lambdas/internal/dates"

// MinPayments is how many payments a bill has at least.
func MinPayments(cadence Cadence) int { return defaultRules().minPayments[cadence] }

// DaysBetween returns the number of days between two days.
func DaysBetween(a, b dates.Day) int { return distance(dayOf(a), dayOf(b)) }

// Mutants are detectors that are weakened in one rule.
func Mutants() map[string]func([]Payment) []Series {
	all := map[string]func([]Payment) []Series{}
	never := map[Cadence]int{Monthly: 1000, Weekly: 1000, Fortnightly: 1000, FourWeekly: 1000, Quarterly: 1000, Yearly: 1000}
	for name, weaken := range map[string]func(*rules){
		"due days do not move":       func(r *rules) { r.tolerance[Monthly] = 0 },
		"due days move by two weeks": func(r *rules) { r.tolerance[Monthly], r.maxAway[Monthly] = 14, 140 },
		"amounts never vary":         func(r *rules) { r.close = 101 },
		"amounts do not matter":      func(r *rules) { r.steady, r.close, r.threeStep, r.twoSteps = 0, 0, 1000, [2]int{1000, 1000} },
		"prices do not change":       func(r *rules) { r.priceFactor, r.maxStep, r.steady = 1, 0, 101 },
		"no period is skipped": func(r *rules) {
			r.coverage = map[Cadence]int{Monthly: 100, Weekly: 100, Fortnightly: 100, FourWeekly: 100, Quarterly: 100, Yearly: 100}
		},
		"periods may be skipped at will":     func(r *rules) { r.coverage, r.maxMissed = nil, never },
		"a bill is never paused":             func(r *rules) { r.maxMissed = never },
		"a bill explains half of a merchant": func(r *rules) { r.explained = 50 },
		"one bill for a merchant":            func(r *rules) { r.maxSeries = 1 },
		"equal amounts are never by chance":  func(r *rules) { r.minAmong = 0 },
		"no four-weekly bills":               func(r *rules) { r.minPayments[FourWeekly] = 1000 },
	} {
		weakened := defaultRules()
		weaken(&weakened)
		all[name] = detector{weakened}.detect
	}
	return all
}
