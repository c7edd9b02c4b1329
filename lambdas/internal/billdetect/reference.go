package billdetect

// Reference is a simple detector for comparison: payments to a merchant on the same day
// of the month, give or take two days, in three months or more are a monthly bill. The
// day with the most payments comes first.
func Reference(payments []Payment) []Series {
	d := detector{defaultRules()}
	left := d.entries(payments)
	var all []Series
	for {
		var most []entry
		day := 0
		for number := 1; number <= 31; number++ {
			if hits := onDay(left, number); len(hits) > len(most) {
				most, day = hits, number
			}
		}
		if len(most) < 3 {
			return all
		}
		f := fit{rule: newRule(Monthly, most[0].month.on(day)), hits: most}.renumbered()
		all = append(all, d.series(f))
		left = without(left, most)
	}
}

// onDay returns the first payment of each month that is two days or less from a day.
func onDay(all []entry, number int) []entry {
	months := map[month]bool{}
	var hits []entry
	for _, e := range all {
		if distance(e.month.on(number), e.day) <= 2 && !months[e.month] {
			months[e.month] = true
			hits = append(hits, e)
		}
	}
	return hits
}
