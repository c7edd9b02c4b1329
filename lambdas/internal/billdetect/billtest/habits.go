package billtest

import (
	"fmt"
	"time"
)

// addHabits adds payments that come again and are no bills.
func (m *maker) addHabits() {
	if m.chance(80) {
		m.coffees(m.fresh("COSTA COFFEE 43010", "PRET A MANGER", "SQ *CORNER CAFE", "CAFFE NERO"))
	}
	if m.chance(50) {
		m.coffees(m.fresh("GREGGS PLC", "SUBWAY 25594", "SQ *BAKERY LANE"))
	}
	m.weeklyShop(m.fresh("TESCO STORES 3127", "SAINSBURYS S/MKTS", "ALDI 55", "LIDL GB"))
	m.everyDays(m.fresh("CO-OP GROUP 070", "SPAR LEEDS", "M&S SIMPLY FOOD"), 2, 9, 300, 2500)
	if m.chance(60) {
		m.everyDays(m.fresh("SHELL", "ESSO", "BP CONNECT", "TEXACO"), 7, 16, 3500, 7500)
	}
	if m.chance(60) {
		m.takeaways(m.fresh("DELIVEROO", "JUST EAT", "UBER   *EATS"))
	}
	if m.chance(50) {
		m.mealDeals(m.fresh("BOOTS 1240", "WH SMITH", "TESCO EXPRESS 2210"))
	}
	if m.chance(60) {
		m.hairdresser(m.fresh("SHEARS AND CO", "BARBER JOES"))
	}
	if m.chance(60) {
		m.buses(m.fresh("TFL TRAVEL CH", "STAGECOACH BUS"))
	}
	for range m.between(10, 25) { // once or a few times in two years
		name := m.fresh("ARGOS 120", "IKEA LTD", "CURRYS ONLINE", "ODEON", "EASYJET", "PREMIER INN", "HALFORDS", "BOOKS ETC", "B&Q 1232")
		for range m.between(1, 4) {
			m.buy(name, first.AddDate(0, 0, m.IntN(730)), m.between(500, 15000))
		}
	}
	m.everyDays("AMZNMktplace*2H4KL", 4, 30, 499, 8999)
	if m.chance(50) {
		m.everyDays("APPLE.COM/BILL", 20, 150, 99, 1499)
	}
	m.cash()
}

// buy adds a purchase by card. One in forty is refunded.
func (m *maker) buy(name string, day time.Time, pence int) {
	m.add(day, -pence, m.text(1, name, day, pence))
	if m.chance(2) {
		m.add(day.AddDate(0, 0, m.between(1, 20)), pence, "CARD PAYMENT REFUND FROM "+name)
	}
}

// coffees are bought several times a week at one of few prices.
func (m *maker) coffees(name string) {
	prices := []int{m.between(280, 360), m.between(361, 450), m.between(451, 700)}
	percent := m.between(10, 60)
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		if m.chance(percent) {
			m.buy(name, day, pick(m, prices[0], prices[0], prices[0], prices[1], prices[1], prices[2]))
		}
	}
}

// weeklyShop is on about the same day of most weeks, for another amount each time.
func (m *maker) weeklyShop(name string) {
	middle := m.between(3500, 11000)
	for day := first.AddDate(0, 0, m.IntN(7)); !day.After(last); day = day.AddDate(0, 0, 7) {
		if m.chance(85) {
			m.buy(name, day.AddDate(0, 0, pick(m, -1, 0, 0, 0, 1)), middle*m.between(55, 145)/100)
		}
	}
}

// everyDays buys for any amount after a number of days between two.
func (m *maker) everyDays(name string, low, high, cheap, dear int) {
	for day := first.AddDate(0, 0, m.IntN(high)); !day.After(last); day = day.AddDate(0, 0, m.between(low, high)) {
		m.buy(name, day, m.between(cheap, dear))
	}
}

// takeaways are on Fridays and Saturdays of some weeks.
func (m *maker) takeaways(name string) {
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		if (day.Weekday() == time.Friday || day.Weekday() == time.Saturday) && m.chance(30) {
			m.buy(name, day, m.between(1400, 4200))
		}
	}
}

// mealDeals have one price, on one or two weekdays of most weeks.
func (m *maker) mealDeals(name string) {
	price, weekday, often := pick(m, 350, 390, 425, 500), time.Weekday(m.between(1, 5)), m.between(40, 70)
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		if isWorkingDay(day) && (day.Weekday() == weekday && m.chance(often) || m.chance(8)) {
			m.buy(name, day, price)
		}
	}
}

// hairdresser has one price, after four to eight weeks.
func (m *maker) hairdresser(name string) {
	price := m.between(12, 60) * 100
	for day := first.AddDate(0, 0, m.IntN(40)); !day.After(last); day = day.AddDate(0, 0, m.between(28, 56)) {
		m.buy(name, day, price)
	}
}

// buses have the price of the day's journeys.
func (m *maker) buses(name string) {
	percent := m.between(15, 70)
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		if isWorkingDay(day) && m.chance(percent) {
			m.buy(name, day, pick(m, 175, 350, 350, 525, 890))
		}
	}
}

func (m *maker) cash() {
	for day := first.AddDate(0, 0, m.IntN(20)); !day.After(last); day = day.AddDate(0, 0, m.between(5, 40)) {
		m.add(day, -pick(m, 2000, 5000, 10000), "LNK HIGH ST CD 1234 "+day.Format("02Jan06"))
	}
}

// addOwnMoney adds salaries, transfers to savings on fixed days, and payments of a credit
// card's bill.
func (m *maker) addOwnMoney() {
	salary, day := m.between(1500, 4500)*100, m.between(20, 31)
	account := m.between(10000000, 99999999)
	card := m.chance(50)
	for month := 0; month < 25; month++ {
		nominal := dayOfMonth(first.Year(), first.Month()+time.Month(month), day)
		m.add(nominal, salary+m.between(0, 2000), "BANK GIRO CREDIT REF EMPLOYER, SALARY")
		m.add(nominal.AddDate(0, 0, 1), -20000, fmt.Sprintf("To A/C %d Via Mobile Xfer", account))
		if card {
			m.add(nominal.AddDate(0, 0, 3), -m.between(5000, 90000), "DIRECT DEBIT PAYMENT TO BARCLAYCARD REF 1234")
		}
	}
}
