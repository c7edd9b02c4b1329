package errortracking

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getsentry/sentry-go"

	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

const (
	// maxText is how many bytes of a text are sent. A longer text is cut.
	maxText = 4 << 10
	// maxRead is how many bytes of a text are redacted. Redacting takes up to 0.2 ms
	// a kilobyte.
	maxRead = 4 * maxText
)

// clean redacts a text and cuts it to size. It first cuts a long text between words,
// because half a token would not be recognised.
func clean(text string) string {
	length := len(text)
	if length > maxRead {
		text = text[:1+strings.LastIndexByte(text[:maxRead], ' ')]
	}
	cut := len(text) < length
	text = telemetry.RedactText(text)
	if len(text) > maxText {
		text, cut = strings.ToValidUTF8(text[:maxText], ""), true
	}
	if cut {
		text += "…"
	}
	return text
}

// encode returns the event in an envelope. It redacts every text once more in its
// final form, in all fields.
func encode(event *sentry.Event, dsn *sentry.Dsn) ([]byte, error) {
	envelope, err := event.ToEnvelope(&dsn.Dsn)
	if err != nil {
		return nil, fmt.Errorf("encode the event: %w", err)
	}
	for _, item := range envelope.Items {
		if item.Payload, err = redactJSON(item.Payload); err != nil {
			return nil, fmt.Errorf("redact the event: %w", err)
		}
		*item.Header.Length = len(item.Payload)
	}
	body, err := envelope.Serialize()
	if err != nil {
		return nil, fmt.Errorf("encode the envelope: %w", err)
	}
	return body, nil
}

func redactJSON(payload []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(redactTree(tree))
}

// redactTree redacts decoded JSON, including keys.
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
