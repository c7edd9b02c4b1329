package cost

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Operation is what one warm request to a route was measured to cause. Package lambdas measures it on the
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

//go:embed operations.json
var operationsFile []byte

// Operations returns the measured operations by route key.
func Operations() (map[string]Operation, error) {
	var operations map[string]Operation
	if err := json.Unmarshal(operationsFile, &operations); err != nil {
		return nil, fmt.Errorf("internal/cost/operations.json: %w", err)
	}
	return operations, nil
}
