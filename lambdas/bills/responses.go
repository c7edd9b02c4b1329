package bills

import (
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
)

type billResponse struct {
	ID              string                                 `json:"id"`
	BillID          string                                 `json:"billId"`
	Name            string                                 `json:"name"`
	Merchant        string                                 `json:"merchant"`
	Amount          money.Amount                           `json:"amount"`
	AverageAmount   money.Amount                           `json:"averageAmount"`
	Frequency       string                                 `json:"frequency"`
	Category        string                                 `json:"category"`
	NextDueDate     dates.Day                              `json:"nextDueDate"`
	LastPaymentDate dates.Day                              `json:"lastPaymentDate"`
	DayOfMonth      int                                    `json:"dayOfMonth,omitempty"`
	DayOfWeek       *int                                   `json:"dayOfWeek,omitempty"`
	Status          string                                 `json:"status"`
	Confidence      money.Amount                           `json:"confidence"`
	AccountID       string                                 `json:"accountId,omitempty"`
	BankName        string                                 `json:"bankName,omitempty"`
	UserModified    bool                                   `json:"userModified"`
	Transactions    function.List[billTransactionResponse] `json:"transactions"`
	SavedAt         int64                                  `json:"savedAt"`
	UpdatedAt       int64                                  `json:"updatedAt"`
}

type billTransactionResponse struct {
	ID          string       `json:"id"`
	Amount      money.Amount `json:"amount"`
	Date        dates.Day    `json:"date"`
	Description string       `json:"description,omitempty"`
	Merchant    string       `json:"merchant"`
	Type        string       `json:"type"`
}

func responsesOf(bills billstore.Bills, now time.Time) function.List[billResponse] {
	var all function.List[billResponse]
	for _, bill := range bills.Shown() {
		all = append(all, responseOf(bill, now))
	}
	return all
}

// responseOf returns a bill as the app reads it. A detected bill is always as of now, so
// that the app does not detect again what it is given.
func responseOf(b billstore.Bill, now time.Time) billResponse {
	response := billResponse{
		ID: b.ID, BillID: b.ID, Name: b.Name, Merchant: b.Name, Amount: b.Amount, AverageAmount: b.Average, Frequency: billstore.Frequency(b.Cadence),
		Category: b.Category.In(categories.BillScreens), NextDueDate: b.Due, LastPaymentDate: b.Last, Status: string(b.Status),
		Confidence: money.FromMinor(int64(b.Confidence), 2), AccountID: b.AccountID, BankName: b.BankName, UserModified: b.Modified,
		SavedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt,
	}
	if b.Detected {
		response.UpdatedAt = now.UnixMilli()
	}
	due, _ := dates.ParseDay(string(b.Due)) // stored days are days
	if b.Cadence == billdetect.Weekly || b.Cadence == billdetect.Fortnightly {
		weekday := int(due.Weekday())
		response.DayOfWeek = &weekday
	} else {
		response.DayOfMonth = due.Day()
	}
	for _, p := range b.Payments {
		response.Transactions = append(response.Transactions, billTransactionResponse{
			ID: p.ID, Amount: p.Amount.Neg(), Date: p.Day, Description: p.Description, Merchant: b.Name, Type: "debit",
		})
	}
	return response
}

type preferenceResponse struct {
	BillID          string `json:"billId"`
	Category        string `json:"category,omitempty"`
	Status          string `json:"status,omitempty"`
	CustomName      string `json:"customName,omitempty"`
	IsIgnored       bool   `json:"isIgnored"`
	UserModified    bool   `json:"userModified"`
	PaidAt          *int64 `json:"paidAt"`
	ExclusionReason string `json:"exclusionReason,omitempty"`
	Reason          string `json:"reason,omitempty"`
	ExcludedAt      int64  `json:"excludedAt,omitempty"`
	CreatedAt       int64  `json:"createdAt"`
	UpdatedAt       int64  `json:"updatedAt"`
}

func preferenceOf(c billstore.Choice) preferenceResponse {
	response := preferenceResponse{
		BillID: c.BillID, Status: c.Status, CustomName: c.CustomName, IsIgnored: c.Ignored, UserModified: true, ExclusionReason: c.ExclusionReason,
		Reason: c.Reason, ExcludedAt: c.ExcludedAt, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if c.Category != "" {
		response.Category = c.Category.In(categories.BillScreens)
	}
	if c.PaidAt != 0 {
		response.PaidAt = &c.PaidAt
	}
	return response
}
