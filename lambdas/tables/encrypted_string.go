package tables

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/redact"
)

// EncryptedString is a text of personal data: clear in memory, sealed in the table. A
// field of an item type that is declared EncryptedString reaches DynamoDB and comes
// back through a fieldcrypt.Schema only. It is not a string to the compiler, so
// it cannot be put into an attribute by hand; the SDK's attributevalue and
// expression packages are refused with ErrNotSealed; and logs, formatted texts
// and JSON show redact.Marker in its place. The conversion string(p) takes the
// text out, and is what a reviewer looks for.
//
// The attribute is named by the dynamodbav tag. The ciphertext is bound to that
// name: it can never be changed once items exist.
type EncryptedString string

// ErrNotSealed is returned when an EncryptedString is encoded or decoded for DynamoDB by
// something other than a fieldcrypt.Schema.
var ErrNotSealed = errors.New("personal data is stored sealed: use a fieldcrypt.Schema in place of attributevalue")

// Format writes redact.Marker for every verb.
func (EncryptedString) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redact.Marker) }

// LogValue is redact.Marker.
func (EncryptedString) LogValue() slog.Value { return slog.StringValue(redact.Marker) }

// MarshalText returns redact.Marker; encoding/json uses it too.
func (EncryptedString) MarshalText() ([]byte, error) { return []byte(redact.Marker), nil }

// MarshalDynamoDBAttributeValue returns ErrNotSealed, or NULL for the empty text.
func (p EncryptedString) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if p != "" {
		return nil, ErrNotSealed
	}
	return &types.AttributeValueMemberNULL{Value: true}, nil
}

// UnmarshalDynamoDBAttributeValue returns ErrNotSealed.
func (*EncryptedString) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error {
	return ErrNotSealed
}
