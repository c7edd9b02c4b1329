package billdetect

// rules are the numbers by which payments are a bill. They were chosen on the histories
// of billtest.WorkSeed.
type rules struct {
	// minPayments is how many payments a bill has at least.
	minPayments map[Cadence]int
	// tolerance is how many days a payment is from its due day at most. A direct debit of
	// Good Friday is collected on Tuesday, four days later.
	tolerance map[Cadence]int
	// maxAway is how many tenths of a day payments are from their due days on average.
	maxAway map[Cadence]int
	// coverage is in how many of a hundred periods, from the first payment of an era to the
	// last, there is a payment. Council tax is paid in 10 months of 12.
	coverage map[Cadence]int
	// strict is coverage for the second bill of one amount.
	strict int
	// minAmong is how many payments of one amount a merchant has at least that has as many
	// others.
	minAmong int
	// explained is how many of a hundred payments of a set belong to its bills, and of those of
	// the time of a bill to the bills of that time.
	explained int
	// steady is how many of a hundred payments have the amount of the payment before.
	// Weekly and fortnightly bills are steady, because habits are weekly too.
	steady int
	// close is how many of a hundred payments of a bill with varying amounts are within
	// maxStep percent of the payment before.
	close, maxStep int
	// threeStep is maxStep for a bill with three payments, of which each step is as small.
	threeStep int
	// maxMissed is how many periods a merchant has no payment before an era ends. Council
	// tax pauses for two.
	maxMissed map[Cadence]int
	// maxSeries is how many bills one merchant has.
	maxSeries int
	// priceFactor is by which factor a price rises at most, as an introductory one.
	priceFactor int
	// twoSteps are by how many percent the two payments of a yearly bill differ at most:
	// if they are a year apart to the day, and if to four days.
	twoSteps [2]int
	// refundDays is for how many days a debit can be given back.
	refundDays int
}

func defaultRules() rules {
	return rules{
		minPayments: map[Cadence]int{Weekly: 4, Fortnightly: 4, FourWeekly: 3, Monthly: 3, Quarterly: 3, Yearly: 2},
		tolerance:   map[Cadence]int{Weekly: 2, Fortnightly: 4, FourWeekly: 5, Monthly: 6, Quarterly: 8, Yearly: 8},
		maxAway:     map[Cadence]int{Weekly: 10, Fortnightly: 12, FourWeekly: 15, Monthly: 32, Quarterly: 35, Yearly: 40},
		coverage:    map[Cadence]int{Weekly: 82, Fortnightly: 80, FourWeekly: 75, Monthly: 70, Quarterly: 75, Yearly: 75},
		maxMissed:   map[Cadence]int{Weekly: 3, Fortnightly: 3, FourWeekly: 2, Monthly: 2, Quarterly: 2, Yearly: 2},
		explained:   80, strict: 88, minAmong: 4, steady: 60, close: 60, maxStep: 35, threeStep: 15, maxSeries: 5, priceFactor: 3, refundDays: 21, twoSteps: [2]int{30, 12},
	}
}
