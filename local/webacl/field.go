package webacl

import (
	"encoding/base64"
	"fmt"
	"html"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fieldJSON is the part of the request that a statement inspects, with the
// transformations before the comparison.
type fieldJSON struct {
	FieldToMatch        fieldToMatchJSON
	TextTransformations []transformationJSON
}

type fieldToMatchJSON struct {
	UriPath, QueryString, Method, AllQueryArguments *struct{}
	SingleHeader, SingleQueryArgument               *struct{ Name string }
	Body                                            *struct{ OversizeHandling string }
}

type transformationJSON struct {
	Priority float64
	Type     string
}

// match returns a match of the field's values, after the transformations.
func (f fieldJSON) match(is func(value string) bool) (match, error) {
	transform, err := transformations(f.TextTransformations)
	if err != nil {
		return nil, err
	}
	some := func(values ...string) bool {
		return slices.ContainsFunc(values, func(value string) bool { return is(transform(value)) })
	}
	field := f.FieldToMatch
	switch {
	case field.UriPath != nil:
		return func(e *evaluation) bool { return some(e.Path) }, nil
	case field.QueryString != nil:
		return func(e *evaluation) bool { return some(e.Query) }, nil
	case field.Method != nil:
		return func(e *evaluation) bool { return some(e.Method) }, nil
	case field.SingleHeader != nil:
		return func(e *evaluation) bool { return some(e.Header.Values(field.SingleHeader.Name)...) }, nil
	case field.SingleQueryArgument != nil:
		name := field.SingleQueryArgument.Name
		return func(e *evaluation) bool {
			for key, values := range queryArguments(e.Query) {
				if strings.EqualFold(key, name) && some(values...) {
					return true
				}
			}
			return false
		}, nil
	case field.AllQueryArguments != nil:
		return func(e *evaluation) bool {
			for _, values := range queryArguments(e.Query) {
				if some(values...) {
					return true
				}
			}
			return false
		}, nil
	case field.Body != nil:
		return bodyMatch(field.Body.OversizeHandling, some)
	}
	return nil, fmt.Errorf("the field to match is none that is evaluated here")
}

// bodyMatch matches the body. A body beyond the inspected part is handled as the
// statement says.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-oversize-request-components.html
func bodyMatch(oversize string, some func(...string) bool) (match, error) {
	if !slices.Contains([]string{"", "CONTINUE", "MATCH", "NO_MATCH"}, oversize) {
		return nil, fmt.Errorf("unknown oversize handling %q", oversize)
	}
	return func(e *evaluation) bool {
		limit := e.acl.bodyLimit
		if len(e.Body) <= limit {
			return some(string(e.Body))
		}
		switch oversize {
		case "MATCH":
			return true
		case "NO_MATCH":
			return false
		}
		return some(string(e.Body[:limit]))
	}, nil
}

// queryArguments returns the arguments that can be decoded, like a lenient server.
func queryArguments(query string) url.Values {
	values, _ := url.ParseQuery(query) // malformed arguments are left out
	return values
}

// transformations returns a function that applies the transformations by priority.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-transformation.html
func transformations(list []transformationJSON) (func(string) string, error) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b transformationJSON) int { return int(a.Priority - b.Priority) })
	var steps []func(string) string
	for _, t := range list {
		step, ok := transformationsByType[t.Type]
		if !ok {
			return nil, fmt.Errorf("text transformation %q is not evaluated here", t.Type)
		}
		steps = append(steps, step)
	}
	return func(value string) string {
		for _, step := range steps {
			value = step(value)
		}
		return value
	}, nil
}

var whiteSpace = regexp.MustCompile(`[\s\x{00a0}]+`)

var transformationsByType = map[string]func(string) string{
	"NONE":                 func(s string) string { return s },
	"LOWERCASE":            strings.ToLower,
	"URL_DECODE":           urlDecode,
	"NORMALIZE_PATH":       normalizePath,
	"HTML_ENTITY_DECODE":   html.UnescapeString,
	"COMPRESS_WHITE_SPACE": func(s string) string { return whiteSpace.ReplaceAllString(s, " ") },
	"REPLACE_NULLS":        func(s string) string { return strings.ReplaceAll(s, "\x00", " ") },
	"JS_DECODE":            jsDecode,
	"BASE64_DECODE": func(s string) string {
		if decoded, err := base64.StdEncoding.DecodeString(s); err == nil {
			return string(decoded)
		}
		return s
	},
}

// urlDecode decodes what is percent-encoded and keeps everything else.
func urlDecode(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if b, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out.WriteByte(byte(b))
				i += 2
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

var jsEscape = regexp.MustCompile(`\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|.)`)

// jsDecode decodes the escapes of JavaScript. Of a code point, only the lower byte counts.
func jsDecode(s string) string {
	return jsEscape.ReplaceAllStringFunc(s, func(escape string) string {
		digits, base := escape[2:], 16
		switch c := escape[1]; {
		case c == 'u', c == 'x':
		case c >= '0' && c <= '7':
			digits, base = escape[1:], 8
		default:
			if control := strings.IndexByte("abfnrtv", c); control >= 0 {
				return "\a\b\f\n\r\t\v"[control : control+1]
			}
			return escape[1:]
		}
		code, err := strconv.ParseUint(digits, base, 16)
		if err != nil {
			return escape
		}
		return string([]byte{byte(code)})
	})
}

// normalizePath removes repeated slashes and resolves "." and "..". A slash at the end
// stays.
func normalizePath(s string) string {
	if s == "" {
		return s
	}
	clean := path.Clean(s)
	if clean != "/" && (strings.HasSuffix(s, "/") || strings.HasSuffix(s, "/.") || strings.HasSuffix(s, "/..")) {
		clean += "/"
	}
	return clean
}
