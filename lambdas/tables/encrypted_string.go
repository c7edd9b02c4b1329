package tables

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// EncryptedString is a text of personal data: clear in memory, sealed in the table. A
// field of an item type that is declared EncryptedString reaches DynamoDB and comes
// back through a fieldcrypt.Schema only. It is not a string to the compiler, so
// it cannot be put into an attribute by hand; the SDK's attributevalue and
// expression packages are refused with ErrNotSealed; and logs, formatted texts
// and JSON show "[private]" in its place. The conversion string(p) takes the
// text out, and is what a reviewer looks for.
//
// The attribute is named by the dynamodbav tag. The ciphertext is bound to that
// name: it can never be changed once items exist.
type EncryptedString string

const redacted = "[private]"

// ErrNotSealed is returned when an EncryptedString is encoded or decoded for DynamoDB by
// something other than a fieldcrypt.Schema.
var ErrNotSealed = errors.New("personal data is stored sealed: use a fieldcrypt.Schema in place of attributevalue")

// Format writes "[private]" for every verb.
func (EncryptedString) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue is "[private]".
func (EncryptedString) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[private]"; encoding/json uses it too.
func (EncryptedString) MarshalText() ([]byte, error) { return []byte(redacted), nil }

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
