package lambdaruntime

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// parameter is a field of a request type that comes from the path, the query or a header.
type parameter struct {
	function.RequestField
	set func(reflect.Value, string) error
}

// parametersOf returns the parameters of a request type. It runs once, at start. It
// returns an error for a field whose type a parameter cannot have.
func parametersOf(request any) ([]parameter, error) {
	fields, err := function.RequestFields(request)
	if err != nil {
		return nil, err
	}
	var found []parameter
	for _, field := range fields {
		if field.From == function.FromBody {
			continue
		}
		p := parameter{RequestField: field}
		switch field.Type.Kind() {
		case reflect.String:
			p.set = setString
		case reflect.Int:
			p.set = setInt
		case reflect.Bool:
			p.set = setBool
		default:
			return nil, fmt.Errorf("%T.%s: a parameter is a string, an int or a bool, not %s", request, field.Name, field.Type)
		}
		found = append(found, p)
	}
	return found, nil
}

// of returns what the request has for the parameter, and whether it has any.
func (p parameter) of(event *events.APIGatewayV2HTTPRequest) (string, bool) {
	from := event.QueryStringParameters
	switch p.From {
	case function.FromPath:
		from = event.PathParameters
	case function.FromHeader:
		from = event.Headers // API Gateway writes their names in lower case
	}
	text, given := from[p.Parameter]
	return text, given
}

func setString(v reflect.Value, text string) error { v.SetString(text); return nil }

func setInt(v reflect.Value, text string) error {
	n, err := strconv.Atoi(text)
	v.SetInt(int64(n))
	return err
}

func setBool(v reflect.Value, text string) error {
	b, err := strconv.ParseBool(text)
	v.SetBool(b)
	return err
}

// bind sets the parameters of a request. An absent parameter keeps the zero value,
// which the rules of the request judge. bind returns an *apierror.Error for a value
// of the wrong type and for a value that is not UTF-8.
func bind(event *events.APIGatewayV2HTTPRequest, parameters []parameter, request any) error {
	if len(parameters) == 0 {
		return nil
	}
	value := reflect.ValueOf(request).Elem()
	for _, p := range parameters {
		text, given := p.of(event)
		if !given {
			continue
		}
		if !isText(text) {
			return notUTF8(event.RawPath, p.Parameter)
		}
		field := value.FieldByIndex(p.Index)
		if err := p.set(field, text); err != nil {
			details := fmt.Sprintf("%s must be %s", p.Parameter, jsonTypeName(field.Kind()))
			return apierror.Invalid(event.RawPath, "INVALID_TYPE", "The request has a value of the wrong type.", details).Because(err)
		}
	}
	return nil
}
