package billdetect

import (
	"cmp"
	"slices"
)

// Detect returns the bills among the payments to one merchant, in any order. Credits are
// refunds: neither a credit nor the debit that it gives back is a payment of a bill.
func Detect(payments []Payment) []Series {
	return detector{defaultRules()}.detect(payments)
}

// maxPayments is how many payments are looked at, the newest ones: a weekly bill has as
// many in seven years.
const maxPayments = 400

type detector struct{ rules }

// entry is a payment in numbers. Pence are positive.
type entry struct {
	payment Payment
	day     day
	month   month
	number  int // of the day in the month
	pence   int64
	// eras are the eras of the payments to the merchant, by cadence.
	eras [6]int
}

func (d detector) detect(payments []Payment) []Series {
	left := d.entries(payments)
	var all []fit
	for len(all) < d.maxSeries {
		found := d.next(left)
		if len(found) == 0 {
			break
		}
		for _, f := range found {
			left = without(left, f.hits)
		}
		all = append(all, found...)
	}
	all = d.join(all)
	series := make([]Series, len(all))
	for i, f := range all {
		series[i] = d.series(f)
	}
	slices.SortStableFunc(series, func(a, b Series) int { return cmp.Compare(a.Payments[0].Day, b.Payments[0].Day) })
	return series
}

// entries returns the debits that were not given back, the oldest first.
func (d detector) entries(payments []Payment) []entry {
	var all []entry
	sorted := slices.Clone(payments)
	slices.SortStableFunc(sorted, func(a, b Payment) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), a.Amount.Cmp(b.Amount), cmp.Compare(a.ID, b.ID))
	})
	for _, p := range sorted {
		e := entry{payment: p, day: dayOf(p.Day), pence: p.Amount.Neg().Decimal().Shift(2).Round(0).IntPart()}
		e.month, e.number = e.day.calendar()
		switch {
		case e.pence > 0:
			all = append(all, e)
		case e.pence < 0: // a refund
			for i := len(all) - 1; i >= 0 && int(e.day-all[i].day) <= d.refundDays; i-- {
				if all[i].pence == -e.pence {
					all = slices.Delete(all, i, i+1)
					break
				}
			}
		}
	}
	all = all[max(0, len(all)-maxPayments):]
	d.setEras(all)
	return all
}

// setEras sets the eras of all payments to a merchant. An era ends where there is none for
// longer than a bill misses periods: the user cancelled it, or did not import the
// transactions.
func (d detector) setEras(all []entry) {
	for at, cadence := range Cadences {
		silence := (d.maxMissed[cadence]+1)*cadence.days() + d.tolerance[cadence]
		for i := 1; i < len(all); i++ {
			all[i].eras[at] = all[i-1].eras[at]
			if int(all[i].day-all[i-1].day) > silence {
				all[i].eras[at]++
			}
		}
	}
}

// next returns the bills that are the clearest among payments: all payments as one bill,
// those of one amount as one or two, or what is left as one.
func (d detector) next(left []entry) []fit {
	if whole := d.cover(left, 1); whole != nil {
		return whole
	}
	for _, level := range levels(left) {
		if 2*len(level) < len(left) && len(level) < d.minAmong {
			break // some purchases of many have one amount by chance
		}
		if found := d.cover(level, 2); found != nil {
			rest := left
			for _, f := range found {
				rest = without(rest, f.hits)
			}
			for i := range found {
				found[i] = d.extend(found[i], rest)
				rest = without(rest, found[i].hits)
			}
			return found
		}
	}
	return nil
}

// levels returns the payments of each amount that occurs twice or more, the most
// frequent first.
func levels(all []entry) [][]entry {
	byAmount := map[int64][]entry{}
	for _, e := range all {
		byAmount[e.pence] = append(byAmount[e.pence], e)
	}
	var found [][]entry
	for _, level := range byAmount {
		if len(level) > 1 {
			found = append(found, level)
		}
	}
	slices.SortFunc(found, func(a, b []entry) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0].pence, b[0].pence))
	})
	return found
}

// cover returns the bills to which nearly all payments of a set belong, or nil: at most so
// many at a time. The second one is strict: nearly all that a first one leaves fits some
// day.
func (d detector) cover(set []entry, most int) []fit {
	var found []fit
	left := set
	for len(found) < d.maxSeries {
		one := d.coverTime(left, most)
		if len(one) == 0 {
			return nil
		}
		for _, f := range one {
			left = without(left, f.hits)
		}
		found = append(found, one...)
		if 100*(len(set)-len(left)) >= d.explained*len(set) {
			return found
		}
	}
	return nil
}

// coverTime is cover for the payments of a set that are of the time of the bills.
func (d detector) coverTime(left []entry, most int) []fit {
	var found []fit
	percent := d.explained / most // which the larger of two bills explains
	for n := most; n > 0; n-- {
		best, ok := d.best(left, percent, func(f fit) bool { return n*len(f.hits) >= d.unexplained(left, found, f) })
		if !ok || n < most && 100*len(best.hits) < d.strict*best.periods() {
			break
		}
		if d.unexplained(left, found, best) <= len(best.hits) {
			return append(found, best)
		}
		found, percent = append(found, best), 0
		left = without(left, best.hits)
	}
	return nil
}

// unexplained returns how many payments more than those of the bills that were found
// belong to bills, if nearly all payments of a set do that are of the time of one of them
// or of another.
func (d detector) unexplained(left []entry, found []fit, another fit) int {
	explained, all := 0, append(slices.Clone(found), another)
	for _, f := range found {
		explained += len(f.hits)
	}
	of := explained
	for _, e := range left {
		if slices.ContainsFunc(all, func(f fit) bool { return f.isOfTime(e) }) {
			of++
		}
	}
	return (d.explained*of+99)/100 - explained
}

// isOfTime reports whether a payment is of an era in which the bill has payments.
func (f fit) isOfTime(e entry) bool {
	at := f.rule.cadence.index()
	return slices.ContainsFunc(f.hits, func(hit entry) bool { return hit.eras[at] == e.eras[at] })
}

// best returns the bill that fits the most payments, the nearest to their due days, of
// those that explain enough: so many of a hundred payments of an era at least.
func (d detector) best(set []entry, percent int, enough func(fit) bool) (fit, bool) {
	var best fit
	if len(set) == 0 {
		return best, false
	}
	span := int(set[len(set)-1].day-set[0].day) + 2*d.tolerance[Yearly]
	for at, cadence := range Cadences {
		least := max(d.minPayments[cadence], percent*smallestEra(set, at)/100)
		if len(set) < least || span/cadence.days()+1 < least {
			continue
		}
		for _, anchor := range anchors(cadence, set) {
			for _, f := range d.candidates(newRule(cadence, anchor), set) {
				if len(f.hits) >= least && f.better(best) && d.accepts(f) && enough(f) {
					best = f
				}
			}
		}
	}
	return best, len(best.hits) > 0
}

// smallestEra returns the number of payments in the era that has the fewest.
func smallestEra(set []entry, cadence int) int {
	smallest, begin := len(set), 0
	for i := 1; i <= len(set); i++ {
		if i == len(set) || set[i].eras[cadence] != set[begin].eras[cadence] {
			smallest, begin = min(smallest, i-begin), i
		}
	}
	return smallest
}

// anchors returns a payment's day for each day on which the bill could be due.
func anchors(cadence Cadence, set []entry) []day {
	seen, all := map[int]bool{}, []day(nil)
	for i := len(set) - 1; i >= 0; i-- {
		phase := int(set[i].day)
		if months := cadence.months(); months > 0 {
			phase = set[i].number + 100*(int(set[i].month)%months)
		} else {
			phase %= cadence.days()
		}
		if !seen[phase] {
			seen[phase] = true
			all = append(all, set[i].day)
		}
	}
	return all
}

// join joins bills that are one: of one cadence and due day, where one begins after the
// other ended, as with a price that changed by more than a factor.
func (d detector) join(all []fit) []fit {
	slices.SortStableFunc(all, func(a, b fit) int { return cmp.Compare(a.hits[0].day, b.hits[0].day) })
	for i := 0; i < len(all); i++ {
		for j := i + 1; j < len(all); j++ {
			earlier, later := all[i], all[j]
			gap := later.rule.nearest(later.first().day) - later.rule.nearest(earlier.last().day)
			away := distance(later.rule.due(later.rule.nearest(earlier.last().day)), earlier.last().day)
			if earlier.rule.cadence == later.rule.cadence && gap >= 1 && gap <= 2 && away <= d.tolerance[later.rule.cadence] {
				joined := later
				joined.hits = append(slices.Clone(earlier.hits), later.hits...)
				all[i] = joined.renumbered()
				all = slices.Delete(all, j, j+1)
				j--
			}
		}
	}
	return all
}

// without returns the payments that are not among others.
func without(all, others []entry) []entry {
	ids := make(map[string]bool, len(others))
	for _, e := range others {
		ids[e.payment.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(e entry) bool { return ids[e.payment.ID] })
}
