package telemetry

import (
	"bytes"
	"strings"
)

// sensitiveParts make a name sensitive that contains them. sensitiveNames must be the
// whole name. Both are spelt as normalise returns them: accessToken, access_token and
// Access-Token all contain "token".
var (
	sensitiveParts = [...]string{
		"password", "passwd", "passcode", "secret", "token", "authorization", "cookie", "credential", "apikey", "privatekey", "signature",
		"email", "phone", "birthdate", "dateofbirth", "address", "postcode", "accountnumber", "sortcode", "cardnumber",
	}
	sensitiveNames = [...]string{
		"auth", "bearer", "jwt", "otp", "confirmationcode", "verificationcode",
		"mobile", "dob", "birthday", "name", "givenname", "familyname", "firstname", "lastname", "fullname", "username",
		"ip", "sourceip", "iban", "pan", "cvv", "ssn",
	}
)

// isSensitive reports whether a value of this name must stay out of the log.
func isSensitive(key string) bool {
	var buffer [48]byte // on the stack; a longer name moves to the heap
	name := normalise(buffer[:0], key)
	for _, part := range sensitiveParts {
		if len(part) <= len(name) && bytes.Contains(name, []byte(part)) {
			return true
		}
	}
	for _, exact := range sensitiveNames {
		if string(name) == exact {
			return true
		}
	}
	return false
}

// normalise appends the name in lower case, without the separators between its words.
func normalise(buffer []byte, key string) []byte {
	for i := range len(key) {
		switch c := key[i]; {
		case c == '_' || c == '-' || c == '.' || c == ' ':
		case 'A' <= c && c <= 'Z':
			buffer = append(buffer, c+'a'-'A')
		default:
			buffer = append(buffer, c)
		}
	}
	return buffer
}

// isTokenCount reports whether a number of this name counts tokens, such as the
// promptTokens of a language model.
func isTokenCount(key string) bool {
	return strings.HasSuffix(key, "Tokens") || strings.HasSuffix(key, "_tokens")
}
