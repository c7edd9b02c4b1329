package billstore

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The kinds of records, as RecordIDs begin.
const (
	seriesKind = "bill#"
	choiceKind = "choice#"
	deviceKind = "device#"
)

// seriesTexts are the sealed texts of a record with Series.
type seriesTexts struct {
	Merchant string `json:"m"` // normalised
	Name     string `json:"n"`
	// IDs are the ids of the bills, in the order of the series. They stay when a bill's
	// cadence changes.
	IDs []string `json:"i"`
}

// deviceTexts are the sealed texts of a record with a Device.
type deviceTexts struct {
	Merchant string   `json:"m"` // normalised
	Name     string   `json:"n"`
	IDs      []string `json:"i"` // by which devices know the bill, the newest last
	// Sent is what devices sent under each id. Records of before have none.
	Sent      map[string]sentBill `json:"s,omitempty"`
	AccountID string              `json:"a,omitempty"`
	BankName  string              `json:"b,omitempty"`
	// Descriptions are those of the payments, in their order.
	Descriptions []string `json:"d,omitempty"`
}

// sentBill is the amount of a bill that a device sent, and the day of the month on which it
// is due, zero for a weekly one. A merchant may have several bills.
type sentBill struct {
	Amount money.Amount `json:"a"`
	Day    int          `json:"d,omitempty"`
}

// choiceTexts are the sealed texts of a record with a Choice.
type choiceTexts struct {
	BillID     string `json:"i"`
	CustomName string `json:"n,omitempty"`
	Reason     string `json:"r,omitempty"`
}

func seal(texts any) (tables.EncryptedString, error) {
	encoded, err := json.Marshal(texts)
	if err != nil {
		return "", fmt.Errorf("encode the texts of a bill: %w", err)
	}
	return tables.EncryptedString(encoded), nil
}

// open reads the texts of a record.
func open[T any](record tables.BillRecord) (texts T, err error) {
	if err := json.Unmarshal([]byte(record.Texts), &texts); err != nil {
		return texts, fmt.Errorf("the texts of bill record %s are no JSON", record.RecordID)
	}
	return texts, nil
}

func is(kind string, record tables.BillRecord) bool { return strings.HasPrefix(record.RecordID, kind) }
