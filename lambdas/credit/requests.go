package credit

import (
	"crypto/rand"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// maxClockAhead is how far the calendar of a device may be ahead of London's: the first
// time zone is 14 hours ahead of UTC.
const maxClockAhead = 14 * time.Hour

// scoreRequest is a score. The app also sends what follows from the scores, which is not
// read. The date is the first of the month.
type scoreRequest struct {
	Bureau    string `json:"bureau" validate:"oneof=TransUnion Experian Equifax"`
	Score     *int   `json:"score" validate:"required,min=0,max=999"`
	Date      string `json:"date" validate:"required,instant"`
	MonthYear string `json:"monthYear" validate:"required,month"`
}

// saveScoresRequest has all scores that the app knows.
type saveScoresRequest struct {
	Scores []scoreRequest `json:"scores" validate:"required,max=720,dive"`
}

// scores returns the scores, none of a month after the last one.
func (r saveScoresRequest) scores(last string) ([]creditfigures.Score, error) {
	scores := make([]creditfigures.Score, len(r.Scores))
	for i, one := range r.Scores {
		bureau := creditfigures.Bureau(one.Bureau)
		if *one.Score > bureau.Max() {
			return nil, errImpossible
		}
		if one.MonthYear > last {
			return nil, errFutureScores
		}
		scores[i] = creditfigures.Score{Bureau: bureau, Month: one.MonthYear, Value: *one.Score}
	}
	return scores, nil
}

// saveCardRequest is a card, with its id when it is to be replaced.
type saveCardRequest struct {
	CardID         *string       `json:"cardId" validate:"omitempty,min=1,max=64,plaintext"`
	CardName       string        `json:"cardName" validate:"required,max=100,plaintext"`
	LastFourDigits *string       `json:"lastFourDigits" validate:"omitempty,max=4,plaintext"`
	CurrentBalance *money.Amount `json:"currentBalance" validate:"required,gte=0,lte=1000000000"`
	CreditLimit    money.Amount  `json:"creditLimit" validate:"gt=0,lte=1000000000"`
	InterestRate   *money.Amount `json:"interestRate" validate:"omitempty,gte=0,lte=10000"`
	DueDate        *int          `json:"dueDate" validate:"omitempty,min=1,max=31"`
	MinimumPayment *money.Amount `json:"minimumPayment" validate:"omitempty,gte=0,lte=1000000000"`
}

func (r saveCardRequest) card(userID, id string, createdAt int64, now time.Time) tables.CreditCard {
	return tables.CreditCard{
		UserID: userID, ID: id, Name: tables.EncryptedString(r.CardName), LastFourDigits: textOf(r.LastFourDigits),
		CurrentBalance: *r.CurrentBalance, CreditLimit: r.CreditLimit, InterestRate: r.InterestRate,
		DueDate: dayOf(r.DueDate), MinimumPayment: r.MinimumPayment,
		CreatedAt: createdAt, UpdatedAt: now.UnixMilli(),
	}
}

// saveDebtRequest is a debt, with its id when it is to be replaced. Its dates are texts of
// a form.
type saveDebtRequest struct {
	DebtID          *string       `json:"debtId" validate:"omitempty,min=1,max=64,plaintext"`
	DebtName        string        `json:"debtName" validate:"required,max=100,plaintext"`
	DebtType        string        `json:"debtType" validate:"oneof='Personal Loan' 'Student Loan' Mortgage 'Car Loan' Other"`
	TotalAmount     money.Amount  `json:"totalAmount" validate:"gt=0,lte=1000000000"`
	RemainingAmount *money.Amount `json:"remainingAmount" validate:"required,gte=0,lte=1000000000"`
	InterestRate    *money.Amount `json:"interestRate" validate:"required,gte=0,lte=10000"`
	MonthlyPayment  money.Amount  `json:"monthlyPayment" validate:"gt=0,lte=1000000000"`
	DueDate         *int          `json:"dueDate" validate:"omitempty,min=1,max=31"`
	LenderName      *string       `json:"lenderName" validate:"omitempty,max=100,plaintext"`
	StartDate       *string       `json:"startDate" validate:"omitempty,max=40,plaintext"`
	EndDate         *string       `json:"endDate" validate:"omitempty,max=40,plaintext"`
}

func (r saveDebtRequest) debt(userID, id string, createdAt int64, now time.Time) tables.Debt {
	return tables.Debt{
		UserID: userID, ID: id, Name: tables.EncryptedString(r.DebtName), LenderName: textOf(r.LenderName),
		StartDate: textOf(r.StartDate), EndDate: textOf(r.EndDate), Type: r.DebtType,
		TotalAmount: r.TotalAmount, RemainingAmount: *r.RemainingAmount, InterestRate: *r.InterestRate, MonthlyPayment: r.MonthlyPayment,
		DueDate: dayOf(r.DueDate), CreatedAt: createdAt, UpdatedAt: now.UnixMilli(),
	}
}

func newID(prefix string, now time.Time) string {
	return prefix + store.TimeOrderedID(now, rand.Text())
}

func textOf(text *string) tables.EncryptedString {
	if text == nil {
		return ""
	}
	return tables.EncryptedString(*text)
}

func dayOf(day *int) int {
	if day == nil {
		return 0
	}
	return *day
}
