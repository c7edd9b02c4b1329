package credit

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Read reads what the caller entered, and what follows from it.
var Read = function.Define(function.Spec[*reader]{
	Name:    "credit-read",
	Purpose: "Reads the caller's credit scores, cards and debts, and sums them up.",
	New: func(resources *function.Resources) (*reader, error) {
		return &reader{
			scores:  store.Open[tables.CreditScores](resources, tables.CreditRecords),
			cards:   sealed.Open[tables.CreditCard](resources, tables.CreditRecords),
			debts:   sealed.Open[tables.Debt](resources, tables.CreditRecords),
			figures: creditfigures.Open(resources),
			months:  transactionstore.OpenFigures(resources),
			now:     time.Now,
		}, nil
	},
	Routes: []function.RouteOf[*reader]{
		function.SignedIn("GET /profile/credit-score", (*reader).Scores),
		function.SignedIn("GET /credit-score", (*reader).LatestScore),
		function.SignedIn("GET /credit/cards", (*reader).Cards),
		function.SignedIn("GET /credit/debts", (*reader).Debts),
		function.SignedIn("GET /credit/health", (*reader).Health),
	},
	Permissions: sealed.Permissions(tables.CreditRecords, tables.GetItem, tables.Query).
		And(creditfigures.Permissions).And(transactionstore.MonthsPermissions),
})

type reader struct {
	scores  *store.Table[tables.CreditScores]
	cards   *sealed.Table[tables.CreditCard]
	debts   *sealed.Table[tables.Debt]
	figures *creditfigures.Reader
	months  interface {
		AverageMonth(ctx context.Context, userID string, at time.Time) (transactionstore.Average, error)
	}
	now func() time.Time
}

// Scores returns the caller's scores. A caller who has never saved one gets no bureau: the
// app then sends what it kept on the device.
func (r *reader) Scores(ctx context.Context, caller function.Caller, _ function.NoInput) (scoresResponse, error) {
	item, err := r.scores.Get(ctx, store.Key{caller.UserID, tables.CreditScoresID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return scoresResponse{}, nil
	}
	if err != nil {
		return scoresResponse{}, err
	}
	return scoresResponse{bureausOf(creditfigures.Histories(item))}, nil
}

// LatestScore returns the newest of the caller's scores, or an empty object.
func (r *reader) LatestScore(ctx context.Context, caller function.Caller, in function.NoInput) (latestScoreResponse, error) {
	all, err := r.Scores(ctx, caller, in)
	if err != nil {
		return latestScoreResponse{}, err
	}
	var latest latestScoreResponse
	for _, bureau := range all.Bureaus {
		if newest := bureau.LatestScore; newest != nil && newest.MonthYear > latest.CreditScore.MonthYear {
			latest.CreditScore = latestScore(*newest)
		}
	}
	return latest, nil
}

// Cards returns the caller's cards, the newest first. It sees every write before it.
func (r *reader) Cards(ctx context.Context, caller function.Caller, _ function.NoInput) (cardsResponse, error) {
	page, err := r.cards.Query(ctx, newestFirst(caller.UserID, tables.CreditCardPrefix))
	if err != nil {
		return cardsResponse{}, err
	}
	return cardsOf(page.Items), nil
}

// Debts returns the caller's debts, the newest first. It sees every write before it.
func (r *reader) Debts(ctx context.Context, caller function.Caller, _ function.NoInput) (debtsResponse, error) {
	page, err := r.debts.Query(ctx, newestFirst(caller.UserID, tables.DebtPrefix))
	if err != nil {
		return debtsResponse{}, err
	}
	return debtsOf(page.Items), nil
}

// Health sums up the caller's credit and compares it with the income of an average month.
func (r *reader) Health(ctx context.Context, caller function.Caller, _ function.NoInput) (healthResponse, error) {
	figures, err := r.figures.Read(ctx, caller.UserID)
	if err != nil {
		return healthResponse{}, err
	}
	average, err := r.months.AverageMonth(ctx, caller.UserID, r.now())
	if err != nil {
		return healthResponse{}, err
	}
	return healthOf(figures, average.Income), nil
}

func newestFirst(userID, prefix string) store.Query {
	ofKind := expression.Key(tables.CreditRecords.SortKey.Name).BeginsWith(prefix)
	return store.Query{Partition: userID, Sort: ofKind, Descending: true, Limit: creditfigures.MaxRead}
}
