package local

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Decision is what the engine decided about one call.
type Decision struct {
	// Time is when the call was decided, in UTC.
	Time time.Time `json:"time"`
	// Principal is the caller's ARN: the account's root, an assumed role, or
	// "anonymous" for operations that are not signed.
	Principal string `json:"principal"`
	// Action is the IAM action, such as dynamodb:GetItem.
	Action string `json:"action"`
	// Resource is the ARN the action was judged on, "*" where it has none.
	Resource string `json:"resource"`
	// Decision is "allowed" or "denied"; see Allowed.
	Decision string `json:"decision"`
	// Reason says why.
	Reason string `json:"reason"`
}

// Allowed tells whether the call went through.
func (d Decision) Allowed() bool { return d.Decision == "allowed" }

func (s *Stage) ledgerPath() string { return filepath.Join(s.options.StateDir, "ledger.jsonl") }

// Ledger returns every decision since the engine started, the oldest first. It
// stays readable when the engine has ended.
func (s *Stage) Ledger() ([]Decision, error) {
	data, err := os.ReadFile(s.ledgerPath())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	decisions, err := parseLedger(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.ledgerPath(), err)
	}
	return decisions, nil
}

// parseLedger reads one decision a line. A last line without its end is being
// written and is left out.
func parseLedger(data []byte) ([]Decision, error) {
	var decisions []Decision
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var d Decision
		if err := json.Unmarshal(line, &d); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		decisions = append(decisions, d)
	}
	return decisions, nil
}
