package facts

import "github.com/expenzez/infrastructure/lambdas/internal/creditfigures"

// ofCredit returns the facts of a user's credit: the latest score of each bureau, and
// what cards and debts add up to.
func ofCredit(figures creditfigures.Figures, health creditfigures.Health) (told []Fact) {
	for _, history := range figures.Histories {
		if len(history.Scores) > 0 {
			about := Subject{Bureau: history.Bureau}
			told = append(told, Number(about, Score, "", history.Scores[0].Value), Number(about, ScoreOf, "", history.Bureau.Max()))
		}
	}
	if health.Status != creditfigures.Unknown {
		told = append(told, Number(Total, Health, "", health.Score))
	}
	if len(figures.Cards) > 0 {
		told = append(told, Amount(Total, Balance, "", health.Balance), Amount(Total, Credit, "", health.Limit),
			Percentage(Total, Borrowing, "", health.Utilisation.Decimal()))
	}
	if len(figures.Debts) > 0 {
		told = append(told, Amount(Total, Debt, "", health.Owed))
	}
	if health.PaymentShare.Sign() > 0 {
		told = append(told, Percentage(Total, Repaying, "", health.PaymentShare.Decimal()))
	}
	return told
}

// IsCredit reports whether a fact is about the user's credit.
func (f Fact) IsCredit() bool {
	switch f.Measure {
	case Score, ScoreOf, Health, Balance, Credit, Borrowing, Debt, Repaying:
		return true
	default:
		return false
	}
}
