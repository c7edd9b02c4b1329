package telemetry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/internal/redact"
)

// RedactAttr redacts one attribute by the names of its groups, its own name and its
// value. Its signature is that of slog.HandlerOptions.ReplaceAttr.
func RedactAttr(groups []string, attr slog.Attr) slog.Attr {
	if mustRedact(attr.Key, attr.Value) || slices.ContainsFunc(groups, isSensitive) {
		return slog.String(attr.Key, redact.Marker)
	}
	attr.Value = redactValue(attr.Value)
	return attr
}

// mustRedact reports whether the name alone makes the value sensitive. A boolean
// reveals nothing, and a number of tokens is a size.
func mustRedact(key string, value slog.Value) bool {
	switch value.Kind() {
	case slog.KindBool:
		return false
	case slog.KindInt64, slog.KindUint64:
		return isSensitive(key) && !isTokenCount(key)
	default:
		return isSensitive(key)
	}
}

func redactValue(value slog.Value) slog.Value {
	switch value.Kind() {
	case slog.KindString:
		return redactString(value)
	case slog.KindAny:
		return redactAny(value.Any())
	default:
		return value
	}
}

// redactString returns the same value when there is nothing to redact, so that it
// does not allocate.
func redactString(value slog.Value) slog.Value {
	text := value.String()
	if redacted := RedactText(text); redacted != text {
		return slog.StringValue(redacted)
	}
	return value
}

// redactAny redacts a value in its printed form, which slog takes from the error's
// text or from encoding/json.
func redactAny(value any) slog.Value {
	switch value := value.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(RedactText(value.Error()))
	case []byte:
		return slog.StringValue(RedactText(string(value)))
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return slog.StringValue(fmt.Sprintf("%s: %T is not JSON", redact.Marker, value))
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber() // keeps the digits of amounts
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return slog.StringValue(fmt.Sprintf("%s: %T is not JSON", redact.Marker, value))
	}
	return slog.AnyValue(redactTree(tree))
}

// redactTree redacts decoded JSON in place.
func redactTree(node any) any {
	switch node := node.(type) {
	case string:
		return RedactText(node)
	case []any:
		for i, item := range node {
			node[i] = redactTree(item)
		}
	case map[string]any:
		for key, item := range node {
			node[key] = redactMember(key, item)
		}
	}
	return node
}

func redactMember(key string, item any) any {
	switch item.(type) {
	case nil, bool:
		return item
	case json.Number:
		if isTokenCount(key) {
			return item
		}
	}
	if isSensitive(key) {
		return redact.Marker
	}
	return redactTree(item)
}
