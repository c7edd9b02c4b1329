package lambdaruntime

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// decode reads the request body into request, without unknown fields. It returns an
// *apierror.Error for a body that is too large, is not UTF-8, is not JSON, or has a
// value of the wrong type.
func decode(event *events.APIGatewayV2HTTPRequest, limit int, request any) error {
	if _, none := request.(*function.NoInput); none {
		return nil
	}
	path := event.RawPath
	body, err := boundedBody(event, limit)
	switch {
	case err != nil:
		return err
	case !isJSONText(body):
		return notUTF8(path, "the body")
	case nestingDepth(body) > maxDepth:
		return apierror.Invalid(path, "INVALID_JSON", "The request is nested too deeply.", fmt.Sprintf("at most %d levels", maxDepth))
	case len(body) == 0:
		return nil // the rules of the request say whether it may be empty
	}
	var wrongType *json.UnmarshalTypeError
	if err := json.Unmarshal(body, request); errors.As(err, &wrongType) {
		details := fmt.Sprintf("%s must be %s", cmp.Or(wrongType.Field, "the body"), jsonTypeName(wrongType.Type.Kind()))
		return apierror.Invalid(path, "INVALID_TYPE", "The request has a value of the wrong type.", details)
	} else if err != nil {
		return apierror.Invalid(path, "INVALID_JSON", "The request is not valid JSON.", "").Because(err)
	}
	return nil
}

// notUTF8 returns the error for a request with a part that is not UTF-8.
func notUTF8(path, part string) *apierror.Error {
	return apierror.Invalid(path, "INVALID_TEXT", "The request cannot be read.", part+" is not UTF-8")
}

// jsonTypeName returns the name of the JSON type that a Go kind is decoded from.
func jsonTypeName(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return "a whole number"
	}
}

// maxDepth is how many levels of objects and arrays a request may have. The deepest
// request of the contract has six.
const maxDepth = 32

// nestingDepth returns how many levels of objects and arrays the text has, outside
// strings.
func nestingDepth(text []byte) int {
	level, deepest, inString := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			level++
			deepest = max(deepest, level)
		case c == '}' || c == ']':
			level--
		}
	}
	return deepest
}

// boundedBody returns the body, or an *apierror.Error for one that is larger than limit, in
// bytes, or cannot be read.
func boundedBody(event *events.APIGatewayV2HTTPRequest, limit int) ([]byte, error) {
	body, err := rawBody(event)
	if err != nil {
		return nil, apierror.Invalid(event.RawPath, "INVALID_BODY", "The request cannot be read.", "").Because(err)
	}
	if len(body) > limit {
		return nil, apierror.Invalid(event.RawPath, "BODY_TOO_LARGE", "The request is too large.", fmt.Sprintf("at most %d bytes", limit))
	}
	return body, nil
}

func rawBody(event *events.APIGatewayV2HTTPRequest) ([]byte, error) {
	if event.IsBase64Encoded {
		return base64.StdEncoding.DecodeString(event.Body)
	}
	return []byte(event.Body), nil
}
