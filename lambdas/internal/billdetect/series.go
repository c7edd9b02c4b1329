package billdetect

import (
	"slices"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// Series is a bill: payments on the due days of a schedule.
type Series struct {
	Schedule Schedule
	// Payments are the oldest first.
	Payments []Payment
	// Last is the number of the schedule that the last payment was for.
	Last int
	// Amount is what the next payment will be, positive: the price, or the average of the
	// last three payments where amounts vary.
	Amount money.Amount
	// Varies says that amounts vary from payment to payment.
	Varies bool
	// Change is the last change of the price, nil for none. It is known when two payments
	// have the new price.
	Change *PriceChange
	// Confidence is how sure it is that this is a bill, in percent.
	Confidence int
}

// PriceChange is a change of the price of a bill. Amounts are positive.
type PriceChange struct {
	// Day is the day of the first payment with the new price.
	Day      dates.Day
	From, To money.Amount
}

// Rise reports whether the new price is the higher.
func (c *PriceChange) Rise() bool { return c != nil && c.To.Cmp(c.From) > 0 }

func (d detector) series(f fit) Series {
	s := Series{Schedule: f.rule.schedule(), Last: f.numbers[len(f.numbers)-1]}
	for _, e := range f.hits {
		s.Payments = append(s.Payments, e.payment)
	}
	steady, _ := d.steps(f.hits)
	runs := runsOf(f.hits)
	s.Varies = steady < d.steady && len(runs) > 2
	if s.Varies {
		recent := f.hits[max(0, len(f.hits)-3):]
		var sum int64
		for _, e := range recent {
			sum += e.pence
		}
		s.Amount = pounds(sum / int64(len(recent)))
	} else {
		s.Amount, s.Change = price(runs)
	}
	s.Confidence = confidence(f, f.periods(), s.Varies)
	return s
}

// run is payments of one amount in a row.
type run struct {
	pence int64
	day   day
	count int
}

// runsOf returns the runs of payments. A single other amount between two equal ones, as
// a month with a surcharge, ends no run.
func runsOf(hits []entry) []run {
	var runs []run
	for i, e := range hits {
		last := len(runs) - 1
		if last >= 0 && runs[last].pence == e.pence {
			runs[last].count++
			continue
		}
		if last >= 0 && i+1 < len(hits) && hits[i+1].pence == runs[last].pence {
			continue
		}
		runs = append(runs, run{e.pence, e.day, 1})
	}
	return runs
}

// price returns the price of a bill with runs, and its last change. One payment of
// another amount at the end is no change yet.
func price(runs []run) (money.Amount, *PriceChange) {
	last := len(runs) - 1
	if last > 0 && runs[last].count == 1 && runs[last-1].count > 1 {
		last--
	}
	current := pounds(runs[last].pence)
	if last == 0 || runs[last].count < 2 {
		return current, nil
	}
	return current, &PriceChange{Day: runs[last].day.text(), From: pounds(runs[last-1].pence), To: current}
}

// confidence grows with the number of payments, and falls with missed periods and days
// away from due days.
func confidence(f fit, periods int, varies bool) int {
	n := len(f.hits)
	sure := 60 + 6*min(n, 6) - 30*(periods-n)/periods - 3*f.away/n
	if varies {
		sure -= 10
	}
	if n == 2 {
		sure = min(sure, 50)
	}
	return min(max(sure, 30), 99)
}

func pounds(pence int64) money.Amount { return money.FromMinor(pence, 2) }

// Ended reports whether the bill ended: two due days went by without a payment, and the
// days in which the second could have come late.
func (s Series) Ended(today dates.Day) bool {
	r := s.Schedule.rule()
	return dayOf(today) > r.due(s.Last+2)+day(defaultRules().tolerance[s.Schedule.Cadence])
}

// Next returns the due day of the next payment: the first after the last payment that is
// today or later.
func (s Series) Next(today dates.Day) dates.Day {
	return s.Schedule.Due(max(s.Last+1, s.Schedule.FirstFrom(today)))
}

// Has reports whether a payment is one of the series.
func (s Series) Has(id string) bool {
	return slices.ContainsFunc(s.Payments, func(p Payment) bool { return p.ID == id })
}
