package lambdaruntime

// responseHeaders returns the headers of every response that a function writes,
// including failures. A browser that follows a link to the API displays nothing,
// caches nothing and returns by TLS only.
// https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
func responseHeaders() map[string]string {
	return map[string]string{
		"Content-Type":  "application/json",
		"Cache-Control": "no-store",
		// One year, as in the examples of https://www.rfc-editor.org/rfc/rfc6797.
		"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		"X-Content-Type-Options":    "nosniff",
		"Referrer-Policy":           "no-referrer",
		"Content-Security-Policy":   "default-src 'none'; frame-ancestors 'none'",
		"X-Frame-Options":           "DENY", // for browsers without frame-ancestors
	}
}
