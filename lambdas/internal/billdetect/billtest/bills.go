package billtest

import (
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
)

// booking is how the day of a payment follows from its nominal day.
type booking string

const (
	directDebit booking = "direct debit" // next working day
	byCard      booking = "card"         // up to two days late
	byHand      booking = "by hand"      // up to four days early or late
	monthEnd    booking = "month end"    // the last working day of the month
)

// plan is a bill before its payments are made.
type plan struct {
	kind, merchant string
	cadence        billdetect.Cadence
	booking        booking
	style          int
	pence          int
	// anchor is the nominal day of the payment number zero.
	anchor time.Time
	// from and to are the first and the last payment, as numbers from the anchor; to is
	// beyond Today for a bill that goes on.
	from, to int
	// season is by how many percent an amount follows the season, and vary by how many
	// it varies beside.
	season, vary int
	// prices are changes of the price: the number of the first payment, and the new price
	// in percent of the first.
	prices map[int]int
	// skip is in how many of a hundred periods there is no payment.
	skip int
	// pauses has no payments in February and March, as council tax.
	pauses bool
	// cancelled is the number with which the bill is cancelled, and missed how many numbers
	// there are until it is taken up again: zero for a bill that is not. moved is by how many
	// days it is due later then.
	cancelled, missed, moved int
	// overage is in how many of a hundred payments the amount is a half more.
	overage int
}

// nominal returns the nominal day of a payment.
func (p plan) nominal(number int) time.Time {
	months := map[billdetect.Cadence]int{billdetect.Monthly: 1, billdetect.Quarterly: 3, billdetect.Yearly: 12}[p.cadence]
	if months == 0 {
		days := map[billdetect.Cadence]int{billdetect.Weekly: 7, billdetect.Fortnightly: 14, billdetect.FourWeekly: 28}[p.cadence]
		return p.anchor.AddDate(0, 0, days*number)
	}
	return dayOfMonth(p.anchor.Year(), p.anchor.Month()+time.Month(months*number), p.anchor.Day())
}

// booked returns the day on which a payment is booked.
func (m *maker) booked(p plan, nominal time.Time) time.Time {
	switch p.booking {
	case directDebit:
		return nextWorkingDay(nominal)
	case byCard:
		return nominal.AddDate(0, 0, pick(m, 0, 0, 0, 0, 1, 1, 2))
	case byHand:
		return nominal.AddDate(0, 0, m.between(-4, 4))
	}
	return lastWorkingDay(nominal)
}

// amount returns the amount of a payment in pence.
func (m *maker) amount(p plan, number int, nominal time.Time) int {
	percent := 100
	latest := -1 << 30
	for from, price := range p.prices {
		if from <= number && from > latest {
			latest, percent = from, price
		}
	}
	pence := p.pence * percent / 100
	if p.season > 0 {
		away := min((int(nominal.Month())+11)%12, 12-(int(nominal.Month())+11)%12) // months from January, 0 to 6
		pence += pence * p.season * (3 - away) / 300
	}
	if p.vary > 0 {
		pence += pence * m.between(-p.vary, p.vary) / 100
	}
	if m.chance(p.overage) {
		pence += pence / 2
	}
	return max(pence, 50)
}

// addBill adds the payments of a bill, and what is true about it. A bill that is taken up
// again on another day of the month is another bill.
func (m *maker) addBill(p plan) {
	if p.moved > 0 {
		again := p
		again.from, again.anchor = p.cancelled+p.missed, p.anchor.AddDate(0, 0, p.moved)
		p.to = p.cancelled - 1
		p.moved, again.moved = 0, 0
		m.addBill(p)
		m.addBill(again)
		return
	}
	bill := Bill{Merchant: merchantOf(m.text(p.style, p.merchant, p.anchor, p.pence)), Cadence: p.cadence, Kind: p.kind}
	after := map[int]int{} // payments since a change of the price
	for number := p.from; number <= p.to; number++ {
		nominal := p.nominal(number)
		if p.pauses && (nominal.Month() == time.February || nominal.Month() == time.March) || m.chance(p.skip) {
			continue
		}
		if p.cancelled <= number && number < p.cancelled+p.missed {
			continue
		}
		day, pence := m.booked(p, nominal), m.amount(p, number, nominal)
		text := m.text(p.style, p.merchant, day, pence)
		if p.style == 2 && m.chance(1) { // returned, and collected again
			if m.add(day, -pence, text) != "" {
				m.add(day.AddDate(0, 0, 1), pence, "RETURNED DIRECT DEBIT "+p.merchant)
			}
			day = nextWorkingDay(day.AddDate(0, 0, m.between(4, 7)))
		}
		if id := m.add(day, -pence, text); id != "" {
			bill.Payments = append(bill.Payments, id)
			for from := range p.prices {
				if number >= from {
					after[from]++
				}
			}
		}
	}
	for from, payments := range after {
		if payments >= 2 && payments < len(bill.Payments) && from > p.from {
			bill.Rose = true
		}
	}
	bill.Ended = !p.nominal(p.to).After(last)
	for number := p.from; !bill.Ended; number++ {
		nominal := p.nominal(number)
		paused := p.pauses && (nominal.Month() == time.February || nominal.Month() == time.March)
		if nominal.After(last) && !paused {
			bill.Next = dates.DayOf(nominal)
			break
		}
	}
	if len(bill.Payments) > 0 {
		m.history.Bills = append(m.history.Bills, bill)
	}
}

// span sets when a bill begins and ends: some begin before the history, some within it,
// and some end within it.
func (m *maker) span(p *plan) {
	p.anchor = first.AddDate(0, 0, m.between(0, 27))
	if p.cadence == billdetect.Quarterly || p.cadence == billdetect.Yearly {
		p.anchor = first.AddDate(0, m.between(0, 11), m.between(0, 27)).AddDate(-1, 0, 0)
	}
	if p.booking == monthEnd {
		p.anchor = date(2024, time.July, 31)
	}
	count := 0
	for !p.nominal(count).After(last) {
		count++
	}
	p.to = count + 2
	if m.chance(30) {
		p.from = m.IntN(count)
	}
	if m.chance(20) {
		p.to = p.from + m.IntN(max(count-p.from, 1))
	}
}

// resume has some bills cancelled and taken up again later, half of them on another day.
func (m *maker) resume(p *plan) {
	days := map[billdetect.Cadence]int{billdetect.Weekly: 7, billdetect.Fortnightly: 14, billdetect.FourWeekly: 28, billdetect.Monthly: 30}[p.cadence]
	if days == 0 || !m.chance(12) {
		return
	}
	cancelled, missed := p.from+m.between(2, 12), m.between(120/days, 280/days)
	if cancelled+missed > p.to {
		return
	}
	p.kind, p.cancelled, p.missed = "resumed", cancelled, missed
	if m.chance(50) {
		p.kind, p.moved = "resumed on another day", m.between(days/3+1, days-days/3-1)
	}
}

// prices makes a price rise or an introductory price for some bills.
func (m *maker) priceOf(p *plan) {
	p.prices = map[int]int{}
	if m.chance(35) {
		p.prices[p.from+m.between(2, 20)] = m.between(103, 118)
	}
	if m.chance(10) { // introductory: the price before is the odd one
		p.prices[p.from+m.between(2, 4)] = m.between(150, 300)
	}
}
