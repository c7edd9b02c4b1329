// Package billdetect finds the bills among the payments to a merchant: payments that
// come again on due days.
//
//	for _, series := range billdetect.Detect(payments) {
//		fmt.Println(series.Schedule.Cadence, series.Amount, series.Next(today), series.Ended(today))
//	}
//
// It knows nothing of AWS, of users and of texts. Its callers group payments by the
// normalised merchant (package merchants) and leave out own money.
//
// # How
//
// A bill is a rule for due days, and payments near enough to them. For each cadence and
// each day on which a bill could be due, fit assigns payments to the nearest due day, at
// most one to each. accepts says whether that is a bill: payments in most periods, near
// their due days, and of steady or similar amounts. Weekly and fortnightly bills have
// steady amounts, because habits are weekly too.
//
// Detect tries all payments to the merchant first. If too many belong to no bill, it
// tries the payments of each amount as one bill or two, and adds the payments of another
// price on the same due days. Nearly all payments of a set must belong to its bills: any
// due day has a coffee near it, but not most coffees a due day.
//
// # Gaps
//
// Where a merchant has no payment for longer than a bill misses due days, an era of the
// merchant ends: the user cancelled the bill and took it up again, or did not import the
// transactions. The periods of the gap are not missed ones, and each era is judged by its own
// payments. Payments on the same due days before and after a gap are one bill. The last one
// says whether the bill is active; those before the gap are its history. A bill that comes
// again on another day is another bill.
//
// # Due days
//
// Each due day follows from the anchor of the schedule, never from the payment before. A
// bill ended when two due days went by without a payment. One whose price changed is the
// same bill: the change is reported when two payments have the new price.
//
// # Figures
//
// Package billtest has the histories, figures_test.go the figures, and Reference the
// simple detector beside which they are read. rules.go has the numbers, which were chosen
// on the histories of billtest.WorkSeed only.
package billdetect
