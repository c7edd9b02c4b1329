package errorreport

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// maxSize is how many bytes a report has as JSON. Ten reports fit into one batch of SQS,
// which has 256 KiB in every region.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
const maxSize = 24 << 10

// Source identifies the function that reports.
type Source struct {
	// Function is the function's declared name, such as "auth-login".
	Function string
	// Release identifies the build. Default: none, and Sentry does not separate
	// releases.
	Release string
}

// Failure describes a failed request. It must not contain personal data.
type Failure struct {
	// Route is the key of the route or event, such as "GET /profile".
	Route string
	// RequestID is API Gateway's id, which the error body contains too.
	RequestID string
	// Status is the HTTP status of the response.
	Status int
	// Code is the code of the response, such as "INTERNAL_ERROR".
	Code string
}

// New returns the report of a failure, redacted and within the maximum size.
func New(ctx context.Context, source Source, cause error, about Failure) (function.ErrorReport, error) {
	list := reportedErrors(cause)
	report := function.ErrorReport{
		ID:       newID(),
		At:       time.Now().UTC(),
		Function: source.Function,
		Release:  source.Release,
		Route:    about.Route,
		Request:  about.RequestID,
		Trace:    telemetry.TraceID(ctx),
		Status:   about.Status,
		Code:     about.Code,
		Kind:     kindOf(about, list),
		Errors:   list,
	}
	encoded, err := redacted(report)
	if err == nil && len(encoded) > maxSize {
		encoded, err = redacted(shortened(report))
	}
	if err != nil {
		return function.ErrorReport{}, fmt.Errorf("make an error report: %w", err)
	}
	var made function.ErrorReport
	if err := json.Unmarshal(encoded, &made); err != nil {
		return function.ErrorReport{}, fmt.Errorf("make an error report: %w", err)
	}
	return made, nil
}

// shortened returns a report that keeps the outermost error and half of its text, and
// the innermost calls of its stack. JSON escapes one byte with six at most.
func shortened(report function.ErrorReport) function.ErrorReport {
	first := report.Errors[0]
	first.Text = cut(first.Text, maxText/2)
	first.Calls = first.Calls[:min(len(first.Calls), 16)]
	report.Errors = []function.ReportedError{first}
	for _, text := range []*string{&first.Type, &report.Route, &report.Request, &report.Code} {
		*text = cut(*text, 200)
	}
	report.Errors[0].Type = first.Type
	report.Kind = []string{report.Route, report.Code, first.Type}
	return report
}

// redacted returns the report as JSON. It redacts every text once more in its final
// form, in all fields.
func redacted(report function.ErrorReport) ([]byte, error) {
	payload, err := json.Marshal(report)
	if err != nil {
		return nil, err
	}
	return RedactJSON(payload)
}

// RedactJSON redacts every text of a JSON value, keys included.
func RedactJSON(payload []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(redactTree(tree))
}

func redactTree(node any) any {
	switch node := node.(type) {
	case string:
		return telemetry.RedactText(node)
	case []any:
		for i, item := range node {
			node[i] = redactTree(item)
		}
	case map[string]any:
		redacted := make(map[string]any, len(node))
		for key, item := range node {
			redacted[telemetry.RedactText(key)] = redactTree(item)
		}
		return redacted
	}
	return node
}

// newID returns a random UUID without hyphens, as Sentry requires.
func newID() string {
	id := make([]byte, 16)
	rand.Read(id)             // never fails
	id[6] = id[6]&0x0f | 0x40 // version 4
	id[8] = id[8]&0x3f | 0x80 // of RFC 9562
	return hex.EncodeToString(id)
}
