// Package billtest makes histories of bank accounts in which it is known which
// transactions belong to which bill. Detectors of bills are measured on them.
//
// A history has two years of transactions with texts as UK banks write them. The same
// seed and number of the user make the same history. WorkSeed is for developing a
// detector, FigureSeeds are for the figures that the documents state: nothing is tuned
// on them.
//
// # Noise
//
// Bills: a direct debit on a weekend or a bank holiday is collected on the next working
// day, a card payment is booked up to two days late, a payment by hand comes up to four
// days early or late, and some fall on the last working day of the month. Amounts of
// utilities follow the season and vary by a tenth beside it. Prices rise, introductory
// prices end, single periods are skipped, council tax pauses for two months a year,
// bills begin and end in the middle of the history, and direct debits are returned and
// collected again. Some subscriptions are cancelled and taken up again after four to nine
// months, on the same day, which is the same bill, or on another day, which is another.
// Some users did not import the transactions of two to eight months. A merchant may have two subscriptions, of different or of equal
// amounts, and a subscription among other purchases.
//
// Habits, which are no bills: coffees at the same few prices, the weekly shop, meal
// deals, fuel, takeaways, hairdressers, buses, cash, and rare purchases of any merchant.
// Beside them are refunds, salaries, own transfers on fixed days, and payments of credit
// card bills.
package billtest
