package billstore

import (
	"slices"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// Status is the state of a bill.
type Status string

// The states. A bill is cancelled when it ended, or when the user says so.
const (
	Active    Status = "active"
	Cancelled Status = "cancelled"
	Irregular Status = "irregular"
)

// Bill is a bill of a user as of the day on which it was read. Amounts are positive.
type Bill struct {
	// ID is the id of the bill, and Aliases are other ids by which devices know it.
	ID      string
	Aliases []string
	// Merchant is the normalised merchant, and Name the merchant as banks or users write it.
	Merchant, Name string
	Category       categories.Code
	Cadence        billdetect.Cadence
	// Schedule has the days on which payments are due. Due is one of them.
	Schedule billdetect.Schedule
	Status   Status
	// Amount is the amount of the next payment, and Average that of the last payments.
	Amount, Average money.Amount
	// Due is the day of the next payment, on the day of the reading or after it.
	Due dates.Day
	// Last is the day of the last payment.
	Last dates.Day
	// Change is the last change of the price, nil for none.
	Change *billdetect.PriceChange
	// Payments are the last payments, the oldest first: two at least.
	Payments []Payment
	// Confidence is how sure it is that this is a bill, in percent.
	Confidence int
	// Detected says that the backend detected the bill among transactions. Others were
	// found by devices only.
	Detected bool
	// Excluded says that the user wants no such bill. Bills.Shown leaves it out.
	Excluded bool
	// Paid says that the user marked the payment of Due as paid.
	Paid bool
	// Muted says that the user wants no reminders of it.
	Muted bool
	// Modified says that the user chose its category or its status.
	Modified bool

	AccountID, BankName  string // of the device
	CreatedAt, UpdatedAt int64  // in epoch milliseconds
}

// Payment is a transaction that paid a bill. Amount is positive.
type Payment struct {
	ID          string
	Day         dates.Day
	Amount      money.Amount
	Description string
}

// Bills are the bills of a user as of Today.
type Bills struct {
	Today dates.Day
	// All are all bills, by name, with those that the user excluded.
	All []Bill
	// Choices are what the user chose, the oldest first.
	Choices []Choice
}

// Shown returns the bills that the user did not exclude.
func (b Bills) Shown() []Bill {
	return filter(b.All, func(bill Bill) bool { return !bill.Excluded })
}

// DueWithin returns the active bills whose next payment is due today or within a number
// of days, and that the user has not marked as paid. PaymentsWithin has the payments after
// the next, too.
func (b Bills) DueWithin(days int) []Bill {
	end := billdetect.AddDays(b.Today, days)
	return filter(b.Shown(), func(bill Bill) bool { return bill.Status == Active && bill.Due <= end && !bill.Paid })
}

// DuePayment is a payment of a bill that is due on a day.
type DuePayment struct {
	Bill Bill
	Day  dates.Day
}

// PaymentsWithin returns the payments of active bills that are due today or within a number
// of days, without those that the user marked as paid. A weekly bill has several.
func (b Bills) PaymentsWithin(days int) []DuePayment {
	end := billdetect.AddDays(b.Today, days)
	var all []DuePayment
	for _, bill := range b.Shown() {
		if bill.Status != Active {
			continue
		}
		number := bill.Schedule.FirstFrom(bill.Due)
		if bill.Paid { // which is the payment of Due
			number++
		}
		for ; bill.Schedule.Due(number) <= end; number++ {
			all = append(all, DuePayment{bill, bill.Schedule.Due(number)})
		}
	}
	return all
}

// TotalWithin returns how many bills have payments that are due within a number of days, and
// what these payments add up to.
func (b Bills) TotalWithin(days int) (bills int, total money.Amount) {
	last := ""
	for _, due := range b.PaymentsWithin(days) { // those of one bill are in a row
		if bills == 0 || due.Bill.ID != last {
			bills, last = bills+1, due.Bill.ID
		}
		total = total.Add(due.Bill.Amount)
	}
	return bills, total
}

// Known returns the day on which a change of the price was known: that of the second payment
// with the new price. It returns "" for a bill without a change.
func (b Bill) Known() dates.Day {
	if b.Change == nil {
		return ""
	}
	first := slices.IndexFunc(b.Payments, func(p Payment) bool { return p.Day >= b.Change.Day })
	return b.Payments[min(max(first, 0)+1, len(b.Payments)-1)].Day
}

// RisenSince returns the active bills whose last change of the price is a rise on a day or
// after it.
func (b Bills) RisenSince(day dates.Day) []Bill {
	return filter(b.Shown(), func(bill Bill) bool { return bill.Status == Active && bill.Change.Rise() && bill.Change.Day >= day })
}

func filter(all []Bill, keep func(Bill) bool) []Bill {
	var kept []Bill
	for _, bill := range all {
		if keep(bill) {
			kept = append(kept, bill)
		}
	}
	return kept
}

// Choice is what a user chose about a bill.
type Choice struct {
	BillID, CustomName, Reason string
	Category                   categories.Code // empty when none was chosen
	Status                     string          // active, inactive, or empty when none was chosen
	Ignored, Muted             bool
	ExclusionReason            string
	// PaidAt is when the user marked the next payment as paid, in epoch milliseconds. It is
	// zero when that payment is past.
	PaidAt int64
	// ExcludedAt, CreatedAt and UpdatedAt are in epoch milliseconds.
	ExcludedAt, CreatedAt, UpdatedAt int64

	paidFor dates.Day
	setAt   map[string]int64 // as tables.BillChoice.SetAt
}
