package contract

import (
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Sample texts by pattern or format, and by property name where the schema has neither
// and the contract describes the content in words. Sample numbers by property name.
var (
	samplesByFormat = map[string]string{
		`^\d{5}$`: "48213", `^.{6}$`: "123456", `^\d{2}/\d{2}/\d{4}$`: "12/10/1985", `^\d{4}-\d{2}$`: "2026-01",
		"email": "ada@example.com", "date": "2026-01-31", "date-time": "2026-01-31T12:00:00.000Z",
	}
	samplesByName = map[string]string{
		"birthdate":         "12/10/1985",
		"currency":          "GBP",
		"email":             "ada@example.com",
		"newPassword":       "Correct-horse-1",
		"password":          "Correct-horse-1",
		"phone":             "020 7946 0000",
		"phone_number":      "+442079460000",
		"preferredCurrency": "GBP",
		"quietHoursEnd":     "07:00",
		"quietHoursStart":   "22:00",
		"token":             "ExponentPushToken[0123456789abcdefghijkl]",
	}
	numbers = map[string]float64{"sessionTimeout": 300_000} // milliseconds
)

func text(schema *openapi3.Schema, name string) string {
	for _, form := range []string{schema.Pattern, schema.Format} {
		if form == "" {
			continue
		}
		if sample, known := samplesByFormat[form]; known {
			return sample
		}
		panic(fmt.Sprintf("no text of the form %q is known: add one to test/contract/values.go", form))
	}
	if sample, known := samplesByName[name]; known {
		return sample
	}
	return "text"
}

func number(schema *openapi3.Schema, name string) float64 {
	sample, known := numbers[name]
	switch {
	case known:
		return sample
	case schema.ExclusiveMin.Value != nil:
		return *schema.ExclusiveMin.Value + 1
	case schema.Min != nil:
		return *schema.Min
	}
	return 5
}

// invalidValues returns values that the schema does not allow.
func invalidValues(schema *openapi3.Schema) []Body {
	var all []Body
	is := func(types ...string) bool { return slices.ContainsFunc(types, schema.Type.Includes) }
	switch {
	case schema.Type == nil:
		return nil
	case !is(openapi3.TypeNumber, openapi3.TypeInteger):
		all = append(all, Body{"is a number", 7})
	case !is(openapi3.TypeString):
		all = append(all, Body{"is a text", "text"})
	}
	if is(openapi3.TypeInteger) && !is(openapi3.TypeNumber) {
		all = append(all, Body{"is a fraction", 1.5})
	}
	if len(schema.Enum) > 0 || schema.Const != nil || schema.Pattern != "" || schema.MinLength > 1 {
		all = append(all, Body{"has another form", "?"})
	}
	if slices.Contains([]string{"email", "date", "date-time"}, schema.Format) {
		all = append(all, Body{"is no " + schema.Format, "?"})
	}
	if low := schema.ExclusiveMin.Value; low != nil {
		all = append(all, Body{"is too small", *low})
	}
	if schema.Min != nil {
		all = append(all, Body{"is too small", *schema.Min - 1})
	}
	if schema.Max != nil {
		all = append(all, Body{"is too great", *schema.Max + 1})
	}
	return all
}
