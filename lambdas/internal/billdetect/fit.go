package billdetect

import "slices"

// fit is payments on the due days of a rule: hits, the oldest first, with their numbers.
type fit struct {
	rule    rule
	hits    []entry
	numbers []int
	away    int // days from the due days, all together
}

func (f fit) first() entry { return f.hits[0] }
func (f fit) last() entry  { return f.hits[len(f.hits)-1] }

// periods is the number of periods from the first payment to the last, without those in
// which the merchant had no payment at all for so long that an era ends.
func (f fit) periods() int {
	periods := 1
	for i := 1; i < len(f.numbers); i++ {
		if f.era(i) == f.era(i-1) {
			periods += f.numbers[i] - f.numbers[i-1]
		} else {
			periods++
		}
	}
	return periods
}

// era returns the era of a payment, for the cadence.
func (f fit) era(i int) int { return f.hits[i].eras[f.rule.cadence.index()] }

// fit assigns payments to the nearest due days: to each at most one, the nearest.
func (d detector) fit(r rule, set []entry) fit {
	f := fit{rule: r}
	tolerance := d.tolerance[r.cadence]
	for _, e := range set {
		number, away := r.nearestIn(e.day, e.month)
		if away > tolerance {
			continue
		}
		if last := len(f.numbers) - 1; last >= 0 && f.numbers[last] == number {
			if before := distance(r.due(number), f.hits[last].day); away < before {
				f.away += away - before
				f.hits[last] = e
			}
			continue
		}
		f.hits, f.numbers, f.away = append(f.hits, e), append(f.numbers, number), f.away+away
	}
	return f
}

// stretches returns the parts of a fit in each era.
func (f fit) stretches() []fit {
	var all []fit
	begin := 0
	for i := 1; i <= len(f.hits); i++ {
		if i < len(f.hits) && f.era(i) == f.era(i-1) {
			continue
		}
		part := fit{rule: f.rule, hits: f.hits[begin:i:i], numbers: f.numbers[begin:i:i]}
		for at, e := range part.hits {
			part.away += distance(f.rule.due(part.numbers[at]), e.day)
		}
		all, begin = append(all, part), i
	}
	return all
}

// candidates returns the fits of a rule that may be a bill: the payments of each era, and
// those of all eras, as a bill may be paused. An era with fewer payments than a bill has
// counts only where its amounts are near to those of another.
func (d detector) candidates(r rule, set []entry) []fit {
	f := d.fit(r, set)
	stretches := f.stretches()
	if len(stretches) < 2 {
		return []fit{f}
	}
	long := slices.DeleteFunc(slices.Clone(stretches), func(f fit) bool { return len(f.hits) < d.minPayments[r.cadence] })
	if len(long) == 0 {
		return nil
	}
	whole := fit{rule: r}
	add := func(f fit) {
		whole.hits, whole.numbers, whole.away = append(whole.hits, f.hits...), append(whole.numbers, f.numbers...), whole.away+f.away
	}
	for _, stretch := range stretches {
		if len(stretch.hits) >= d.minPayments[r.cadence] || d.isNear(stretch, long) {
			add(stretch)
		}
	}
	return append(long, whole)
}

// isNear reports whether all amounts of a stretch are near to one of a long stretch.
func (d detector) isNear(short fit, long []fit) bool {
	for _, e := range short.hits {
		if !slices.ContainsFunc(long, func(f fit) bool {
			_, last := stepsWithin([]entry{f.last(), e}, d.threeStep)
			_, first := stepsWithin([]entry{e, f.first()}, d.threeStep)
			return last > 0 || first > 0
		}) {
			return false
		}
	}
	return true
}

// renumbered returns the fit with the numbers of its hits by its rule.
func (f fit) renumbered() fit {
	f.numbers, f.away = nil, 0
	for _, e := range f.hits {
		number := f.rule.nearest(e.day)
		f.numbers = append(f.numbers, number)
		f.away += distance(f.rule.due(number), e.day)
	}
	return f
}

// accepts reports whether payments on due days are a bill.
func (d detector) accepts(f fit) bool {
	n, cadence := len(f.hits), f.rule.cadence
	if n < d.minPayments[cadence] || 100*n < d.coverage[cadence]*f.periods() || 10*f.away > d.maxAway[cadence]*n {
		return false
	}
	steady, near := d.steps(f.hits)
	switch {
	case n == 2:
		return d.acceptsTwo(f)
	case steady >= d.steady || steady >= 50 && n <= 4 && near == 100:
		return true
	case cadence == Weekly || cadence == Fortnightly:
		return false
	}
	if n == 3 { // of any merchant with three payments
		_, near = stepsWithin(f.hits, d.threeStep)
		return near == 100
	}
	return near >= d.close
}

// acceptsTwo reports whether two payments are a yearly bill: the nearer the days, the more
// the price may have changed. Any two purchases of a merchant may be a year apart.
func (d detector) acceptsTwo(f fit) bool {
	a, b := f.hits[0].pence, f.hits[1].pence
	step := int(100 * max(a-b, b-a) / min(a, b))
	return f.away <= 1 && step <= d.twoSteps[0] || f.away <= 4 && step <= d.twoSteps[1]
}

func (d detector) steps(hits []entry) (steady, near int) { return stepsWithin(hits, d.maxStep) }

// stepsWithin returns in how many of a hundred steps from a payment to the next the
// amount stays, and in how many it changes by so many percent at most.
func stepsWithin(hits []entry, percent int) (steady, near int) {
	if len(hits) < 2 {
		return 0, 0
	}
	for i := 1; i < len(hits); i++ {
		a, b := hits[i-1].pence, hits[i].pence
		if a == b {
			steady++
		}
		if 100*max(a-b, b-a) <= int64(percent)*min(a, b) {
			near++
		}
	}
	return 100 * steady / (len(hits) - 1), 100 * near / (len(hits) - 1)
}

// better reports whether a fit is better than another: it has more payments, or as many
// that are nearer to their due days. A monthly one comes before a four-weekly one.
func (f fit) better(other fit) bool {
	if len(f.hits) != len(other.hits) {
		return len(f.hits) > len(other.hits)
	}
	return f.away < other.away || f.away == other.away && f.rule.dayOfMonth > 0 && other.rule.dayOfMonth == 0
}

// extend adds payments of other amounts on the due days before, between and after the
// payments of one amount: prices rise, and introductory prices end. Where the merchant
// has many other payments, only amounts that come twice in a row count.
func (d detector) extend(f fit, rest []entry) fit {
	dense := 2*len(rest) > len(f.hits)
	taken := map[int]entry{}
	for i, number := range f.numbers {
		taken[number] = f.hits[i]
	}
	candidates := map[int]entry{}
	for _, e := range rest {
		number := f.rule.nearest(e.day)
		away := distance(f.rule.due(number), e.day)
		if _, has := taken[number]; has || away > d.tolerance[f.rule.cadence] || !d.priceOf(e, f) {
			continue
		}
		if before, has := candidates[number]; !has || away < distance(f.rule.due(number), before.day) {
			candidates[number] = e
		}
	}
	for _, direction := range []int{-1, 1} {
		number := f.numbers[0]
		if direction > 0 {
			number = f.numbers[len(f.numbers)-1]
		}
		for missed := 0; missed < 2; {
			number += direction
			e, has := candidates[number]
			repeated := has && (candidates[number+1].pence == e.pence || candidates[number-1].pence == e.pence)
			if !has || dense && !repeated {
				missed++
				continue
			}
			taken[number], missed = e, 0
		}
	}
	for number := f.numbers[0]; !dense && number < f.numbers[len(f.numbers)-1]; number++ {
		if e, has := candidates[number]; has {
			taken[number] = e
		}
	}
	extended := fit{rule: f.rule}
	low, high := f.numbers[0]-len(rest), f.numbers[len(f.numbers)-1]+len(rest)
	for number := low; number <= high; number++ {
		if e, has := taken[number]; has {
			extended.hits = append(extended.hits, e)
		}
	}
	return extended.renumbered()
}

// priceOf reports whether an amount may be another price of the bill.
func (d detector) priceOf(e entry, f fit) bool {
	price, factor := f.first().pence, int64(d.priceFactor)
	return e.pence <= factor*price && factor*e.pence >= price
}
