package quota

import (
	"fmt"
	"regexp"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// maxLimit bounds the size of an item. See "Storage" in the package's documentation.
const maxLimit = 200

var namePattern = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// Limits are how many subjects a user of each plan may take in a period.
type Limits struct {
	Free    int
	Premium int
}

// of returns the limit of a plan.
func (l Limits) of(plan tables.Plan) int {
	if plan == tables.Premium {
		return l.Premium
	}
	return l.Free
}

// Quota is a declared quota. Declare each once, as a value of a package: quotas of
// one name share what is used.
type Quota struct {
	// Name is part of the keys of items. It must never change once deployed.
	Name   string
	Limits Limits

	calendar calendar
}

// Monthly returns a quota for a calendar month. Its name is in lower case, such as
// "imports". It panics when the name is of another form or a limit is not from 0 to
// 200.
func Monthly(name string, limits Limits) *Quota { return declare(name, limits, month) }

// Daily returns a quota for a calendar day. It panics as Monthly does.
func Daily(name string, limits Limits) *Quota { return declare(name, limits, day) }

func declare(name string, limits Limits, calendar calendar) *Quota {
	if !namePattern.MatchString(name) {
		panic(fmt.Errorf("quota %q: the name must be in lower case, such as statement-imports", name))
	}
	for _, limit := range []int{limits.Free, limits.Premium} {
		if limit < 0 || limit > maxLimit {
			panic(fmt.Errorf("quota %q: the limit %d is not from 0 to %d", name, limit, maxLimit))
		}
	}
	return &Quota{Name: name, Limits: limits, calendar: calendar}
}

// ReadPermissions are the permissions that Meter.Usage needs.
func (q *Quota) ReadPermissions() function.Permissions { return permissions(tables.GetItem) }

// TakePermissions are the permissions that Meter.Take and Meter.GiveBack need.
func (q *Quota) TakePermissions() function.Permissions { return permissions(tables.UpdateItem) }

func permissions(operation tables.Operation) function.Permissions {
	return function.Permissions{Tables: []tables.Grant{tables.Quotas.Allow(operation)}}
}

// User is whose quota is read or taken.
type User struct {
	ID   string
	Plan tables.Plan
	// Zone is the user's time zone. Default: Europe/London.
	Zone *time.Location
}

// Usage is how much of a quota a user has used in a period.
type Usage struct {
	// Period is the month or the day, such as "2026-11" or "2026-11-28".
	Period string
	Used   int
	// Limit is the limit of the user's plan.
	Limit int
	// Remaining is how many subjects the user may still take. It is 0 when the user has
	// used more than the limit, as after a change to a plan with a lower limit.
	Remaining int
	// ResetsAt is when the next period begins.
	ResetsAt time.Time
}
