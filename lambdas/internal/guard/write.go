package guard

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// limitWrite is the conditional write of one request, while it is built.
type limitWrite struct {
	set       []byte
	condition []byte
	names     map[string]string
	values    map[string]types.AttributeValue
}

func (w *limitWrite) and(condition ...string) {
	if len(w.condition) > 0 {
		w.condition = append(w.condition, " AND "...)
	}
	for _, part := range condition {
		w.condition = append(w.condition, part...)
	}
}

// take adds the i-th bucket. It adds a token's cost to a bucket in use, or takes the
// first token of a full bucket.
func (w *limitWrite) take(i int, b bucket, full bool, now int64) {
	n := strconv.Itoa(i)
	name, lowest := "#b"+n, ":low"+n
	w.names[name] = b.attribute
	w.values[lowest] = number(now - b.per)
	if full {
		w.set = append(w.set, ", "+name+" = :first"+n...)
		w.values[":first"+n] = number(now - b.per + b.cost)
		w.and("(attribute_not_exists(", name, ") OR ", name, " < ", lowest, ")")
		return
	}
	w.set = append(w.set, ", "+name+" = "+name+" + :cost"+n...)
	w.values[":cost"+n] = number(b.cost)
	w.values[":high"+n] = number(now - b.cost)
	w.and(name, " BETWEEN ", lowest, " AND :high", n)
}

// refuseRevoked adds the conditions that nothing about the token is revoked.
func (w *limitWrite) refuseRevoked(caller *function.Caller) {
	w.names["#token"] = tokenMark(caller.TokenID)
	w.names["#session"] = sessionMark(caller.SessionID)
	w.values[":issued"] = number(caller.IssuedAt.Unix())
	w.and("attribute_not_exists(#token) AND attribute_not_exists(#session)",
		" AND (attribute_not_exists(revokedUntil) OR revokedUntil < :issued)")
}

func (w *limitWrite) conditionExpression() *string {
	if len(w.condition) == 0 {
		return nil
	}
	return aws.String(string(w.condition))
}

func (w *limitWrite) namesOrNil() map[string]string {
	if len(w.names) == 0 {
		return nil
	}
	return w.names
}
