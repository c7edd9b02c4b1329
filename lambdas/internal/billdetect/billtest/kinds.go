package billtest

import "github.com/expenzez/infrastructure/lambdas/internal/billdetect"

// addBills adds the bills of a user.
func (m *maker) addBills() {
	for range m.between(2, 5) {
		m.subscription(m.fresh("NETFLIX.COM", "SPOTIFY UK", "DISNEY PLUS", "NOW TV", "AUDIBLE UK", "YOUTUBE PREMIUM", "ACME GYM", "DROPBOX", "ADOBE SYSTEMS",
			"PLAYSTATION NETWORK", "MICROSOFT 365", "NYTIMES DIGITAL", "STRAVA", "HELLO FRESH BOX"))
	}
	m.housing()
	m.utilities()
	m.insurances()
	m.otherCadences()
	m.doubles()
}

func (m *maker) subscription(name string) {
	p := plan{kind: "subscription", merchant: name, cadence: billdetect.Monthly, booking: byCard, style: pick(m, 0, 1, 3, 4), pence: m.between(2, 40)*100 - 1, skip: 3}
	m.span(&p)
	m.resume(&p)
	m.priceOf(&p)
	m.addBill(p)
}

func (m *maker) housing() {
	if m.chance(85) {
		p := plan{kind: "rent or mortgage", cadence: billdetect.Monthly, booking: directDebit, style: 4, pence: m.between(450, 1800) * 100, skip: 1}
		p.merchant = "STANDING ORDER TO " + m.fresh("J SMITH", "A PATEL", "M JONES", "R KHAN") + " REF RENT"
		if m.chance(50) {
			p.merchant, p.style = m.fresh("HALIFAX MORTGAGES", "NATIONWIDE MORTGAGE", "FOXHILL LETTINGS"), 2
		} else if m.chance(30) {
			p.booking = byHand
		}
		m.span(&p)
		m.priceOf(&p)
		m.addBill(p)
	}
	if m.chance(80) {
		p := plan{kind: "council tax", merchant: m.fresh("LEEDS CITY COUNCIL TAX", "CAMDEN COUNCIL TAX", "BRISTOL COUNCIL TAX"), cadence: billdetect.Monthly,
			booking: directDebit, style: 2, pence: m.between(9000, 22000), pauses: m.chance(70), skip: 1}
		m.span(&p)
		m.addBill(p)
	}
}

func (m *maker) utilities() {
	if m.chance(85) { // energy
		p := plan{kind: "utility", merchant: m.fresh("OCTOPUS ENERGY", "BRITISH GAS", "EDF ENERGY", "EON NEXT", "SO ENERGY"), cadence: billdetect.Monthly,
			booking: directDebit, style: 2, pence: m.between(6000, 22000), skip: 2}
		if m.chance(65) {
			p.season, p.vary = m.between(10, 45), 10
		}
		m.span(&p)
		m.addBill(p)
	}
	for _, names := range [][]string{{"VODAFONE LTD", "EE LIMITED", "GIFFGAFF", "O2 MOBILE"}, {"VIRGIN MEDIA", "BT GROUP PLC", "SKY DIGITAL", "ZEN INTERNET"}} {
		if m.chance(80) {
			p := plan{kind: "phone or broadband", merchant: m.fresh(names...), cadence: billdetect.Monthly, booking: directDebit, style: 2,
				pence: m.between(800, 6000), skip: 2, overage: pick(m, 0, 0, 10)}
			if m.chance(15) {
				p.booking = monthEnd
			}
			m.span(&p)
			m.priceOf(&p)
			m.addBill(p)
		}
	}
	if m.chance(60) {
		p := plan{kind: "water", merchant: m.fresh("THAMES WATER", "YORKSHIRE WATER", "SEVERN TRENT"), cadence: pick(m, billdetect.Monthly, billdetect.Quarterly),
			booking: directDebit, style: 2, pence: m.between(2500, 6000), vary: pick(m, 0, 8)}
		m.span(&p)
		m.addBill(p)
	}
	if m.chance(35) { // a credit or a loan that is paid by hand
		p := plan{kind: "paid by hand", merchant: m.fresh("CLOSEFIELD FINANCE", "NURSERY LANE LTD", "PARKVIEW STORAGE", "HARBOUR LOANS"), cadence: billdetect.Monthly,
			booking: byHand, style: 4, pence: m.between(2000, 40000), skip: 4}
		m.span(&p)
		m.addBill(p)
	}
}

func (m *maker) insurances() {
	for _, names := range [][]string{{"AVIVA", "ADMIRAL", "DIRECT LINE"}, {"PETPLAN", "BUPA", "AXA HOME"}} {
		if m.chance(70) {
			p := plan{kind: "insurance", merchant: m.fresh(names...), cadence: pick(m, billdetect.Monthly, billdetect.Monthly, billdetect.Yearly),
				booking: directDebit, style: 2, pence: m.between(1200, 5500), skip: 1}
			if p.cadence == billdetect.Yearly {
				p.pence *= 11
			}
			m.span(&p)
			m.yearlyRise(&p)
			m.addBill(p)
		}
	}
}

// yearlyRise changes the price each year.
func (m *maker) yearlyRise(p *plan) {
	perYear := map[billdetect.Cadence]int{billdetect.Monthly: 12, billdetect.Quarterly: 4, billdetect.Yearly: 1}[p.cadence]
	p.prices = map[int]int{p.from + perYear: m.between(94, 125), p.from + 2*perYear: m.between(100, 140)}
}

func (m *maker) otherCadences() {
	for _, kind := range []struct {
		percent           int
		cadence           billdetect.Cadence
		booking           booking
		style, low, high  int
		names             []string
		skip, vary, raise int
	}{
		{30, billdetect.Weekly, directDebit, 4, 2000, 9000, []string{"SPARKLE CLEANING", "LITTLE ACORNS NURSERY", "SWIM SCHOOL"}, 3, 0, 20},
		{20, billdetect.Weekly, byCard, 0, 900, 3500, []string{"VEGBOX DELIVERED", "PILATES STUDIO", "MILK AND MORE"}, 5, 0, 20},
		{30, billdetect.Fortnightly, directDebit, 4, 1500, 12000, []string{"WINDOW CLEAN CO", "GARDEN SERVICES", "CARE AGENCY"}, 3, 0, 20},
		{35, billdetect.FourWeekly, byCard, 1, 800, 6000, []string{"LEBARA MOBILE", "SMARTY", "GRAZE BOX", "CONTACT LENSES"}, 3, 0, 25},
		{30, billdetect.Quarterly, directDebit, 2, 3000, 15000, []string{"SERVICE CHARGE HLDGS", "ANGLIAN WATER", "BOILER COVER"}, 2, 6, 30},
		{45, billdetect.Yearly, byCard, 0, 3500, 18000, []string{"TV LICENCE", "AA MEMBERSHIP", "NATIONAL TRUST", "COSTCO MEMBER"}, 0, 0, 50},
		{30, billdetect.Yearly, directDebit, 2, 15000, 60000, []string{"LV MOTOR INSURANCE", "HASTINGS DIRECT", "CHURCHILL HOME"}, 0, 8, 50},
	} {
		if !m.chance(kind.percent) {
			continue
		}
		p := plan{kind: "other cadence", merchant: m.fresh(kind.names...), cadence: kind.cadence, booking: kind.booking, style: kind.style,
			pence: m.between(kind.low, kind.high), skip: kind.skip, vary: kind.vary}
		m.span(&p)
		m.resume(&p)
		if m.chance(kind.raise) {
			p.prices = map[int]int{p.from + m.between(2, 12): m.between(102, 115)}
		}
		m.addBill(p)
	}
}

// doubles adds merchants with two subscriptions, and with one among other purchases.
func (m *maker) doubles() {
	if m.chance(40) { // different amounts
		for _, pence := range []int{pick(m, 99, 249, 299), pick(m, 1099, 1699, 899)} {
			p := plan{kind: "one of two of a merchant", merchant: "APPLE.COM/BILL", cadence: billdetect.Monthly, booking: byCard, style: 1, pence: pence, skip: 2}
			m.span(&p)
			m.priceOf(&p)
			m.addBill(p)
		}
	}
	if m.chance(15) { // equal amounts on other days
		name, pence, day := m.fresh("TALKMOBILE", "VOXI", "ID MOBILE"), m.between(6, 20)*100, m.between(0, 12)
		for _, after := range []int{0, m.between(9, 15)} {
			p := plan{kind: "one of two with equal amounts", merchant: name, cadence: billdetect.Monthly, booking: directDebit, style: 2, pence: pence, skip: 1}
			m.span(&p)
			p.anchor = first.AddDate(0, 0, day+after)
			m.addBill(p)
		}
	}
	if m.chance(50) { // among purchases: see habits
		p := plan{kind: "among purchases", merchant: "AMAZON.CO.UK*PRIME", cadence: billdetect.Monthly, booking: byCard, style: 1, pence: 899, skip: 2}
		m.span(&p)
		if m.chance(30) {
			p.prices = map[int]int{p.from + m.between(5, 18): 106}
		}
		m.addBill(p)
	}
}
