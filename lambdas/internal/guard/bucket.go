package guard

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// bucket is the token bucket of one limit of one route. Times are in microseconds.
type bucket struct {
	attribute string
	per, cost int64
}

// bucketsOf returns the buckets of a route's limits. The item has one attribute for
// each route that the user calls, so the attribute's name is short: 48 bits of the
// hash of the route key, and the limit's period in seconds.
func bucketsOf(routeKey string, limits []function.Limit) []bucket {
	hash := sha256.Sum256([]byte(routeKey))
	name := base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(hash[:6])
	buckets := make([]bucket, len(limits))
	for i, limit := range limits {
		buckets[i] = bucket{
			attribute: tables.LimitAttribute + name + "-" + strconv.Itoa(int(limit.Per.Seconds())),
			per:       limit.Per.Microseconds(),
			cost:      limit.Per.Microseconds() / int64(limit.Requests),
		}
	}
	return buckets
}

// isFull reports whether a bucket is full: it was never used, or its time lags by
// more than a full bucket.
func (b bucket) isFull(spent int64, found bool, now int64) bool {
	return !found || spent < now-b.per
}

// wait returns how long until the bucket has a token, zero when it has one.
func (b bucket) wait(spent int64, found bool, now int64) time.Duration {
	if b.isFull(spent, found, now) || spent+b.cost <= now {
		return 0
	}
	return time.Duration(spent+b.cost-now) * time.Microsecond
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// spentUntil returns the numbers of an item by attribute name.
func spentUntil(item map[string]types.AttributeValue) map[string]int64 {
	numbers := make(map[string]int64, len(item))
	for name, value := range item {
		if n, ok := value.(*types.AttributeValueMemberN); ok {
			if parsed, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
				numbers[name] = parsed
			}
		}
	}
	return numbers
}
