package config

import (
	"fmt"
	"strings"
)

// Profile names a choice for every control that costs money whether clients call or not.
type Profile string

// The profiles. docs/cost.md has the price of each control and what a stage gives up without it.
const (
	// Lean keeps the fixed cost of prod within 100 USD a month.
	Lean Profile = "lean"
	// Full turns every control on.
	Full Profile = "full"
)

// Controls are the controls with a fixed price. A stage takes those of its profile and may change single
// ones in its file.
type Controls struct {
	// Profile is the profile that the controls began as.
	Profile Profile
	// Network says where the functions run.
	Network Network
	// Governance says which services of AWS watch the account.
	Governance Governance
	// AlarmsPerFunction makes the alarms on errors, throttles and durations watch each function by itself and
	// name the one that fails. It costs 0.30 USD a month for each function. Without it, the alarms count the
	// errors and throttles of all functions together.
	AlarmsPerFunction bool
}

// profiles holds the controls of each profile.
var profiles = map[Profile]func() Controls{
	Lean: func() Controls { return Controls{Profile: Lean, Network: leanNetwork(), Governance: leanGovernance()} },
	Full: func() Controls {
		return Controls{Profile: Full, Network: fullNetwork(), Governance: fullGovernance(), AlarmsPerFunction: true}
	},
}

// Profiles returns the names that LoadProfile accepts, the cheaper first.
func Profiles() []Profile { return []Profile{Lean, Full} }

// FixedCost is the most that a stage may cost in a month without a single request, in USD before free tiers.
// An organisation shares a free tier among its accounts, so no stage can count on one. A test compares the
// templates with it (docs/cost.md).
type FixedCost struct {
	// Lean is the budget under the profile lean.
	Lean float64
	// Full is the budget under the profile full.
	Full float64
}

// Of returns the budget under a profile.
func (f FixedCost) Of(profile Profile) float64 {
	if profile == Full {
		return f.Full
	}
	return f.Lean
}

// LoadProfile returns the validated configuration of a stage with the controls of another profile. An empty
// profile means the stage's own controls. Its error names the profiles if the profile is unknown.
func LoadProfile(stage string, profile Profile) (Config, error) {
	c, err := Load(stage)
	if err != nil || profile == "" {
		return c, err
	}
	controls, known := profiles[profile]
	if !known {
		return Config{}, fmt.Errorf("unknown profile %q: pass --context profile=%s", profile, profileNames())
	}
	c.Controls = controls()
	return c, c.Validate()
}

func profileNames() string {
	var names []string
	for _, profile := range Profiles() {
		names = append(names, string(profile))
	}
	return strings.Join(names, "|")
}
