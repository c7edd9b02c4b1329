package quota

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The attributes of a tables.QuotaUse that Take and GiveBack change.
const (
	subjectsAttribute = "subjects"
	expiryAttribute   = "expiresAt"
)

// Meter reads and takes one quota. It is safe for concurrent use.
type Meter struct {
	quota *Quota
	uses  *store.Table[tables.QuotaUse]
	now   func() time.Time
}

// Open returns the meter of a quota, for a function with the quota's permissions.
func Open(env *function.Resources, quota *Quota) *Meter {
	return New(store.Open[tables.QuotaUse](env, tables.Quotas), quota, time.Now)
}

// New returns the meter of a quota with this table and clock.
func New(uses *store.Table[tables.QuotaUse], quota *Quota, now func() time.Time) *Meter {
	return &Meter{quota: quota, uses: uses, now: now}
}

// Usage returns what the user has used in the current period. It sees every Take that
// has returned.
func (m *Meter) Usage(ctx context.Context, user User) (Usage, error) {
	at := m.now()
	use, err := m.uses.Get(ctx, m.key(user, at), store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		use, err = &tables.QuotaUse{}, nil
	}
	if err != nil {
		return Usage{}, err
	}
	return m.usage(user, at, use), nil
}

// Take takes one of the user's quota for the subject, unless it is taken for the
// subject already. It reports whether it added the subject: of parallel Takes for one
// subject, one does. It returns a *UsedUpError when nothing is left. The subject is an
// id of at least one character, such as a file's.
//
// When the response of a write is lost, the SDK repeats the write, and Take reports that
// the subject was there.
func (m *Meter) Take(ctx context.Context, user User, subject string) (added bool, err error) {
	at, hash := m.now(), hashOf(subject)
	for _, other := range m.quota.calendar.neighbours(at, user.zone()) {
		if taken, err := m.isTaken(ctx, user, other, hash); err != nil || taken {
			return false, err
		}
	}
	change := expression.
		Add(expression.Name(subjectsAttribute), expression.Value(set(hash))).
		Set(expression.Name(expiryAttribute), expression.Value(m.expiry(user, at)))
	_, err = m.uses.Upsert(ctx, m.key(user, at), change, lacksAndHasRoom(hash, m.quota.Limits.of(user.Plan)))
	if !errors.Is(err, store.ErrConditionFailed) {
		return err == nil, err
	}
	use, found := m.uses.ConflictingItem(err)
	if !found {
		use = &tables.QuotaUse{}
	}
	if slices.Contains(use.Subjects, hash) {
		return false, nil
	}
	return false, &UsedUpError{Quota: m.quota.Name, Usage: m.usage(user, at, use)}
}

// GiveBack undoes the Take for the subject, when there was one in the current period.
// A Take for the subject then counts again.
func (m *Meter) GiveBack(ctx context.Context, user User, subject string) error {
	at, hash := m.now(), hashOf(subject)
	for _, period := range append(m.quota.calendar.neighbours(at, user.zone()), at) {
		remove := expression.Delete(expression.Name(subjectsAttribute), expression.Value(set(hash)))
		_, err := m.uses.Update(ctx, m.key(user, period), remove, has(hash))
		if err := ignoreAbsent(err); err != nil {
			return err
		}
	}
	return nil
}

// isTaken reports whether the quota is taken for the subject in the period of the
// moment. It is a write that changes nothing, so that Take needs no right to read.
func (m *Meter) isTaken(ctx context.Context, user User, at time.Time, hash string) (bool, error) {
	keep := expression.Set(expression.Name(expiryAttribute), expression.Value(m.expiry(user, at)))
	_, err := m.uses.Update(ctx, m.key(user, at), keep, has(hash))
	if err == nil {
		return true, nil
	}
	return false, ignoreAbsent(err)
}

func (m *Meter) key(user User, at time.Time) store.Key {
	return store.Key{user.ID, m.quota.Name + "#" + m.quota.calendar.period(at, user.zone())}
}

func (m *Meter) expiry(user User, at time.Time) int64 {
	return m.quota.calendar.end(at, user.zone()).Add(keepAfter).Unix()
}

func (m *Meter) usage(user User, at time.Time, use *tables.QuotaUse) Usage {
	used, limit := len(use.Subjects), m.quota.Limits.of(user.Plan)
	return Usage{
		Period:    m.quota.calendar.period(at, user.zone()),
		Used:      used,
		Limit:     limit,
		Remaining: max(0, limit-used),
		ResetsAt:  m.quota.calendar.end(at, user.zone()),
	}
}

// has is the condition that the subject is in the set.
func has(hash string) expression.ConditionBuilder {
	return expression.Contains(expression.Name(subjectsAttribute), hash)
}

// lacksAndHasRoom is the condition that the subject is not in the set, and that the set
// is smaller than the limit. DynamoDB has no empty sets: a set that would be empty is
// absent.
func lacksAndHasRoom(hash string, limit int) expression.ConditionBuilder {
	subjects := expression.Name(subjectsAttribute)
	room := expression.And(expression.Not(has(hash)), expression.LessThan(subjects.Size(), expression.Value(limit)))
	if limit == 0 {
		return room
	}
	return expression.Or(subjects.AttributeNotExists(), room)
}

func set(hash string) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: []string{hash}}
}

// hashOf returns 16 bytes of SHA-256 as text, which bounds the size of an item.
func hashOf(subject string) string {
	sum := sha256.Sum256([]byte(subject))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// ignoreAbsent returns nil for the refusal of a write because the item or the subject
// is absent.
func ignoreAbsent(err error) error {
	return store.IgnoreConditionFailed(store.IgnoreNotFound(err))
}
