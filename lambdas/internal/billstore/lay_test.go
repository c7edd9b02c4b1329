package billstore

import (
	"testing"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// chosen returns the record of a choice.
func chosen(t *testing.T, id string, updatedAt int64, choice tables.BillChoice) tables.BillRecord {
	t.Helper()
	texts, err := seal(choiceTexts{BillID: id})
	if err != nil {
		t.Fatal(err)
	}
	return tables.BillRecord{RecordID: choiceKind + id, Choice: &choice, Texts: texts, CreatedAt: 1, UpdatedAt: updatedAt}
}

// device returns the record of a bill of a device with ids.
func device(t *testing.T, merchant string, bill tables.DeviceBill, ids ...string) tables.BillRecord {
	t.Helper()
	texts, err := seal(deviceTexts{Merchant: merchant, Name: merchant, IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	return tables.BillRecord{RecordID: deviceKind + merchant, Device: &bill, Texts: texts}
}

var monthly = tables.DeviceBill{Frequency: "monthly", Status: "active", Due: "2026-07-05", Category: "other"}

// Choices of before SetAt are as old as their record, and what they do not have was not set.
func TestAssemble_ChoicesWithoutTimes_AreOfTheirRecords(t *testing.T) {
	bills, err := assemble([]tables.BillRecord{
		device(t, "acme", monthly, "a", "b"),
		chosen(t, "a", 20, tables.BillChoice{Category: "housing", Muted: true}),
		chosen(t, "b", 10, tables.BillChoice{Category: "insurance", Status: "inactive"}),
	}, "2026-06-17")
	if err != nil || len(bills.All) != 1 {
		t.Fatalf("got %+v, %v", bills, err)
	}
	if got := bills.All[0]; got.Category != "housing" || got.Status != Cancelled || !got.Muted {
		t.Errorf("got %+v", got)
	}
	bills, err = assemble([]tables.BillRecord{
		device(t, "acme", monthly, "a", "b"),
		chosen(t, "a", 20, tables.BillChoice{Status: "inactive", Muted: true}),
		chosen(t, "b", 30, tables.BillChoice{Status: "active", SetAt: map[string]int64{setStatus: 30, setMuted: 30}}),
	}, "2026-06-17")
	if err != nil || bills.All[0].Status != Active || bills.All[0].Muted {
		t.Errorf("got %+v, %v", bills.All, err)
	}
}
