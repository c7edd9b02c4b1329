package tables

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Private is a text of personal data: clear in memory, sealed in the table. A
// field of an item type that is declared Private reaches DynamoDB and comes
// back through a fieldcrypt.Schema only. It is not a string to the compiler, so
// it cannot be put into an attribute by hand; the SDK's attributevalue and
// expression packages are refused with ErrPrivate; and logs, formatted texts
// and JSON show "[private]" in its place. The conversion string(p) takes the
// text out, and is what a reviewer looks for.
//
// The attribute is named by the dynamodbav tag. The ciphertext is bound to that
// name: it can never be changed once items exist.
type Private string

const redacted = "[private]"

// ErrPrivate is returned when a Private is encoded or decoded for DynamoDB by
// something other than a fieldcrypt.Schema.
var ErrPrivate = errors.New("personal data is stored sealed: use a fieldcrypt.Schema in place of attributevalue")

// Format writes "[private]" for every verb.
func (Private) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue is "[private]".
func (Private) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[private]"; encoding/json uses it too.
func (Private) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalDynamoDBAttributeValue returns ErrPrivate, or NULL for the empty text.
func (p Private) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if p != "" {
		return nil, ErrPrivate
	}
	return &types.AttributeValueMemberNULL{Value: true}, nil
}

// UnmarshalDynamoDBAttributeValue returns ErrPrivate.
func (*Private) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { return ErrPrivate }
