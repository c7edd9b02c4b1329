package facts

import "github.com/expenzez/infrastructure/lambdas/internal/billstore"

// daysOfBills is for how many days ahead bills are told. The measures name it.
const daysOfBills = 30

// ofBills returns how many bills are due soon, and what their payments add up to. Of no bills
// nothing is told.
func ofBills(bills billstore.Bills) []Fact {
	if len(bills.Shown()) == 0 {
		return nil
	}
	due, total := bills.TotalWithin(daysOfBills)
	return []Fact{Number(AllBills, BillsDue, "", due), Amount(AllBills, Due, "", total)}
}
