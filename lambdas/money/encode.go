package money

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// MarshalJSON writes a JSON number with all of the amount's digits. It returns
// ErrOutOfRange for the result of arithmetic that left the range.
func (a Amount) MarshalJSON() ([]byte, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	return []byte(a.value.String()), nil
}

// minorDecimals is how many decimals an amount from a client has: those of pounds.
const minorDecimals = 2

// UnmarshalJSON reads a JSON number and rounds it to pence, half away from zero: the app
// adds binary floats and sends 0.30000000000000004. Null changes nothing, as everywhere
// in encoding/json. Everything else is a *json.UnmarshalTypeError, as it would be for a
// float64: a string, and a number out of range.
func (a *Amount) UnmarshalJSON(text []byte) error {
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	parsed, err := Parse(string(text)) // a number has no quotes, a text has
	if err != nil {
		return &json.UnmarshalTypeError{Value: valueOf(text), Type: reflect.TypeFor[float64]()}
	}
	*a = parsed.Round(minorDecimals)
	return nil
}

func valueOf(text []byte) string {
	switch text[0] {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "bool"
	default:
		return "number out of range"
	}
}

// MarshalDynamoDBAttributeValue writes a DynamoDB number with all of the
// amount's digits. It returns ErrOutOfRange for the result of arithmetic that
// left the range.
func (a Amount) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberN{Value: a.value.String()}, nil
}

// UnmarshalDynamoDBAttributeValue reads a DynamoDB number. It returns an error
// for an attribute of any other type.
func (a *Amount) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) error {
	number, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return fmt.Errorf("an amount is stored as a number (N), not as %T", value)
	}
	parsed, err := Parse(number.Value)
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}
