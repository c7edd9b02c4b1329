package billstore

import (
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/money"
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

// The ids of devices' records of before Sent say their days, or are of the record's amount.
func TestAssemble_DevicesWithoutWhatWasSent_AreToldApartByTheirIDs(t *testing.T) {
	texts, err := seal(seriesTexts{Merchant: "apple", Name: "Apple", IDs: []string{"small", "large"}})
	if err != nil {
		t.Fatal(err)
	}
	series := func(anchor string, day int, pence int64) tables.BillSeries {
		return tables.BillSeries{Cadence: "monthly", Anchor: anchor, DayOfMonth: day, Amount: money.FromMinor(pence, 2)}
	}
	sent := monthly
	sent.Amount = money.FromMinor(99, 2)
	bills, err := assemble([]tables.BillRecord{
		{RecordID: seriesKind + "apple", Texts: texts, Series: []tables.BillSeries{series("2026-06-03", 3, 99), series("2026-06-17", 17, 1099)}},
		device(t, "apple", sent, "day_pattern_apple_day17", "day_pattern_apple_day31", "bill_apple_monthly", "apple-11"),
	}, "2026-06-17")
	if err != nil || len(bills.All) != 2 {
		t.Fatalf("got %+v, %v", bills, err)
	}
	for _, bill := range bills.All {
		got, want := strings.Join(bill.Aliases, " "), "day_pattern_apple_day17 apple-11"
		if bill.ID == "small" {
			want = "day_pattern_apple_day31 bill_apple_monthly"
		}
		if got != want {
			t.Errorf("%s is known by %q, not %q", bill.ID, got, want)
		}
	}
}
