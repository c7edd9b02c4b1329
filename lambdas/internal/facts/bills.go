package facts

import (
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// daysOfBills is for how many days ahead bills are told. The measures name it.
const daysOfBills = 30

// ofBills returns how many bills are due soon, and what they add up to. Of no bills
// nothing is told.
func ofBills(bills billstore.Bills) []Fact {
	if len(bills.Shown()) == 0 {
		return nil
	}
	due, sum := bills.DueWithin(daysOfBills), money.Amount{}
	for _, bill := range due {
		sum = sum.Add(bill.Amount.Abs())
	}
	return []Fact{Number(AllBills, BillsDue, "", len(due)), Amount(AllBills, Due, "", sum)}
}
