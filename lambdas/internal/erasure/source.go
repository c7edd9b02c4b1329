package erasure

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// maxClockSkew is how far the clocks of two environments are apart at most. Lambda sets
// them by the Amazon Time Sync Service, to about a millisecond. A source that is younger
// than the boundary by less counts as erased. The response to an erasure takes longer, so
// what the user does after it counts.
const maxClockSkew = 100 * time.Millisecond

// Source says what a write follows from: a cause that a message or a request brought,
// items that were read, or both.
type Source struct {
	hasCause         bool
	causedAt, readAt int64
}

// CausedAt returns the source of what follows from a cause that was stored or requested
// at a time, in epoch milliseconds. Zero is a cause of an unknown time: it counts as erased
// when the user has erased anything.
func CausedAt(milliseconds int64) Source { return Source{hasCause: true, causedAt: milliseconds} }

// ReadAt returns the source of what follows from items, read consistently after a moment.
// An erasure takes a while, so that items read during it may be from before its boundary.
func ReadAt(moment time.Time) Source { return Source{readAt: moment.UnixMilli()} }

// AndReadAt returns the source of what follows from items as well.
func (s Source) AndReadAt(moment time.Time) Source {
	s.readAt = moment.UnixMilli()
	return s
}

// Time returns since when all of the source has been there, in epoch milliseconds. A
// message that is published about the write carries it to its consumers.
func (s Source) Time() int64 {
	if !s.hasCause {
		return s.readAt
	}
	return s.causedAt
}

func (s Source) withoutRead() Source {
	s.readAt = 0
	return s
}

// conditions are those of the user's account.
func (s Source) conditions() (all []expression.ConditionBuilder) {
	if s.hasCause {
		all = append(all, isBefore("dataErasedBefore", s.causedAt))
	}
	if s.readAt != 0 {
		all = append(all, isBefore("dataErasedAt", s.readAt))
	}
	return all
}

// isBefore is the condition that a time of the user's last erasure is before another, or
// that there was none.
func isBefore(attribute string, milliseconds int64) expression.ConditionBuilder {
	name := expression.Name(attribute)
	latest := milliseconds - maxClockSkew.Milliseconds()
	return name.AttributeNotExists().Or(name.LessThan(expression.Value(latest)))
}

// begin is the write that sets the boundary of an erasure. It fails for a user without an
// account, and where the boundary is later already.
func begin(users *store.Table[store.SealedItem], erasure tables.DataErasure) store.Write {
	boundary := expression.Name("dataErasedBefore")
	change := expression.Set(boundary, expression.Value(erasure.RequestedAt)).
		Set(expression.Name("dataErasedAt"), expression.Value(int64(tables.ErasureUnfinished)))
	return users.TxUpdate(store.Key{erasure.UserID}, change,
		boundary.AttributeNotExists().Or(boundary.LessThanEqual(expression.Value(erasure.RequestedAt))))
}

// end is the write that says that an erasure has ended. It fails for a user without an
// account, and where a later erasure has begun.
func end(users *store.Table[store.SealedItem], erasure tables.DataErasure, at time.Time) store.Write {
	change := expression.Set(expression.Name("dataErasedAt"), expression.Value(at.UnixMilli()))
	return users.TxUpdate(store.Key{erasure.UserID}, change,
		expression.Name("dataErasedBefore").Equal(expression.Value(erasure.RequestedAt)))
}
