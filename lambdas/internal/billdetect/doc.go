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
