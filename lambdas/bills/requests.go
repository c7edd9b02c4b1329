package bills

import (
	"cmp"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// billRequest names a bill in the path, by any of its ids.
type billRequest struct {
	BillID string `path:"billId" json:"-" validate:"required,max=200,plaintext"`
}

// includeRequest names a merchant as the app shows it.
type includeRequest struct {
	MerchantPattern string `path:"merchantPattern" json:"-" validate:"required,max=200,plaintext"`
}

// foundRequest is all bills that a device found.
type foundRequest struct {
	Bills []foundBillRequest `json:"bills" validate:"required,max=200,dive"`
}

// foundBillRequest is a bill that a device found. Amounts may be negative: devices use the
// sign of the transactions. Confidence is a decimal from 0 to 1.
type foundBillRequest struct {
	ID              string                    `json:"id" validate:"required,max=200,plaintext"`
	Name            string                    `json:"name" validate:"required,max=200,plaintext"`
	Merchant        string                    `json:"merchant" validate:"required,max=200,plaintext"`
	Amount          *money.Amount             `json:"amount" validate:"required,gte=-1000000000,lte=1000000000"`
	AverageAmount   *money.Amount             `json:"averageAmount" validate:"omitempty,gte=-1000000000,lte=1000000000"`
	Frequency       string                    `json:"frequency" validate:"required,oneof=weekly monthly quarterly yearly"`
	Category        string                    `json:"category" validate:"required,max=50,plaintext"`
	NextDueDate     string                    `json:"nextDueDate" validate:"required,max=64"`
	LastPaymentDate string                    `json:"lastPaymentDate" validate:"omitempty,max=64"`
	AccountID       string                    `json:"accountId" validate:"omitempty,max=100,plaintext"`
	BankName        string                    `json:"bankName" validate:"omitempty,max=100,plaintext"`
	Confidence      *money.Amount             `json:"confidence" validate:"omitempty,gte=0,lte=1"`
	Transactions    []foundTransactionRequest `json:"transactions" validate:"omitempty,max=1000,dive"`
	Status          string                    `json:"status" validate:"required,oneof=active cancelled irregular"`
	DayOfMonth      *int                      `json:"dayOfMonth"`
	DayOfWeek       *int                      `json:"dayOfWeek"`
	UserModified    bool                      `json:"userModified"`
}

type foundTransactionRequest struct {
	ID          string        `json:"id" validate:"required,max=128"`
	Amount      *money.Amount `json:"amount" validate:"required,gte=-1000000000,lte=1000000000"`
	Date        string        `json:"date" validate:"required,max=64"`
	Description string        `json:"description" validate:"omitempty,max=500,plaintext"`
	Merchant    string        `json:"merchant" validate:"omitempty,max=200,plaintext"`
	Category    string        `json:"category" validate:"omitempty,max=50,plaintext"`
	AccountID   string        `json:"accountId" validate:"omitempty,max=100,plaintext"`
	BankName    string        `json:"bankName" validate:"omitempty,max=100,plaintext"`
	Type        string        `json:"type" validate:"omitempty,oneof=debit credit"`
}

// maxKept is how many transactions of a device's bill are kept, the last ones.
const maxKept = 12

// found returns the bill for the store. A due day that cannot be read is today: due days
// follow from the frequency.
func (f foundBillRequest) found(today dates.Day) billstore.Found {
	bill := tables.DeviceBill{
		Frequency: f.Frequency, Status: f.Status, Due: string(dayOf(f.NextDueDate, today)), Last: string(dayOf(f.LastPaymentDate, "")),
		Amount: f.Amount.Abs(), Average: f.Amount.Abs(), Category: string(categories.Parse(f.Category)), Confidence: 50, Modified: f.UserModified,
	}
	if f.AverageAmount != nil {
		bill.Average = f.AverageAmount.Abs()
	}
	if f.Confidence != nil {
		bill.Confidence = int(f.Confidence.Decimal().Shift(2).IntPart())
	}
	found := billstore.Found{ID: f.ID, Name: f.Name, Merchant: f.Merchant, AccountID: f.AccountID, BankName: f.BankName}
	for _, t := range f.Transactions {
		if day := dayOf(t.Date, ""); day != "" {
			bill.Payments = append(bill.Payments, tables.BillPayment{ID: t.ID, Day: string(day), Amount: t.Amount.Abs()})
			found.Descriptions = append(found.Descriptions, t.Description)
		}
	}
	sortPayments(bill.Payments, found.Descriptions)
	cut := max(0, len(bill.Payments)-maxKept)
	bill.Payments, found.Descriptions = bill.Payments[cut:], found.Descriptions[min(cut, len(found.Descriptions)):]
	if bill.Last == "" && len(bill.Payments) > 0 {
		bill.Last = bill.Payments[len(bill.Payments)-1].Day
	}
	found.Bill = bill
	return found
}

// dayOf returns the user's calendar day of a date as devices write it, or another day
// where it cannot be read.
func dayOf(text string, other dates.Day) dates.Day {
	if at, err := dates.ParseInstant(text); err == nil {
		return calendar.DayOf(at)
	}
	if day := text[:min(len(text), len("2006-01-02"))]; dates.IsDay(day) {
		return dates.Day(day)
	}
	return other
}

// commandRequest is a command: create excludes a bill, paid marks it as paid, category,
// status and name set what they say, and a request without an action turns reminders on or
// off.
type commandRequest struct {
	Action          string  `json:"action" validate:"omitempty,oneof=create paid category status name"`
	BillID          string  `json:"billId" validate:"required,max=200,plaintext"`
	IsPaid          *bool   `json:"isPaid"`
	Enabled         *bool   `json:"enabled"`
	IsIgnored       *bool   `json:"isIgnored"`
	Category        *string `json:"category" validate:"omitempty,max=50,plaintext"`
	Status          *string `json:"status" validate:"omitempty,oneof=active inactive"`
	CustomName      *string `json:"customName" validate:"omitempty,max=200,plaintext"`
	ExclusionReason *string `json:"exclusionReason" validate:"omitempty,oneof=not_recurring no_longer_active incorrect_detection user_choice"`
}

func (c commandRequest) edit() (billstore.Edit, error) {
	switch {
	case c.Action == "create":
		excluded := true
		if c.IsIgnored != nil {
			excluded = *c.IsIgnored
		}
		return billstore.Edit{Ignored: &excluded, CustomName: c.CustomName, ExclusionReason: c.ExclusionReason}, nil
	case c.Action == "paid" && c.IsPaid != nil:
		return billstore.Edit{Paid: c.IsPaid}, nil
	case c.Action == "category" && c.Category != nil, c.Action == "status" && c.Status != nil:
		category, status := categoryOf(c.Category, c.Status)
		return billstore.Edit{Category: category, Status: status}, nil
	case c.Action == "name" && c.CustomName != nil:
		return billstore.Edit{CustomName: c.CustomName}, nil
	case c.Action == "" && c.Enabled != nil:
		muted := !*c.Enabled
		return billstore.Edit{Muted: &muted}, nil
	}
	return billstore.Edit{}, errNoCommand
}

// preferenceRequest is a whole preference. What the backend knows itself is ignored.
type preferenceRequest struct {
	UserID          string  `json:"userId" validate:"omitempty,max=128,plaintext"`
	BillID          string  `json:"billId" validate:"required,max=200,plaintext"`
	Category        *string `json:"category" validate:"omitempty,max=50,plaintext"`
	Status          *string `json:"status" validate:"omitempty,oneof=active inactive"`
	CustomName      *string `json:"customName" validate:"omitempty,max=200,plaintext"`
	IsIgnored       *bool   `json:"isIgnored" validate:"required"`
	UserModified    *bool   `json:"userModified"`
	CreatedAt       *int64  `json:"createdAt"`
	UpdatedAt       *int64  `json:"updatedAt"`
	PaidAt          *int64  `json:"paidAt"`
	ExclusionReason *string `json:"exclusionReason" validate:"omitempty,oneof=not_recurring no_longer_active incorrect_detection user_choice"`
	Reason          *string `json:"reason" validate:"omitempty,max=500,plaintext"`
	ExcludedAt      *int64  `json:"excludedAt"`
}

func (p preferenceRequest) edit() billstore.Edit {
	paid := p.PaidAt != nil && *p.PaidAt > 0
	category, status := categoryOf(p.Category, p.Status)
	return billstore.Edit{
		Category: category, Status: status, CustomName: p.CustomName, Ignored: p.IsIgnored, ExclusionReason: p.ExclusionReason, Reason: p.Reason, Paid: &paid,
	}
}

// updatePreferenceRequest has the category or the status to change.
type updatePreferenceRequest struct {
	billRequest
	Category *string `json:"category" validate:"omitempty,max=50,plaintext"`
	Status   *string `json:"status" validate:"omitempty,oneof=active inactive"`
}

func (u updatePreferenceRequest) edit() (billstore.Edit, error) {
	category, status := categoryOf(u.Category, u.Status)
	if category == nil && status == nil {
		return billstore.Edit{}, errNoCommand
	}
	return billstore.Edit{Category: category, Status: status}, nil
}

// categoryOf returns the code of a category, and the status. The app's list of categories
// has "Inactive", which is a status.
func categoryOf(category, status *string) (*categories.Code, *string) {
	if category == nil || *category == "" {
		return nil, status
	}
	if strings.EqualFold(*category, "inactive") {
		inactive := "inactive"
		return nil, &inactive
	}
	code := categories.Parse(*category)
	return &code, status
}

// sortPayments sorts payments by day, the oldest first, and their descriptions with them.
func sortPayments(payments []tables.BillPayment, descriptions []string) {
	order := make([]int, len(payments))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(payments[i].Day, payments[j].Day) })
	oldPayments, oldDescriptions := slices.Clone(payments), slices.Clone(descriptions)
	for to, from := range order {
		payments[to], descriptions[to] = oldPayments[from], oldDescriptions[from]
	}
}
