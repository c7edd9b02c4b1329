package transactionstoretest

import (
	"context"
	"crypto/rand"
	"errors"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// Fault is what happens to a transaction of DynamoDB.
type Fault int

// The faults.
const (
	None       Fault = iota
	Lost             // the request does not arrive
	Unanswered       // the request is done, and its response is lost
	Repeated         // the request arrives twice, as when the SDK repeats it
	Conflict         // another transaction is under way on the same items
	Faults           // the number of faults
)

// ErrFault is the error of Lost and Unanswered.
var ErrFault = errors.New("the connection broke")

// Faulty is a DynamoDB whose transactions meet faults.
type Faulty struct {
	store.Client
	// Next returns the fault of the next transaction. Default: no fault.
	Next func() Fault
	// Calls counts the requests of every kind.
	Calls atomic.Int64
}

// TransactWriteItems does the transaction, or not, as the next fault says.
func (f *Faulty) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	f.Calls.Add(1)
	sent := *in
	sent.ClientRequestToken = aws.String(rand.Text())
	fault := None
	if f.Next != nil {
		fault = f.Next()
	}
	switch fault {
	case Lost:
		return nil, ErrFault
	case Conflict:
		return nil, &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{{Code: aws.String("TransactionConflict")}}}
	case Unanswered:
		if out, err := f.Client.TransactWriteItems(ctx, &sent, options...); err != nil {
			return out, err
		}
		return nil, ErrFault
	case Repeated:
		if out, err := f.Client.TransactWriteItems(ctx, &sent, options...); err != nil {
			return out, err
		}
	}
	return f.Client.TransactWriteItems(ctx, &sent, options...)
}

// Query counts the request.
func (f *Faulty) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	f.Calls.Add(1)
	return f.Client.Query(ctx, in, options...)
}

// BatchGetItem counts the request.
func (f *Faulty) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	f.Calls.Add(1)
	return f.Client.BatchGetItem(ctx, in, options...)
}
