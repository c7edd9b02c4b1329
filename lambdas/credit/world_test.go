package credit

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed/sealedtest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// world is a stage with the accounts of "ada" and "eve", and a clock that tests move.
type world struct {
	t       *testing.T
	cards   sealedtest.Table[tables.CreditCard]
	debts   *sealed.Table[tables.Debt]
	scores  *store.Table[tables.CreditScores]
	records *idempotency.Records
	income  money.Amount
	at      time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, cards: sealedtest.New[tables.CreditCard](t, tables.CreditRecords, "ada", "eve"), at: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
	w.debts = sealedtest.Of[tables.Debt](w.cards)
	w.scores = store.New[tables.CreditScores](dynamotest.Client(t), w.cards.Name, tables.CreditRecords)
	w.records = routetest.Records(t)
	return w
}

func (w *world) now() time.Time { return w.at }

func (w *world) edit() *edit { return &edit{w.scores, w.cards.Table, w.debts, w.now} }

func (w *world) reader() *reader {
	return &reader{w.scores, w.cards.Table, w.debts, creditfigures.New(dynamotest.Client(w.t), w.cards.Name), w, w.now}
}

// AverageMonth is the income of every user.
func (w *world) AverageMonth(context.Context, string, time.Time) (transactionstore.Average, error) {
	return transactionstore.Average{Months: 3, Income: w.income}, nil
}

func caller(user string) function.Caller { return function.Caller{UserID: user} }

// saveCard saves a card of the user as the runtime does.
func (w *world) saveCard(user, body string) (cardResponse, error) {
	w.t.Helper()
	saved, err := routetest.Once(w.t, w.records, caller(user), w.edit().SaveCard, routetest.MustRead[saveCardRequest](w.t, body, nil))
	w.at = w.at.Add(time.Minute)
	return saved.Card, err
}

func (w *world) saveDebt(user, body string) (debtResponse, error) {
	w.t.Helper()
	saved, err := routetest.Once(w.t, w.records, caller(user), w.edit().SaveDebt, routetest.MustRead[saveDebtRequest](w.t, body, nil))
	w.at = w.at.Add(time.Minute)
	return saved.Debt, err
}

func (w *world) saveScores(user, body string) (savedScoresResponse, error) {
	w.t.Helper()
	return w.edit().SaveScores(w.t.Context(), caller(user), routetest.MustRead[saveScoresRequest](w.t, body, nil))
}

func (w *world) listCards(user string) cardsResponse {
	w.t.Helper()
	got, err := w.reader().Cards(w.t.Context(), caller(user), function.NoInput{})
	testkit.Must(w.t, err)
	return got
}

func (w *world) listDebts(user string) debtsResponse {
	w.t.Helper()
	got, err := w.reader().Debts(w.t.Context(), caller(user), function.NoInput{})
	testkit.Must(w.t, err)
	return got
}

func (w *world) listScores(user string) scoresResponse {
	w.t.Helper()
	got, err := w.reader().Scores(w.t.Context(), caller(user), function.NoInput{})
	testkit.Must(w.t, err)
	return got
}

func textOfJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	testkit.Must(t, err)
	return string(text)
}

// saving is the use case that saves this card, for package idempotency.
func (w *world) saving(user, body string) func(context.Context) (savedCardResponse, error) {
	in := routetest.MustRead[saveCardRequest](w.t, body, nil)
	return func(ctx context.Context) (savedCardResponse, error) { return w.edit().SaveCard(ctx, caller(user), in) }
}
