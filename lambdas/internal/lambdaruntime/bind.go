package lambdaruntime

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// parameter is a field of a request type that comes from the path or the query
// string: `path:"id"` or `query:"limit"`.
type parameter struct {
	index int
	name  string
	from  func(*events.APIGatewayV2HTTPRequest) map[string]string
	set   func(reflect.Value, string) error
}

// parametersOf finds the parameters of a request type once, at start. It returns
// an error for a field of a type that no parameter can have.
func parametersOf(request any) ([]parameter, error) {
	typ := reflect.TypeOf(request).Elem()
	if typ.Kind() != reflect.Struct {
		return nil, nil
	}
	var found []parameter
	for i := range typ.NumField() {
		field := typ.Field(i)
		p := parameter{index: i}
		if name, ok := field.Tag.Lookup("path"); ok {
			p.name, p.from = name, func(e *events.APIGatewayV2HTTPRequest) map[string]string { return e.PathParameters }
		} else if name, ok := field.Tag.Lookup("query"); ok {
			p.name, p.from = name, func(e *events.APIGatewayV2HTTPRequest) map[string]string { return e.QueryStringParameters }
		} else {
			continue
		}
		switch field.Type.Kind() {
		case reflect.String:
			p.set = setString
		case reflect.Int:
			p.set = setInt
		case reflect.Bool:
			p.set = setBool
		default:
			return nil, fmt.Errorf("%s.%s: a parameter is a string, an int or a bool, not %s", typ, field.Name, field.Type)
		}
		found = append(found, p)
	}
	return found, nil
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

// bind fills the parameters in. One that is absent keeps the zero value, for the
// rules of the request to judge; one of the wrong type, or that is not UTF-8, is an *apierror.Error.
func bind(event *events.APIGatewayV2HTTPRequest, parameters []parameter, request any) error {
	if len(parameters) == 0 {
		return nil
	}
	value := reflect.ValueOf(request).Elem()
	for _, p := range parameters {
		text, given := p.from(event)[p.name]
		if !given {
			continue
		}
		if !isText(text) {
			return notUTF8(event.RawPath, p.name)
		}
		if err := p.set(value.Field(p.index), text); err != nil {
			details := fmt.Sprintf("%s must be %s", p.name, jsonTypeName(value.Field(p.index).Kind()))
			return apierror.Invalid(event.RawPath, "INVALID_TYPE", "The request has a value of the wrong type.", details).Because(err)
		}
	}
	return nil
}
