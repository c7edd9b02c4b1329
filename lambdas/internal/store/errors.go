package store

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

var (
	// ErrNotFound is returned for an item that does not exist.
	ErrNotFound = errors.New("there is no such item")
	// ErrConditionFailed is returned for a write whose condition does not hold. For a
	// transaction it is a *TransactionError, which names the write.
	ErrConditionFailed = errors.New("the condition of the write does not hold")
	// ErrConflict is returned for a write that still conflicts with other
	// transactions after several attempts. The caller may retry later.
	ErrConflict = errors.New("other writes to the same items are under way")
	// ErrNoCapacity is the cause of a *BatchError when DynamoDB still left a part
	// undone after several attempts. The caller may retry later.
	ErrNoCapacity = errors.New("the table has no capacity for all of the batch within the time")
	// ErrTooLarge is returned for an item over DynamoDB's 400 KB.
	ErrTooLarge = errors.New("the item is too large")
	// ErrBadCursor is the response to a cursor that did not come from the last page
	// of the same query.
	ErrBadCursor = apierror.New(http.StatusUnprocessableEntity, "INVALID_CURSOR", "The list has changed. Please load it again.")
)

// TransactionError is returned for a transaction with a condition that does not hold.
// Nothing of the transaction was written. errors.Is matches it with
// ErrConditionFailed.
type TransactionError struct {
	// Failed are the indexes of the writes whose condition does not hold, in the
	// order of Transact's arguments.
	Failed []int
}

// Error returns the indexes of the failed writes.
func (e *TransactionError) Error() string {
	return fmt.Sprintf("%v: write %v of the transaction", ErrConditionFailed, e.Failed)
}

// Is reports whether the target is ErrConditionFailed.
func (e *TransactionError) Is(target error) bool { return target == ErrConditionFailed }

// ConditionFailedAt reports whether the condition of the i-th write does not hold.
func ConditionFailedAt(err error, i int) bool {
	var refused *TransactionError
	return errors.As(err, &refused) && slices.Contains(refused.Failed, i)
}

// IgnoreConditionFailed returns nil for ErrConditionFailed, and any other error
// unchanged. It is for writes that have nothing to do unless their condition holds.
func IgnoreConditionFailed(err error) error {
	if errors.Is(err, ErrConditionFailed) {
		return nil
	}
	return err
}

// IgnoreNotFound returns nil for ErrNotFound, and any other error unchanged. It is for
// writes to an item that may have been erased meanwhile.
func IgnoreNotFound(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// AsNotFound returns the response for ErrNotFound, and any other error as it is:
//
//	goal, err := e.goals.Get(ctx, key)
//	return goal, store.AsNotFound(err, errNoGoal)
func AsNotFound(err error, response *apierror.Error) error {
	if errors.Is(err, ErrNotFound) {
		return response.Because(err)
	}
	return err
}

// tooLargeMessage is part of DynamoDB's error for an update that makes an item too
// large. The size is known to DynamoDB only.
const tooLargeMessage = "has exceeded the maximum allowed size"

// toStoreError returns the package's error for an error of DynamoDB that callers
// handle, and any other error unchanged.
func toStoreError(err error) error {
	var refused *types.ConditionalCheckFailedException
	var conflict *types.TransactionConflictException
	var cancelled *types.TransactionCanceledException
	var invalid smithy.APIError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return fmt.Errorf("%w: %w", ErrConditionFailed, err)
	case errors.As(err, &conflict):
		return fmt.Errorf("%w: %w", ErrConflict, err)
	case errors.As(err, &cancelled):
		return cancellationError(cancelled)
	case errors.As(err, &invalid) && invalid.ErrorCode() == "ValidationException" && strings.Contains(invalid.ErrorMessage(), tooLargeMessage):
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	default:
		return err
	}
}

// cancellationError returns the cause of a cancelled transaction. The reasons are in
// the order of its writes. A failed condition takes precedence over a conflict,
// because another attempt cannot change it.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
func cancellationError(cancelled *types.TransactionCanceledException) error {
	var failed []int
	conflict := false
	for i, reason := range cancelled.CancellationReasons {
		switch aws.ToString(reason.Code) {
		case "ConditionalCheckFailed":
			failed = append(failed, i)
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			conflict = true
		}
	}
	switch {
	case len(failed) > 0:
		return &TransactionError{Failed: failed}
	case conflict:
		return fmt.Errorf("%w: %w", ErrConflict, cancelled)
	default:
		return cancelled
	}
}

// Throttled reports whether an error is of a write that DynamoDB refused for lack of
// capacity after several attempts, so that a later one may succeed.
func Throttled(err error) bool { return isThrottled(err) }

// isThrottled reports whether DynamoDB refused a request for lack of capacity, so
// that a later attempt may succeed.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
func isThrottled(err error) bool {
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.ErrorCode() {
	case "ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException":
		return true
	}
	return false
}
