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
	// ErrConditionFailed is returned for a write whose condition does not hold.
	// From a transaction it is a *TransactionError, which says whose.
	ErrConditionFailed = errors.New("the condition of the write does not hold")
	// ErrConflict is returned for a write that other transactions on the same
	// items kept from happening, after several attempts. It may be tried again.
	ErrConflict = errors.New("other writes to the same items are under way")
	// ErrNoCapacity is the cause of a *BatchError when DynamoDB kept leaving a part
	// of the batch undone. It may be tried again.
	ErrNoCapacity = errors.New("the table has no capacity for all of the batch within the time")
	// ErrTooLarge is returned for an item over DynamoDB's 400 KB.
	ErrTooLarge = errors.New("the item is too large")
	// ErrBadCursor is the answer to a cursor that did not come from the last page
	// of the same query.
	ErrBadCursor = apierror.New(http.StatusUnprocessableEntity, "INVALID_CURSOR", "The list has changed. Please load it again.")
)

// TransactionError is returned for a transaction of which at least one condition
// does not hold. Nothing of it was written. errors.Is takes it for
// ErrConditionFailed.
type TransactionError struct {
	// Failed are the places, in the order in which Transact was given the writes,
	// of those whose condition does not hold.
	Failed []int
}

// Error names the writes.
func (e *TransactionError) Error() string {
	return fmt.Sprintf("%v: write %v of the transaction", ErrConditionFailed, e.Failed)
}

// Is tells that the error is ErrConditionFailed.
func (e *TransactionError) Is(target error) bool { return target == ErrConditionFailed }

// ConditionFailedAt tells whether the condition of the i-th write does not hold.
func ConditionFailedAt(err error, i int) bool {
	var refused *TransactionError
	return errors.As(err, &refused) && slices.Contains(refused.Failed, i)
}

// IgnoreConditionFailed returns nil for ErrConditionFailed, and any other error as it
// is: for a write that has nothing to do where its condition does not hold.
func IgnoreConditionFailed(err error) error {
	if errors.Is(err, ErrConditionFailed) {
		return nil
	}
	return err
}

// tooLargeMessage is how DynamoDB says that an update made an item too large, which
// cannot be seen before.
const tooLargeMessage = "has exceeded the maximum allowed size"

// toStoreError turns the errors of a write that mean something to its caller into ours.
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

// cancellationError says why a transaction was cancelled. The reasons are in the order
// of its writes; a condition that does not hold outweighs a conflict, which
// might be gone on another attempt.
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

// isThrottled reports whether DynamoDB refused a request for want of capacity, which
// a pause may mend.
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
