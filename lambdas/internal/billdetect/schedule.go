package billdetect

import (
	"sync"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
)

// Schedule says on which days a bill is due. Each due day follows from the anchor, never
// from the payment before, so that a late payment moves no other.
type Schedule struct {
	Cadence Cadence
	// Anchor is the day on which number zero is due.
	Anchor dates.Day
	// DayOfMonth is the day of the month on which a monthly, quarterly or yearly bill is
	// due, 1 to 31. In a shorter month it is due on the last day. Zero for the others.
	DayOfMonth int
}

// Due returns the day on which a number is due. Numbers may be negative.
func (s Schedule) Due(number int) dates.Day { return s.rule().due(number).text() }

// FirstFrom returns the first number that is due on the day or after it.
func (s Schedule) FirstFrom(day dates.Day) int {
	r, d := s.rule(), dayOf(day)
	number := r.nearest(d)
	for r.due(number) < d {
		number++
	}
	for r.due(number-1) >= d {
		number--
	}
	return number
}

// Nearest returns the number whose due day is the nearest to a day.
func (s Schedule) Nearest(day dates.Day) int { return s.rule().nearest(dayOf(day)) }

func (s Schedule) rule() rule {
	r := rule{cadence: s.Cadence, anchor: dayOf(s.Anchor), dayOfMonth: s.DayOfMonth}
	r.start, _ = r.anchor.calendar()
	return r
}

// day is a day as a number of days since 1970.
type day int

const secondsOfDay = 24 * 60 * 60

func dayOf(text dates.Day) day {
	at, _ := dates.ParseDay(string(text)) // callers have days of the calendar
	return day(at.Unix() / secondsOfDay)
}

func (d day) text() dates.Day { return dates.DayOf(time.Unix(int64(d)*secondsOfDay, 0).UTC()) }

// month is a month as a number of months since the year zero.
type month int

// calendar returns the month of a day, and its number in the month.
func (d day) calendar() (month, int) {
	year, m, number := time.Unix(int64(d)*secondsOfDay, 0).UTC().Date()
	return month(year*12 + int(m) - 1), number
}

// first returns the first day of the month.
func (m month) first() day {
	if known := int(m) - firstMonth; known >= 0 && known < len(firstDays()) {
		return firstDays()[known]
	}
	return firstDay(m)
}

func firstDay(m month) day {
	return day(time.Date(0, time.Month(int(m)+1), 1, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay)
}

// firstMonth is the first month of firstDays, January 2000.
const firstMonth = 2000 * 12

// firstDays are the first days of months of a hundred years, because the detector looks
// them up some thousand times for a merchant.
var firstDays = sync.OnceValue(func() []day {
	all := make([]day, 100*12)
	for i := range all {
		all[i] = firstDay(month(firstMonth + i))
	}
	return all
})

// on returns the day of this number in the month, the last one in a shorter month.
func (m month) on(number int) day {
	return min(m.first()+day(number-1), (m+1).first()-1)
}

// rule is a Schedule in numbers.
type rule struct {
	cadence    Cadence
	anchor     day
	start      month // of the anchor
	dayOfMonth int
}

// days is the length of a period in days, or its average length.
func (c Cadence) days() int {
	switch c {
	case Weekly:
		return 7
	case Fortnightly:
		return 14
	case FourWeekly:
		return 28
	case Monthly:
		return 30
	case Quarterly:
		return 91
	}
	return 365
}

// months is the length of a period in months, or zero for periods of days.
func (c Cadence) months() int {
	switch c {
	case Monthly:
		return 1
	case Quarterly:
		return 3
	case Yearly:
		return 12
	}
	return 0
}

// newRule returns the rule by which a day is due, with the number zero.
func newRule(cadence Cadence, anchor day) rule {
	r := rule{cadence: cadence, anchor: anchor}
	start, number := anchor.calendar()
	r.start = start
	if cadence.months() > 0 {
		r.dayOfMonth = number
	}
	return r
}

func (r rule) schedule() Schedule {
	return Schedule{Cadence: r.cadence, Anchor: r.anchor.text(), DayOfMonth: r.dayOfMonth}
}

func (r rule) due(number int) day {
	if months := r.cadence.months(); months > 0 {
		return (r.start + month(months*number)).on(r.dayOfMonth)
	}
	return r.anchor + day(r.cadence.days()*number)
}

// nearest returns the number whose due day is the nearest to a day.
func (r rule) nearest(d day) int {
	m, _ := d.calendar()
	number, _ := r.nearestIn(d, m)
	return number
}

// nearestIn is nearest for a day of a known month. It also returns by how many days the
// day is away.
func (r rule) nearestIn(d day, m month) (int, int) {
	months := r.cadence.months()
	if months == 0 {
		number := floorDiv(int(d-r.anchor)+r.cadence.days()/2, r.cadence.days())
		return number, distance(r.anchor+day(r.cadence.days()*number), d)
	}
	best := floorDiv(int(m-r.start), months)
	away := distance((r.start + month(months*best)).on(r.dayOfMonth), d)
	for _, other := range []int{best - 1, best + 1} {
		if days := distance((r.start + month(months*other)).on(r.dayOfMonth), d); days < away {
			best, away = other, days
		}
	}
	return best, away
}

func distance(a, b day) int { return int(max(a-b, b-a)) }

func floorDiv(a, b int) int {
	if a < 0 && a%b != 0 {
		return a/b - 1
	}
	return a / b
}

// ScheduleFrom returns the schedule by which a day is due, as number zero.
func ScheduleFrom(cadence Cadence, due dates.Day) Schedule {
	return newRule(cadence, dayOf(due)).schedule()
}

// AddDays returns the day that is a number of days after another.
func AddDays(from dates.Day, days int) dates.Day { return (dayOf(from) + day(days)).text() }
