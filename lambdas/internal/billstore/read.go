package billstore

import (
	"cmp"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// assemble puts the records of a user together.
func assemble(records []tables.BillRecord, today dates.Day) (Bills, error) {
	bills := Bills{Today: today}
	var devices []deviceBill
	for _, record := range records {
		switch {
		case is(seriesKind, record):
			texts, err := open[seriesTexts](record)
			if err != nil {
				return bills, err
			}
			for i, series := range record.Series {
				bills.All = append(bills.All, detected(series, texts, texts.IDs[i], today))
			}
		case is(deviceKind, record):
			texts, err := open[deviceTexts](record)
			if err != nil {
				return bills, err
			}
			devices = append(devices, deviceBill{found(record, texts, today), saidOf(record, texts)})
		case is(choiceKind, record):
			texts, err := open[choiceTexts](record)
			if err != nil {
				return bills, err
			}
			bills.Choices = append(bills.Choices, choiceOf(record, texts))
		}
	}
	bills.addDevices(devices)
	slices.SortStableFunc(bills.Choices, func(a, b Choice) int { return cmp.Compare(a.CreatedAt, b.CreatedAt) })
	bills.layChoices()
	slices.SortStableFunc(bills.All, func(a, b Bill) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return bills, nil
}

// detected returns a bill that the backend detected.
func detected(s tables.BillSeries, texts seriesTexts, id string, today dates.Day) Bill {
	series := SeriesOf(s)
	bill := Bill{
		ID: id, Merchant: texts.Merchant, Name: texts.Name, Category: categories.Code(s.Category), Cadence: series.Schedule.Cadence, Schedule: series.Schedule, Status: Active,
		Amount: s.Amount, Average: s.Average, Due: series.Next(today), Change: series.Change, Confidence: s.Confidence, Detected: true, CreatedAt: s.FoundAt,
	}
	for _, p := range s.Payments {
		bill.Payments = append(bill.Payments, Payment{ID: p.ID, Day: dates.Day(p.Day), Amount: p.Amount, Description: texts.Name})
		bill.Last = dates.Day(p.Day)
	}
	if series.Ended(today) {
		bill.Status = Cancelled
	}
	return bill
}

// SeriesOf returns a stored series, without its payments.
func SeriesOf(s tables.BillSeries) billdetect.Series {
	series := billdetect.Series{
		Schedule: billdetect.Schedule{Cadence: billdetect.Cadence(s.Cadence), Anchor: dates.Day(s.Anchor), DayOfMonth: s.DayOfMonth},
		Last:     s.Last, Amount: s.Amount, Varies: s.Varies, Confidence: s.Confidence,
	}
	if s.Change != nil {
		series.Change = &billdetect.PriceChange{Day: dates.Day(s.Change.Day), From: s.Change.From, To: s.Change.To}
	}
	return series
}

// found returns a bill that a device found. Its schedule begins at the due day that the
// device sent, and it ended when two due days went by since.
func found(record tables.BillRecord, texts deviceTexts, today dates.Day) Bill {
	d := record.Device
	series := billdetect.Series{Schedule: billdetect.ScheduleFrom(billdetect.Cadence(d.Frequency), dates.Day(d.Due)), Last: -1}
	bill := Bill{
		ID: texts.IDs[len(texts.IDs)-1], Aliases: texts.IDs[:len(texts.IDs)-1], Merchant: texts.Merchant, Name: texts.Name, Category: categories.Code(d.Category),
		Cadence: series.Schedule.Cadence, Schedule: series.Schedule, Status: Status(d.Status), Amount: d.Amount, Average: d.Average, Due: series.Next(today), Last: dates.Day(d.Last),
		Confidence: d.Confidence, Modified: d.Modified, AccountID: texts.AccountID, BankName: texts.BankName,
		CreatedAt: record.CreatedAt, UpdatedAt: record.UpdatedAt,
	}
	for i, p := range d.Payments {
		payment := Payment{ID: p.ID, Day: dates.Day(p.Day), Amount: p.Amount}
		if i < len(texts.Descriptions) {
			payment.Description = texts.Descriptions[i]
		}
		bill.Payments = append(bill.Payments, payment)
	}
	if series.Ended(today) {
		bill.Status = Cancelled
	}
	return bill
}

// deviceBill is a bill that a device found, and what its ids say.
type deviceBill struct {
	Bill
	said map[string]hint
}

// saidOf returns what the ids of a device's bill say. An id under which nothing is known to
// have been sent, and that says nothing, is of the amount of the bill.
func saidOf(record tables.BillRecord, texts deviceTexts) map[string]hint {
	all := map[string]hint{}
	for _, id := range texts.IDs {
		said := parseID(id)
		sent, known := texts.Sent[id]
		if said.day == 0 {
			said.day = sent.Day
		}
		switch {
		case said.amount == nil && known:
			said.amount = &sent.Amount
		case said.amount == nil && said.day == 0:
			said.amount = &record.Device.Amount
		}
		all[id] = said
	}
	return all
}

// addDevices adds the bills that devices found of merchants without a detected bill. The
// ids of the others become ids of the detected bills that they mean.
func (b *Bills) addDevices(devices []deviceBill) {
	detected := b.All[:len(b.All):len(b.All)]
	for _, device := range devices {
		var among []int
		for i := range detected {
			if bare(detected[i].Merchant) == bare(device.Merchant) {
				among = append(among, i)
			}
		}
		if len(among) == 0 {
			b.All = append(b.All, device.Bill)
			continue
		}
		for _, id := range append(slices.Clone(device.Aliases), device.ID) {
			bill := &b.All[device.said[id].meant(detected, among)]
			bill.Aliases = append(bill.Aliases, id)
			bill.AccountID, bill.BankName = device.AccountID, device.BankName
		}
	}
}
