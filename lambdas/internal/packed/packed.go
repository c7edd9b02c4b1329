// Package packed encodes values as compressed JSON, for items that could exceed
// DynamoDB's 400 KB otherwise.
package packed

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Encode returns a value as compressed JSON.
func Encode(value any) (string, error) {
	var text bytes.Buffer
	writer := gzip.NewWriter(&text)
	if err := errors.Join(json.NewEncoder(writer).Encode(value), writer.Close()); err != nil {
		return "", fmt.Errorf("encode packed JSON: %w", err)
	}
	return text.String(), nil
}

// Decode reads into a value what Encode returned. Its errors have nothing of the text.
func Decode(text string, into any) error {
	reader, err := gzip.NewReader(strings.NewReader(text))
	if err != nil {
		return fmt.Errorf("read packed JSON: %w", err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		return fmt.Errorf("read packed JSON: %w", err)
	}
	if json.Unmarshal(content, into) != nil {
		return errors.New("packed JSON has another form")
	}
	return nil
}
