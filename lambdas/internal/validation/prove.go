package validation

import (
	"fmt"
	"reflect"
)

// Prove returns an error when a rule of a request type is unknown, or does not fit the
// type of its field. The library panics at the first request that reaches such a rule:
// Prove checks an empty request and one in which every field has a value. request is a
// pointer to the type.
func (c *Checker) Prove(request any) error {
	empty := reflect.New(reflect.TypeOf(request).Elem())
	full := reflect.New(reflect.TypeOf(request).Elem())
	fill(full.Elem(), maxFillDepth)
	for _, value := range []reflect.Value{empty, full} {
		if err := c.prove(value.Interface()); err != nil {
			return fmt.Errorf("the rules of %T: %w", request, err)
		}
	}
	return nil
}

func (c *Checker) prove(request any) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%v", cause)
		}
	}()
	_ = c.Check(request) // whether the values are valid does not matter
	return nil
}

// maxFillDepth bounds how deep a type that refers to itself is filled.
const maxFillDepth = 8

// fill gives a value and all that it holds a value that is not zero, so that no rule is
// skipped by "omitempty" or for want of elements.
func fill(value reflect.Value, depth int) {
	if depth == 0 || !value.CanSet() {
		return
	}
	switch value.Kind() {
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		fill(value.Elem(), depth-1)
	case reflect.Struct:
		for i := range value.NumField() {
			fill(value.Field(i), depth-1)
		}
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		fill(value.Index(0), depth-1)
	case reflect.Map:
		key, element := reflect.New(value.Type().Key()).Elem(), reflect.New(value.Type().Elem()).Elem()
		fill(key, depth-1)
		fill(element, depth-1)
		value.Set(reflect.MakeMap(value.Type()))
		value.SetMapIndex(key, element)
	case reflect.String:
		value.SetString("x")
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		value.SetInt(1)
	case reflect.Float32, reflect.Float64:
		value.SetFloat(1)
	}
}
