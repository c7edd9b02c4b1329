package creditfigures

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/money"
)

// Health sums up a user's credit. Amounts are sums; percentages have one decimal.
type Health struct {
	// Score is 0 to 100. It is 0, and Status is Unknown, when no part of it is known.
	Score  int
	Status Rating
	// Utilisation is Balance in percent of Limit, 0 without cards.
	Utilisation    money.Amount
	Balance, Limit money.Amount
	// Owed is what remains of all debts, and Payments what debts and cards
	// that are not paid back take a month.
	Owed, Payments money.Amount
	// PaymentShare is Payments in percent of the monthly income, 0 without an income.
	PaymentShare money.Amount
	// Advice says what could be better, the most important first, with its figures.
	Advice []string
}

// Unknown is the status of a user about whose credit nothing is known.
const Unknown Rating = "Unknown"

// The weights of the parts (package comment).
const (
	scoresWeight      = 50
	utilisationWeight = 30
	paymentsWeight    = 20
)

// The percentages up to which a grade from Excellent down to Poor reaches.
var (
	utilisationLimits = []int64{10, 30, 50, 75}
	paymentLimits     = []int64{10, 20, 36, 50}
)

// goodUtilisation and goodPayments are what Advice compares with.
const (
	goodUtilisation = 30
	goodPayments    = 36
)

// Health returns the health of the figures. income is that of an average month, zero when
// it is not known.
func (f Figures) Health(income money.Amount) Health {
	var h Health
	for _, card := range f.Cards {
		h.Balance, h.Limit = h.Balance.Add(card.Balance), h.Limit.Add(card.Limit)
		if card.Balance.Sign() > 0 {
			h.Payments = h.Payments.Add(card.MinimumPayment)
		}
	}
	for _, debt := range f.Debts {
		h.Owed = h.Owed.Add(debt.Remaining)
		if debt.Remaining.Sign() > 0 {
			h.Payments = h.Payments.Add(debt.MonthlyPayment)
		}
	}
	h.Utilisation, h.PaymentShare = money.Percentage(h.Balance, h.Limit), money.Percentage(h.Payments, income)
	h.Score, h.Status = f.score(h, income)
	h.Advice = f.advice(h, income)
	return h
}

func (f Figures) score(h Health, income money.Amount) (int, Rating) {
	points, weights := decimal.Zero, int64(0)
	add := func(weight int64, grades ...int) {
		sum := 0
		for _, grade := range grades {
			sum += 20 * grade
		}
		mean := decimal.NewFromInt(int64(sum)).Div(decimal.NewFromInt(int64(len(grades))))
		points, weights = points.Add(mean.Mul(decimal.NewFromInt(weight))), weights+weight
	}
	if grades := f.grades(); len(grades) > 0 {
		add(scoresWeight, grades...)
	}
	if h.Limit.Sign() > 0 {
		add(utilisationWeight, gradeOf(h.Utilisation, utilisationLimits))
	}
	if income.Sign() > 0 && len(f.Cards)+len(f.Debts) > 0 {
		add(paymentsWeight, gradeOf(h.PaymentShare, paymentLimits))
	}
	if weights == 0 {
		return 0, Unknown
	}
	score := int(points.Div(decimal.NewFromInt(weights)).Round(0).IntPart())
	return score, statusOf(score)
}

// grades returns the grade of each bureau's newest score.
func (f Figures) grades() (grades []int) {
	for _, history := range f.Histories {
		if len(history.Scores) > 0 {
			grades = append(grades, history.Bureau.grade(history.Scores[0].Value))
		}
	}
	return grades
}

// gradeOf returns 5 for a percentage up to the first limit, and one less beyond each.
func gradeOf(percentage money.Amount, limits []int64) int {
	beyond := slices.IndexFunc(limits, func(limit int64) bool { return percentage.Cmp(money.FromMinor(limit, 0)) <= 0 })
	if beyond < 0 {
		beyond = len(limits)
	}
	return len(ratings) - beyond
}

func statusOf(score int) Rating {
	switch {
	case score >= 90:
		return Excellent
	case score >= 70:
		return Good
	case score >= 50:
		return Fair
	case score >= 30:
		return Poor
	}
	return VeryPoor
}

// advice states facts and compares them with usual bounds. It recommends no product.
func (f Figures) advice(h Health, income money.Amount) (advice []string) {
	if h.Utilisation.Cmp(money.FromMinor(goodUtilisation, 0)) > 0 {
		advice = append(advice, fmt.Sprintf("Your cards use %s%% of their limits. Bureaus see up to %d%% as good.", h.Utilisation, goodUtilisation))
	}
	if h.PaymentShare.Cmp(money.FromMinor(goodPayments, 0)) > 0 {
		advice = append(advice, fmt.Sprintf("Payments of %s a month take %s%% of your income of %s.", h.Payments.Pounds(), h.PaymentShare, income.Pounds()))
	}
	if rate, owed := f.dearest(); owed.Sign() > 0 {
		advice = append(advice, fmt.Sprintf("Your dearest debt charges %s%% a year on %s.", rate, owed.Pounds()))
	}
	for _, history := range f.Histories {
		if scores := history.Scores; len(scores) > 1 && scores[0].Value < scores[1].Value {
			advice = append(advice, fmt.Sprintf("Your %s score fell by %d since %s.", history.Bureau, scores[1].Value-scores[0].Value, scores[1].Month))
		}
	}
	if len(f.grades()) == 0 {
		advice = append(advice, "Enter a score of a bureau to see how it develops.")
	}
	return advice
}

// dearest returns the highest interest rate that is charged, and on what. It returns
// zeros when no interest is charged.
func (f Figures) dearest() (rate, owed money.Amount) {
	note := func(r, amount money.Amount) {
		if amount.Sign() > 0 && r.Cmp(rate) > 0 {
			rate, owed = r, amount
		}
	}
	for _, card := range f.Cards {
		note(orZero(card.InterestRate), card.Balance)
	}
	for _, debt := range f.Debts {
		note(debt.InterestRate, debt.Remaining)
	}
	return rate, owed
}
