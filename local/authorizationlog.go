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

// Decision is one IAM decision of the engine.
type Decision struct {
	// Time is the time of the decision, in UTC.
	Time time.Time `json:"time"`
	// Principal is the caller's ARN: the account's root, an assumed role, or
	// "anonymous" for operations that are not signed.
	Principal string `json:"principal"`
	// Action is the IAM action, such as dynamodb:GetItem.
	Action string `json:"action"`
	// Resource is the ARN that the action was authorized on; "*" for an action
	// without a resource.
	Resource string `json:"resource"`
	// Decision is "allowed" or "denied"; see Allowed.
	Decision string `json:"decision"`
	// Reason is the policy or rule that decided.
	Reason string `json:"reason"`
}

// Allowed reports whether the call was allowed.
func (d Decision) Allowed() bool { return d.Decision == "allowed" }

func (s *Stage) authorizationLogPath() string {
	return filepath.Join(s.options.StateDir, "authorization-log.jsonl")
}

// AuthorizationLog returns every IAM decision since the engine started, the oldest
// first. The log stays readable after the engine has ended.
func (s *Stage) AuthorizationLog() ([]Decision, error) {
	data, err := os.ReadFile(s.authorizationLogPath())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	decisions, err := parseAuthorizationLog(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.authorizationLogPath(), err)
	}
	return decisions, nil
}

// parseAuthorizationLog reads one decision from each line. It skips a last line
// without a newline, because the engine is still writing it.
func parseAuthorizationLog(data []byte) ([]Decision, error) {
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
