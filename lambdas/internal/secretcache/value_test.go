package secretcache_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/redact"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
)

func TestValue_Printed_IsRedacted(t *testing.T) {
	const text = "not-a-real-key"
	value := secretcache.NewValue(text)
	var logged bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&logged, nil))
	type client struct {
		key    secretcache.Value
		Public *secretcache.Value
	}
	holder := client{value, &value}
	logger.Info("made", "value", value, "client", fmt.Sprint(holder), "any", map[string]any{"v": value})
	encoded, err := json.Marshal(map[string]any{"value": value, "holder": holder})
	if err != nil {
		t.Fatal(err)
	}
	for name, shown := range map[string]string{
		"log": logged.String(), "json": string(encoded),
		"%v": fmt.Sprintf("%v", value), "%+v": fmt.Sprintf("%+v", value), "%#v": fmt.Sprintf("%#v", value),
		"%q": fmt.Sprintf("%q", value), "%s": fmt.Sprintf("%s", value), "%x": fmt.Sprintf("%x", value),
		"%d": fmt.Sprintf("%d", value), "pointer": fmt.Sprint(&value), "String": value.String(),
	} {
		if strings.Contains(shown, text) || strings.Contains(shown, fmt.Sprintf("%x", text)) || !strings.Contains(shown, redact.Marker) {
			t.Errorf("%s shows %s", name, shown)
		}
	}
	// fmt cannot ask a private field, so it says nothing of the text at all.
	for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x"} {
		for _, holds := range []any{holder, &holder, []client{holder}, fmt.Errorf("call %v: %w", holder, errors.New("refused"))} {
			if shown := fmt.Sprintf(verb, holds); strings.Contains(shown, text) || strings.Contains(shown, fmt.Sprintf("%x", text)) {
				t.Errorf("%s shows a private field: %s", verb, shown)
			}
		}
	}
}

func TestReveal_ReturnsText(t *testing.T) {
	value := secretcache.NewValue("text")
	if value.Reveal() != "text" || !value.Equal("text") || value.Equal("texts") || value.Equal("") {
		t.Error("a value is not equal to its text alone")
	}
	var none secretcache.Value
	if none.Reveal() != "" || !none.Equal("") {
		t.Error("the zero value is not empty")
	}
}
