package changes

import (
	"encoding/json"
	"fmt"
)

// ContractChange is a change of the contract that breaks an installed app.
type ContractChange struct {
	Operation string `json:"operation"`
	Path      string `json:"path"`
	Text      string `json:"text"`
	// Level is oasdiff's: 3 for an error, 2 for a warning.
	Level int `json:"level"`
}

// breaks is oasdiff's level of a change that breaks clients.
const breaks = 3

// Contracts returns what oasdiff prints about the changes from one contract to another, as
// JSON.
type Contracts func(base, head string) ([]byte, error)

// compareContracts returns the changes that break clients.
func compareContracts(base, head Snapshot, compare Contracts) ([]ContractChange, error) {
	output, err := compare(base.contract(), head.contract())
	if err != nil {
		return nil, err
	}
	var all, breaking []ContractChange
	if len(output) > 0 {
		if err := json.Unmarshal(output, &all); err != nil {
			return nil, fmt.Errorf("oasdiff printed %.80q: %w", output, err)
		}
	}
	for _, change := range all {
		if change.Level >= breaks {
			breaking = append(breaking, change)
		}
	}
	return breaking, nil
}
