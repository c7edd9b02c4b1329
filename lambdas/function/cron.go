package function

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"sync"
	"time"
)

// Cron is a schedule at times of the clock in a time zone.
type Cron struct {
	// Expression has six fields: minutes, hours, day of the month, month, day of the week
	// and year, such as "30 7 ? * MON-FRI *". One of the two days is "?", and the year is
	// "*". Its runs are at most 84 hours apart, so that an alarm notices missing runs.
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
	Expression string
	// TimeZone is the name of a time zone, such as "Europe/London". Where the clocks go
	// forward, a run within the missing hour is left out; where they go back, a run within
	// the hour that comes twice happens once.
	TimeZone string
}

// OnCron declares that the function runs by itself at times of the clock. Runs may
// overlap or be repeated: what run does must bear both.
func OnCron[S any](expression, timeZone string, run func(S, context.Context) error) EventOf[S] {
	return EventOf[S]{
		Event: Event{Key: ScheduleKey, Cron: &Cron{Expression: expression, TimeZone: timeZone}, matches: fromSchedule},
		bind: func(service S) EventHandler {
			return func(ctx context.Context, _ json.RawMessage) (any, error) { return nil, run(service, ctx) }
		},
	}
}

var cronPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[0-9*,/-]+ [0-9*,/-]+ [0-9*?,/LW-]+ [0-9A-Z*,/-]+ [0-9A-Z*?,/L#-]+ [0-9*,/-]+$`)
})

func (c *Cron) validate() error {
	if !cronPattern().MatchString(c.Expression) {
		return fmt.Errorf("the schedule %q is no cron expression of six fields", c.Expression)
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" || c.TimeZone == "Local" {
		return fmt.Errorf("the schedule has the unknown time zone %q: use a name such as Europe/London", c.TimeZone)
	}
	gap, err := c.LongestGap()
	if err != nil {
		return err
	}
	if gap > maxScheduleGap {
		return fmt.Errorf("the runs of the schedule %q are up to %s apart, and no alarm notices missing runs beyond %s: "+
			"let it run every day, and do nothing on other days", c.Expression, gap, maxScheduleGap)
	}
	return nil
}
