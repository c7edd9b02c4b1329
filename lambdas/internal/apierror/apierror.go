package apierror

import (
	"errors"
	"net/http"
	"time"
)

// Error is a failure with a response for the client.
type Error struct {
	// Status is the HTTP status. 401 is only for an invalid or expired token or
	// password, because the app signs its user out on a 401. At sign-in, 403 is only
	// for an unconfirmed e-mail address.
	Status int
	// Code is the machine-readable code, such as "UsernameExistsException".
	Code string
	// Message is shown to the user.
	Message string
	// Details has further information for developers, such as the invalid fields.
	Details string
	// RetryAfter is when the client may try again, for the Retry-After header.
	// Zero sends none.
	RetryAfter time.Duration

	cause error
}

// New returns an error for the client.
func New(status int, code, message string) *Error {
	return &Error{Status: status, Code: code, Message: message}
}

// Because returns a copy of the error with a cause. The cause is for the log and is
// never sent to the client.
func (e *Error) Because(cause error) *Error {
	copied := *e
	copied.cause = cause
	return &copied
}

// Error returns the code, the message and the cause, for logs.
func (e *Error) Error() string {
	text := e.Code + ": " + e.Message
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// After returns a copy of the error with a Retry-After.
func (e *Error) After(wait time.Duration) *Error {
	copied := *e
	copied.RetryAfter = wait
	return &copied
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is an *Error with the same status and code, whatever its
// cause.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Status == e.Status && other.Code == e.Code
}

// Failures that any route may return.
var (
	Internal     = New(http.StatusInternalServerError, "INTERNAL_ERROR", "An unexpected error occurred. Please try again.")
	Refused      = New(http.StatusBadRequest, "REQUEST_REFUSED", "The request was refused.")
	NotFound     = New(http.StatusNotFound, "NOT_FOUND", "There is nothing at this address.")
	Unauthorized = New(http.StatusUnauthorized, "UNAUTHORIZED", "Please sign in again.")
	TooMany      = New(http.StatusTooManyRequests, "RATE_LIMITED", "Too many requests. Please try again later.")
	Unavailable  = New(http.StatusServiceUnavailable, "UNAVAILABLE", "The service is temporarily unavailable. Please try again.")
)

// From returns the *Error in err's chain. Without one, it returns Internal with err
// as its cause.
func From(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	return Internal.Because(err)
}
