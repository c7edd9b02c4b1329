package function

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxScheduleGap is the longest time between two runs of a schedule. An alarm notices
// that two runs in a row are missing, and CloudWatch evaluates an alarm over seven days
// at most.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
const maxScheduleGap = 84 * time.Hour

var (
	months   = strings.NewReplacer("JAN", "1", "FEB", "2", "MAR", "3", "APR", "4", "MAY", "5", "JUN", "6", "JUL", "7", "AUG", "8", "SEP", "9", "OCT", "10", "NOV", "11", "DEC", "12")
	weekdays = strings.NewReplacer("SUN", "1", "MON", "2", "TUE", "3", "WED", "4", "THU", "5", "FRI", "6", "SAT", "7", "?", "*")
)

// LongestGap returns the longest time between two runs, over four years with their leap
// day and changes of the clocks. It refuses schedules that end, and days such as "the
// last of the month", whose runs are weeks apart.
func (c *Cron) LongestGap() (time.Duration, error) {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(c.Expression)
	if len(fields) != 6 || fields[5] != "*" {
		return 0, fmt.Errorf("the schedule %q must have six fields and the year *", c.Expression)
	}
	var sets [5]map[int]bool
	for i, limits := range [5][2]int{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {1, 7}} {
		field := months.Replace(fields[i])
		if i == 2 || i == 4 {
			field = weekdays.Replace(fields[i])
		}
		if sets[i], err = cronSet(field, limits[0], limits[1]); err != nil {
			return 0, fmt.Errorf("the schedule %q: %w", c.Expression, err)
		}
	}
	var last time.Time
	var longest time.Duration
	for day := time.Date(2024, 1, 1, 0, 0, 0, 0, zone); day.Year() < 2028; day = day.AddDate(0, 0, 1) {
		if !sets[2][day.Day()] || !sets[3][int(day.Month())] || !sets[4][int(day.Weekday())+1] {
			continue
		}
		for minute := range 24 * 60 {
			run := time.Date(day.Year(), day.Month(), day.Day(), minute/60, minute%60, 0, 0, zone)
			if !sets[1][minute/60] || !sets[0][minute%60] || run.Hour() != minute/60 {
				continue // not a run, or within the hour that is missing
			}
			if !last.IsZero() {
				longest = max(longest, run.Sub(last))
			}
			last = run
		}
	}
	if longest == 0 {
		return 0, fmt.Errorf("the schedule %q never runs twice", c.Expression)
	}
	return longest, nil
}

// cronSet returns the values of a field: lists of values, ranges, and steps.
func cronSet(field string, lowest, highest int) (map[int]bool, error) {
	set := map[int]bool{}
	for part := range strings.SplitSeq(field, ",") {
		values, stepText, hasStep := strings.Cut(part, "/")
		step := 1
		var err error
		if hasStep {
			if step, err = strconv.Atoi(stepText); err != nil || step < 1 {
				return nil, fmt.Errorf("%q is no step", part)
			}
		}
		from, to := lowest, highest
		if values != "*" {
			first, last, isRange := strings.Cut(values, "-")
			if from, err = strconv.Atoi(first); err != nil {
				return nil, fmt.Errorf("%q is no list, range or step of numbers", part)
			}
			switch {
			case isRange:
				if to, err = strconv.Atoi(last); err != nil {
					return nil, fmt.Errorf("%q is no range", part)
				}
			case !hasStep:
				to = from
			}
		}
		if from < lowest || to > highest || from > to {
			return nil, fmt.Errorf("%q is not within %d to %d", part, lowest, highest)
		}
		for value := from; value <= to; value += step {
			set[value] = true
		}
	}
	return set, nil
}
