package userpool

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// The app searches these messages for texts, or shows them (docs/decisions/0008). Of
// the messages of a sign-in, only that of an unconfirmed address may contain "verify".
var (
	ErrTooManyAttempts       = apierror.New(http.StatusTooManyRequests, "LimitExceededException", "Too many attempts. Please try again later.")
	ErrWrongPassword         = apierror.New(http.StatusUnauthorized, "NotAuthorizedException", "Incorrect username or password.")
	ErrNotConfirmed          = apierror.New(http.StatusForbidden, "UserNotConfirmedException", "Your e-mail address is not confirmed yet.")
	ErrPasswordResetRequired = apierror.New(http.StatusBadRequest, "PasswordResetRequiredException", "Please reset your password to sign in.")
	ErrUsernameTaken         = apierror.New(http.StatusConflict, "UsernameExistsException", "This username is already taken.")
	ErrWeakPassword          = apierror.New(http.StatusBadRequest, "InvalidPasswordException", "The password needs at least 8 characters with upper-case and lower-case letters, a digit and a symbol.")
	ErrSignUpRefused         = apierror.New(http.StatusBadRequest, "InvalidParameterException", "The account cannot be created with these details.")
	ErrWrongSignUpCode       = apierror.New(http.StatusBadRequest, "CodeMismatchException", "Invalid verification code. Please check it and try again.")
	ErrExpiredSignUpCode     = apierror.New(http.StatusBadRequest, "ExpiredCodeException", "The verification code has expired. Please ask for a new one.")
	ErrAlreadyConfirmed      = apierror.New(http.StatusBadRequest, "NotAuthorizedException", "This account is already confirmed.")
	ErrWrongResetCode        = apierror.New(http.StatusBadRequest, "CodeMismatchException", "Invalid confirmation code. Please check it and try again.")
	ErrExpiredResetCode      = apierror.New(http.StatusBadRequest, "ExpiredCodeException", "The confirmation code has expired. Please ask for a new one.")
	ErrReusedPassword        = apierror.New(http.StatusBadRequest, "PasswordHistoryPolicyViolationException", "This password has been used before. Please choose another one.")
	ErrWeakNewPassword       = apierror.New(http.StatusBadRequest, "InvalidPasswordException", "The password does not meet the requirements: at least 8 characters with upper-case and lower-case letters, a digit and a symbol.")
	ErrSessionEnded          = apierror.New(http.StatusUnauthorized, "NotAuthorizedException", "Your session has ended. Please sign in again.")
	// ErrSignInNotAllowed is for a user whom Cognito does not sign in, whatever
	// identity provider vouches for the user.
	ErrSignInNotAllowed = apierror.New(http.StatusBadRequest, "NotAuthorizedException", "This account cannot be signed in to. Please contact us.")
)

// exceptionErrors maps the code of an exception of Cognito to the response of the API.
type exceptionErrors map[string]*apierror.Error

var throttlingErrors = exceptionErrors{
	"LimitExceededException":         ErrTooManyAttempts,
	"TooManyRequestsException":       ErrTooManyAttempts,
	"TooManyFailedAttemptsException": ErrTooManyAttempts,
}

// translate returns the response for an exception. For an exception without a response
// it wraps the exception, which makes it an internal error.
func (f exceptionErrors) translate(operation string, err error) error {
	var exception smithy.APIError
	if !errors.As(err, &exception) || isClientError(exception) {
		return fmt.Errorf("%s: %w", operation, err)
	}
	if exception.ErrorCode() == undeliverable {
		err = errUndeliverable
	}
	for _, known := range []exceptionErrors{f, throttlingErrors} {
		if response, ok := known[exception.ErrorCode()]; ok {
			return response.Because(err)
		}
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// undeliverable is the code of Cognito's exception for an e-mail that it cannot send.
// Its message may come from SES and name the recipient, so errUndeliverable replaces it
// in errors.
const undeliverable = "CodeDeliveryFailureException"

var errUndeliverable = errors.New("the code cannot be sent: " + undeliverable)

// codeError returns the error of an operation that sends a code. It is nil for
// exceptions that tell whether there is such a user, and in which state.
func codeError(operation string, err error) error {
	if err == nil {
		return nil
	}
	var exception smithy.APIError
	if !errors.As(err, &exception) || isClientError(exception) {
		return exceptionErrors{}.translate(operation, err)
	}
	switch exception.ErrorCode() {
	case "UserNotFoundException", "NotAuthorizedException", // unknown, disabled
		"InvalidParameterException", // confirmed already, or without a confirmed address
		"LimitExceededException":    // has been sent too many codes
		return nil
	}
	return exceptionErrors{}.translate(operation, err)
}

// isClientError reports whether Cognito rejects the secret hash of the app client.
// Cognito uses the exception of a wrong password for it, so the message decides.
func isClientError(exception smithy.APIError) bool {
	return exception.ErrorCode() == "NotAuthorizedException" && strings.Contains(strings.ToLower(exception.ErrorMessage()), "secret")
}

// IsThrottled reports whether Cognito refused a request because the whole stage makes
// too many.
func IsThrottled(err error) bool {
	var exception smithy.APIError
	return errors.As(err, &exception) && exception.ErrorCode() == "TooManyRequestsException"
}
