package lambdaruntime

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// replacementCharacter is U+FFFD. API Gateway and encoding/json put it in place of
// invalid bytes and escapes. A request with it was therefore changed on the way, and
// two different texts may have become equal.
const replacementCharacter = string(utf8.RuneError)

// isText reports whether a parameter of a path or a query is UTF-8 as the client sent
// it.
func isText(value string) bool {
	return utf8.ValidString(value) && !strings.Contains(value, replacementCharacter)
}

// isJSONText reports whether a body is UTF-8 as the client sent it, including its
// escapes: "\ud800" alone is half a character.
func isJSONText(body []byte) bool {
	return utf8.Valid(body) && !bytes.Contains(body, []byte(replacementCharacter)) && !hasBrokenEscape(body)
}

// hasBrokenEscape reports whether a \u escape is half of a surrogate pair, or U+FFFD.
// https://www.rfc-editor.org/rfc/rfc8259#section-8.2
func hasBrokenEscape(body []byte) bool {
	for {
		at := bytes.IndexByte(body, '\\')
		if at < 0 {
			return false
		}
		body = body[at:]
		r, is := unicodeEscape(body)
		if !is {
			body = body[min(len(body), len(`\n`)):]
			continue
		}
		body = body[len(`\uffff`):]
		if utf16.IsSurrogate(r) {
			low, _ := unicodeEscape(body)
			r = utf16.DecodeRune(r, low) // U+FFFD unless both are a pair
		}
		if r == utf8.RuneError {
			return true
		}
		if r > 0xffff {
			body = body[len(`\uffff`):] // the low half
		}
	}
}

// unicodeEscape returns the UTF-16 code unit of the \u escape at the beginning of the
// text.
func unicodeEscape(text []byte) (unit rune, is bool) {
	if len(text) < len(`\uffff`) || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	value, err := strconv.ParseUint(string(text[2:len(`\uffff`)]), 16, 16)
	return rune(value), err == nil
}
