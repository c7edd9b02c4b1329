package cost

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Operation is what one warm request to a route, or one event, was measured to cause. Package lambdas measures it on the
// engine and keeps operations.json current: go test ./lambdas -run TestOperations_AWSCalls -update.
type Operation struct {
	// Calls are the AWS calls of the function except KMS, such as DynamoDB.GetItem, sorted.
	Calls []string `json:"calls"`
	// Reads and Writes are DynamoDB's request units for items of one unit, with the writes of every index.
	Reads  float64 `json:"reads"`
	Writes float64 `json:"writes"`
	// KMS is how many KMS calls a user's first request to an environment makes. With many users nearly every
	// request is one, so estimates count these and not the warm ones.
	KMS int `json:"kms"`
	// LogBytes is what the function logs from the level WARN on, metrics included.
	LogBytes int `json:"logBytes"`
}

var (
	//go:embed operations.json
	operationsFile []byte
	//go:embed events.json
	eventsFile []byte
)

// Operations returns the measured operations by route key.
func Operations() (map[string]Operation, error) {
	return readMeasured("operations.json", operationsFile)
}

// Events returns what one event was measured to cause, by the function's name, ": " and
// the event's key.
func Events() (map[string]Operation, error) { return readMeasured("events.json", eventsFile) }

func readMeasured(name string, text []byte) (map[string]Operation, error) {
	var measured map[string]Operation
	if err := json.Unmarshal(text, &measured); err != nil {
		return nil, fmt.Errorf("internal/cost/%s: %w", name, err)
	}
	return measured, nil
}
