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
	// Network says where the functions run.
	Network Network
	// Governance says which services of AWS watch the account.
	Governance Governance
}

// profiles holds the controls of each profile.
var profiles = map[Profile]func() Controls{
	Lean: func() Controls { return Controls{Network: leanNetwork(), Governance: leanGovernance()} },
	Full: func() Controls { return Controls{Network: fullNetwork(), Governance: fullGovernance()} },
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
		return Config{}, fmt.Errorf("unknown profile %q: pass --context profile=%s", profile, strings.Join([]string{string(Lean), string(Full)}, "|"))
	}
	c.Controls = controls()
	return c, c.Validate()
}
