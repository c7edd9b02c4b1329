package apierror

import (
	"net/http"
	"strings"
	"time"
)

// flat is the body below /auth/. Without Error, it is also the body of 422 and 429
// elsewhere.
type flat struct {
	Error     string `json:"error,omitempty"`
	Code      string `json:"code,omitempty"`
	Message   string `json:"message"`
	Details   string `json:"details,omitempty"`
	RequestID string `json:"requestId"`
	Timestamp int64  `json:"timestamp"`
}

// nested is the body outside /auth/.
type nested struct {
	Error     nestedError `json:"error"`
	RequestID string      `json:"requestId"`
	Timestamp int64       `json:"timestamp"`
}

type nestedError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// UnderAuth reports whether errors of the path have the flat body.
func UnderAuth(path string) bool { return strings.HasPrefix(path, "/auth/") }

// Body returns the value to encode as the JSON body of the error on this path.
// The timestamp is in epoch milliseconds.
func (e *Error) Body(path, requestID string, now time.Time) any {
	timestamp := now.UnixMilli()
	switch {
	case UnderAuth(path):
		return flat{Error: e.Code, Message: e.Message, Details: e.Details, RequestID: requestID, Timestamp: timestamp}
	case e.Status == http.StatusUnprocessableEntity, e.Status == http.StatusTooManyRequests:
		return flat{Code: e.Code, Message: e.Message, Details: e.Details, RequestID: requestID, Timestamp: timestamp}
	default:
		return nested{Error: nestedError{Code: e.Code, Message: e.Message}, RequestID: requestID, Timestamp: timestamp}
	}
}

// Invalid returns the failure for an invalid request: 400 below /auth/, and 422
// elsewhere. 422 is the only status whose body the app's other screens can read.
func Invalid(path, code, message, details string) *Error {
	status := http.StatusUnprocessableEntity
	if UnderAuth(path) {
		status, code = http.StatusBadRequest, "InvalidParameterException"
	}
	return &Error{Status: status, Code: code, Message: message, Details: details}
}
