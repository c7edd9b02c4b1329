package lambdaruntime

// responseHeaders returns the headers of every response that a function writes,
// failures included. A browser that is led to the API shows nothing of it, keeps
// nothing, and comes back by TLS alone.
// https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
func responseHeaders() map[string]string {
	return map[string]string{
		"Content-Type":  "application/json",
		"Cache-Control": "no-store",
		// One year, as https://www.rfc-editor.org/rfc/rfc6797 has in its examples.
		"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		"X-Content-Type-Options":    "nosniff",
		"Referrer-Policy":           "no-referrer",
		"Content-Security-Policy":   "default-src 'none'; frame-ancestors 'none'",
		"X-Frame-Options":           "DENY", // for browsers without frame-ancestors
	}
}
