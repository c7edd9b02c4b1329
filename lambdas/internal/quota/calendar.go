package quota

import (
	"sort"
	"sync"
	"time"
	_ "time/tzdata" // Lambda's image need not have the time zones

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
)

const (
	// lateRepetition is how long after the beginning of a period a Take may repeat one
	// of the period before. Lambda repeats an asynchronous invocation within 3 minutes,
	// and a queue whose consumer may take a minute repeats a message within 6:
	// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
	// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
	lateRepetition = 15 * time.Minute
	// clockSkew is how far ahead of ours the clock of another environment may be.
	// Lambda's clocks are synchronised; the difference is far smaller in practice.
	clockSkew = 5 * time.Second
	// keepAfter is how long an item outlives its period: longer than the 26 hours between
	// the first and the last time zone, so that a user who moves finds it.
	keepAfter = 48 * time.Hour
)

// london is the time zone of users whose own is unknown.
var london = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err) // time/tzdata has it
	}
	return zone
})

// zone returns the time zone of the user.
func (u User) zone() *time.Location {
	if u.Zone == nil {
		return london()
	}
	return u.Zone
}

// calendar is the layout of a period's name (package time). The names of periods are
// ordered as the periods are.
type calendar string

const (
	month calendar = dates.MonthLayout
	day   calendar = time.DateOnly
)

// maxPeriod is longer than every month.
const maxPeriod = 32 * 24 * time.Hour

// period returns the name of the period of a moment.
func (c calendar) period(at time.Time, zone *time.Location) string {
	return at.In(zone).Format(string(c))
}

// end returns the first second of the next period. It asks the calendar of the time
// zone and adds no days: a day may have 23 hours, and may begin at 01:00.
func (c calendar) end(at time.Time, zone *time.Location) time.Time {
	begin, current := at.Truncate(time.Second), c.period(at, zone)
	seconds := sort.Search(int(maxPeriod/time.Second), func(i int) bool {
		return c.period(begin.Add(time.Duration(i)*time.Second), zone) > current
	})
	return begin.Add(time.Duration(seconds) * time.Second).UTC()
}

// neighbours returns moments of the other periods that a repetition of a Take at this
// moment may belong to: none most of the time.
func (c calendar) neighbours(at time.Time, zone *time.Location) []time.Time {
	var found []time.Time
	for _, other := range []time.Time{at.Add(-lateRepetition), at.Add(clockSkew)} {
		if c.period(other, zone) != c.period(at, zone) {
			found = append(found, other)
		}
	}
	return found
}
