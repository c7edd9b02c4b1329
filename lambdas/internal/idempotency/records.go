package idempotency

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	// maxResponseSize is the largest response in bytes of JSON that is stored. A
	// write costs one unit for each KB, and a writing route returns one object.
	maxResponseSize = 32 << 10
	// skew covers the difference between the clocks of two environments, and the time
	// that an invocation runs on after its deadline.
	skew = 5 * time.Second
	// maxLease is the lease of a request without a deadline: API Gateway waits no
	// longer for a function.
	maxLease = 30 * time.Second
)

// responsesOwner owns the data keys of stored responses. A key belongs to an
// environment, not to a user, because a response is deleted after its window.
var responsesOwner = fieldcrypt.Owner{Table: tables.IdempotencyRecords, User: "answers"}

// Records stores the records of requests in the IdempotencyRecords table. It is safe
// for concurrent use.
type Records struct {
	items  *store.Table[store.SealedItem]
	schema *fieldcrypt.Schema[tables.IdempotencyRecord]
	keys   *fieldcrypt.Keys
	now    func() time.Time

	mu  sync.Mutex
	key *fieldcrypt.DataKey
}

// Open returns the records for a function with an idempotent route. Such a function
// has the permissions.
func Open(resources *function.Resources) *Records {
	keys := fieldcrypt.NewKeys(kms.NewFromConfig(resources.AWS), resources.Key(function.FieldKey), fieldcrypt.Options{})
	return New(store.Open[store.SealedItem](resources, tables.IdempotencyRecords), keys, func() time.Time { return time.Now().Round(0) })
}

// New returns the records in this table, with responses sealed under these keys.
func New(items *store.Table[store.SealedItem], keys *fieldcrypt.Keys, now func() time.Time) *Records {
	return &Records{items: items, schema: fieldcrypt.NewSchema[tables.IdempotencyRecord](tables.IdempotencyRecords), keys: keys, now: now}
}

// begin leases the request to a new attempt. It returns the attempt, or the record of
// the attempt that has the lease.
func (r *Records) begin(ctx context.Context, request Request) (*attempt, *tables.IdempotencyRecord, error) {
	now := r.now()
	lease := now.Add(maxLease)
	if end, ok := ctx.Deadline(); ok {
		lease = now.Add(time.Until(end))
	}
	lease = lease.Add(skew)
	key, err := r.dataKey(ctx)
	if err != nil {
		return nil, nil, err
	}
	a := &attempt{records: r, request: request, key: key, record: tables.IdempotencyRecord{
		ID:          request.id(),
		Fingerprint: request.fingerprint(),
		LeaseID:     rand.Text(),
		LeaseUntil:  ceilSeconds(lease),
		DataKey:     key.Wrapped,
		ExpiresAt:   max(ceilSeconds(now.Add(request.window())), ceilSeconds(lease)),
	}}
	item, err := r.schema.Marshal(key, a.record)
	if err != nil {
		return nil, nil, err
	}
	err = r.items.Put(ctx, item, mayBegin(now, a.record.Fingerprint))
	if err == nil {
		return a, nil, nil
	}
	found, refused := r.items.ConflictingItem(err)
	if !refused {
		return nil, nil, err
	}
	held, err := r.open(ctx, *found)
	if err == nil && held.LeaseID == a.record.LeaseID {
		return a, nil, nil // this attempt's write, whose response was lost
	}
	return nil, held, err
}

// mayBegin is the condition under which a request may begin: its record is absent or
// expired, or an attempt with the same body was abandoned. Times are compared here,
// because DynamoDB deletes expired items days late.
func mayBegin(now time.Time, fingerprint string) expression.ConditionBuilder {
	second := expression.Value(now.Unix())
	abandoned := expression.And(
		expression.Name("done").Equal(expression.Value(false)),
		expression.Name("leaseUntil").LessThanEqual(second),
		expression.Name("fingerprint").Equal(expression.Value(fingerprint)),
	)
	return expression.Or(expression.Name("id").AttributeNotExists(), expression.Name("expiresAt").LessThanEqual(second), abandoned)
}

func ceilSeconds(t time.Time) int64 { return t.Add(time.Second - time.Millisecond).Unix() }

// open returns a stored record with its response decrypted.
func (r *Records) open(ctx context.Context, item store.SealedItem) (*tables.IdempotencyRecord, error) {
	key, err := r.keys.UnwrapFrom(ctx, responsesOwner, item)
	if err != nil {
		return nil, err
	}
	opened, err := r.schema.Unmarshal(key, item)
	return &opened, err
}

// dataKey returns the data key of this environment. The first call makes it.
func (r *Records) dataKey(ctx context.Context) (*fieldcrypt.DataKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.key != nil {
		return r.key, nil
	}
	key, err := r.keys.New(ctx, responsesOwner)
	if err == nil {
		r.key = key
	}
	return key, err
}

// attempt is an attempt that holds the lease of a request.
type attempt struct {
	records *Records
	request Request
	record  tables.IdempotencyRecord
	key     *fieldcrypt.DataKey

	response      json.RawMessage
	inTransaction bool
	forget        bool // the request when it is done
}

// holdsLease is the condition that this attempt still has the lease.
func (a *attempt) holdsLease() expression.ConditionBuilder {
	return expression.Name("leaseId").Equal(expression.Value(a.record.LeaseID))
}

// completion returns the change that stores the response.
func (a *attempt) completion(response any) (expression.UpdateBuilder, error) {
	encoded, err := json.Marshal(response)
	if err != nil {
		return expression.UpdateBuilder{}, fmt.Errorf("encode answer: %w", err)
	}
	a.response = encoded
	done := a.record
	done.Done = true
	done.ExpiresAt = ceilSeconds(a.records.now().Add(a.request.window()))
	if len(encoded) <= maxResponseSize {
		done.Response = tables.EncryptedString(encoded)
	}
	return a.records.schema.Update(a.key, a.record, done)
}

// finish stores the response of a request that was done.
func (a *attempt) finish(ctx context.Context, response any) error {
	change, err := a.completion(response)
	if err != nil {
		return err
	}
	_, err = a.records.items.Update(ctx, store.Key{a.record.ID}, change, a.holdsLease())
	return err
}

// release deletes the record of a failed request, so that the client can repeat it at
// once. It returns the record instead in two cases. Another attempt has taken over,
// or the transaction happened although its response was lost.
func (a *attempt) release(ctx context.Context) (*tables.IdempotencyRecord, error) {
	unfinished := expression.Name("done").Equal(expression.Value(false))
	err := a.records.items.Delete(ctx, store.Key{a.record.ID}, a.holdsLease(), unfinished)
	if found, refused := a.records.items.ConflictingItem(err); refused {
		return a.records.open(ctx, *found)
	}
	if errors.Is(err, store.ErrConditionFailed) {
		return nil, nil // the record is deleted already
	}
	return nil, err
}
