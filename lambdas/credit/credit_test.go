package credit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const fullCard = `{"cardName":"Blue card","lastFourDigits":"1234","currentBalance":250.5,"creditLimit":1000,"interestRate":19.9,"dueDate":31,"minimumPayment":25}`

const fullDebt = `{"debtName":"Car","debtType":"Car Loan","totalAmount":9000,"remainingAmount":6000,"interestRate":4.5,"monthlyPayment":300,"dueDate":1,
	"lenderName":"The Bank","startDate":"2024","endDate":"end of 2027"}`

func scoreAt(bureau, month string, score int) string {
	return fmt.Sprintf(`{"bureau":%q,"score":%d,"date":"%s-01T00:00:00.000Z","monthYear":%q}`, bureau, score, month, month)
}

func scoresOf(scores ...string) string { return `{"scores":[` + strings.Join(scores, ",") + `]}` }

func TestSaveCard_WithAnID_IsAFullReplacement(t *testing.T) {
	w := newWorld(t)
	made, err := w.saveCard("ada", fullCard)
	testkit.Must(t, err)
	if got := textOfJSON(t, made); !strings.Contains(got, `"utilizationPercentage":25.1,"interestRate":19.9,"dueDate":31,"minimumPayment":25,"createdAt":"2026-03-10T12:00:00.000Z"`) {
		t.Errorf("made %s", got)
	}
	changed, err := w.saveCard("ada", fmt.Sprintf(`{"cardId":%q,"cardName":"Red card","currentBalance":0,"creditLimit":500}`, made.CardID))
	testkit.Must(t, err)
	want := fmt.Sprintf(`{"cardId":%q,"userId":"ada","cardName":"Red card","currentBalance":0,"creditLimit":500,"utilizationPercentage":0,`+
		`"createdAt":"2026-03-10T12:00:00.000Z","updatedAt":"2026-03-10T12:01:00.000Z"}`, made.CardID)
	if got := textOfJSON(t, changed); got != want {
		t.Errorf("changed to %s", got)
	}
	if got := w.listCards("ada").Cards; len(got) != 1 || textOfJSON(t, got[0]) != want {
		t.Errorf("the list is %s", textOfJSON(t, got))
	}
}

func TestSaveDebt_WithAnID_IsAFullReplacement(t *testing.T) {
	w := newWorld(t)
	made, err := w.saveDebt("ada", fullDebt)
	testkit.Must(t, err)
	if made.PaymentProgress.String() != "33.3" || made.DueDate != 1 || made.LenderName != "The Bank" || made.EndDate != "end of 2027" {
		t.Errorf("made %s", textOfJSON(t, made))
	}
	changed, err := w.saveDebt("ada", fmt.Sprintf(`{"debtId":%q,"debtName":"House","debtType":"Mortgage","totalAmount":100,"remainingAmount":120,"interestRate":0,"monthlyPayment":1}`, made.DebtID))
	testkit.Must(t, err)
	want := fmt.Sprintf(`{"debtId":%q,"userId":"ada","debtName":"House","debtType":"Mortgage","totalAmount":100,"remainingAmount":120,"interestRate":0,"monthlyPayment":1,`+
		`"paymentProgress":0,"createdAt":"2026-03-10T12:00:00.000Z","updatedAt":"2026-03-10T12:01:00.000Z"}`, made.DebtID)
	if got := textOfJSON(t, changed); got != want || textOfJSON(t, w.listDebts("ada").Debts[0]) != want {
		t.Errorf("changed to %s", got)
	}
}

// The same replacement must be done again after another: the last of three counts.
func TestSaveCard_SameReplacementAfterAnother_IsDoneAgain(t *testing.T) {
	w := newWorld(t)
	made, err := w.saveCard("ada", fullCard)
	testkit.Must(t, err)
	for _, balance := range []int{100, 200, 100} {
		body := fmt.Sprintf(`{"cardId":%q,"cardName":"Blue card","currentBalance":%d,"creditLimit":1000}`, made.CardID, balance)
		request := idempotency.Request{User: "ada", Route: "POST /credit/card", Body: []byte(body)}
		_, err := idempotency.Do(t.Context(), w.records, request, w.saving("ada", body))
		testkit.Must(t, err)
		if got := w.listCards("ada").Cards[0].CurrentBalance; !got.Equal(money.FromMinor(int64(balance), 0)) {
			t.Errorf("after %d the balance is %s", balance, got)
		}
	}
}

func TestSaveCard_RepeatedCreation_MakesOneCard(t *testing.T) {
	w := newWorld(t)
	request := idempotency.Request{User: "ada", Route: "POST /credit/card", Body: []byte(fullCard)}
	for range 2 {
		_, err := idempotency.Do(t.Context(), w.records, request, w.saving("ada", fullCard))
		testkit.Must(t, err)
	}
	if got := w.listCards("ada").Cards; len(got) != 1 {
		t.Errorf("there are %d cards", len(got))
	}
}

func TestSave_ItemOfAnotherUser_IsNotFound(t *testing.T) {
	w := newWorld(t)
	card, err := w.saveCard("ada", fullCard)
	testkit.Must(t, err)
	debt, err := w.saveDebt("ada", fullDebt)
	testkit.Must(t, err)
	for _, id := range []string{card.CardID, debt.DebtID, "none"} {
		_, err := w.saveCard("eve", fmt.Sprintf(`{"cardId":%q,"cardName":"Mine","currentBalance":1,"creditLimit":1}`, id))
		if !errors.Is(err, errNoCard) {
			t.Errorf("the card %s: got %v", id, err)
		}
		_, err = w.saveDebt("eve", strings.Replace(fullDebt, "{", fmt.Sprintf(`{"debtId":%q,`, id), 1))
		if !errors.Is(err, errNoDebt) {
			t.Errorf("the debt %s: got %v", id, err)
		}
	}
	if _, err := w.saveCard("ada", fmt.Sprintf(`{"cardId":%q,"cardName":"x","currentBalance":1,"creditLimit":1}`, debt.DebtID)); !errors.Is(err, errNoCard) {
		t.Errorf("a debt as a card: got %v", err)
	}
	if got := w.listCards("eve"); len(got.Cards) != 0 {
		t.Errorf("eve has %+v", got)
	}
}

func TestSave_UserAtTheLimit_IsRefused(t *testing.T) {
	w := newWorld(t)
	var cards []tables.CreditCard
	var debts []tables.Debt
	for i := range creditfigures.MaxOfEach {
		cards = append(cards, tables.CreditCard{UserID: "ada", ID: fmt.Sprintf("card#%d", i)})
		debts = append(debts, tables.Debt{UserID: "ada", ID: fmt.Sprintf("debt#%d", i)})
	}
	testkit.Must(t, w.cards.PutAll(t.Context(), "ada", cards[1:]...))
	testkit.Must(t, w.debts.PutAll(t.Context(), "ada", debts...))
	_, err := w.saveCard("ada", fullCard)
	testkit.Must(t, err)
	if _, err := w.saveCard("ada", fullCard); !errors.Is(err, errManyCards) {
		t.Errorf("a card: got %v", err)
	}
	if _, err := w.saveDebt("ada", fullDebt); !errors.Is(err, errManyDebts) {
		t.Errorf("a debt: got %v", err)
	}
}

func TestSave_Texts_AreSealed(t *testing.T) {
	w := newWorld(t)
	_, err := w.saveCard("ada", fullCard)
	testkit.Must(t, err)
	_, err = w.saveDebt("ada", fullDebt)
	testkit.Must(t, err)
	stored := dynamotest.Text(t, w.cards.Name)
	for _, text := range []string{"Blue card", "1234", "The Bank", "end of 2027"} {
		if strings.Contains(stored, text) {
			t.Errorf("%q is stored in clear", text)
		}
	}
}

func TestList_Totals_AreOfAllItems(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{fullCard, `{"cardName":"Other","currentBalance":0.1,"creditLimit":500.2}`} {
		_, err := w.saveCard("ada", body)
		testkit.Must(t, err)
	}
	for _, body := range []string{fullDebt, strings.Replace(fullDebt, "6000", "0", 1)} {
		_, err := w.saveDebt("ada", body)
		testkit.Must(t, err)
	}
	cards, debts := w.listCards("ada"), w.listDebts("ada")
	if got := textOfJSON(t, cards.Summary); got != `{"totalBalance":250.6,"totalLimit":1500.2,"utilizationPercentage":16.7,"cardsCount":2}` || cards.Cards[0].CardName != "Other" {
		t.Errorf("the cards are %s", textOfJSON(t, cards))
	}
	if got := textOfJSON(t, debts.Summary); got != `{"totalAmount":18000,"remainingAmount":6000,"monthlyPayments":300,"paymentProgress":66.7,"debtsCount":2}` {
		t.Errorf("the debts are %s", got)
	}
}

func TestSaveScores_SeveralSaves_AddUp(t *testing.T) {
	w := newWorld(t)
	saved, err := w.saveScores("ada", scoresOf(scoreAt("Experian", "2026-02", 880), scoreAt("Experian", "2026-03", 900)))
	testkit.Must(t, err)
	if got := textOfJSON(t, saved); got != `{"scores":[{"bureau":"Experian","score":900,"date":"2026-03-01T00:00:00.000Z","monthYear":"2026-03","rating":"Good","change":20,"previousScore":880},`+
		`{"bureau":"Experian","score":880,"date":"2026-02-01T00:00:00.000Z","monthYear":"2026-02","rating":"Fair","change":null,"previousScore":null}]}` {
		t.Errorf("saved %s", got)
	}
	saved, err = w.saveScores("ada", scoresOf(scoreAt("Experian", "2026-02", 870), scoreAt("Equifax", "2026-01", 300)))
	testkit.Must(t, err)
	if len(saved.Scores) != 2 {
		t.Errorf("saved %s", textOfJSON(t, saved))
	}
	var bureaus []string
	for _, bureau := range w.listScores("ada").Bureaus {
		bureaus = append(bureaus, fmt.Sprint(bureau.Bureau, " ", len(bureau.Scores)))
		if (bureau.LatestScore == nil) != (len(bureau.Scores) == 0) {
			t.Errorf("the latest of %s is %+v", bureau.Bureau, bureau.LatestScore)
		}
	}
	if !slices.Equal(bureaus, []string{"TransUnion 0", "Experian 2", "Equifax 1"}) {
		t.Errorf("the bureaus are %v", bureaus)
	}
	latest, err := w.reader().LatestScore(t.Context(), caller("ada"), function.NoInput{})
	testkit.Must(t, err)
	if latest.CreditScore.Score != 900 || *latest.CreditScore.Change != 30 {
		t.Errorf("the latest is %s", textOfJSON(t, latest))
	}
}

func TestSaveScores_ImpossibleScores_AreRefused(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		score string
		want  *apierror.Error
	}{
		"above TransUnion":     {scoreAt("TransUnion", "2026-03", 711), errImpossible},
		"above Equifax":        {scoreAt("Equifax", "2026-03", 701), errImpossible},
		"a month of next year": {scoreAt("Equifax", "2027-03", 700), errFutureScores},
	} {
		if _, err := w.saveScores("ada", scoresOf(scoreAt("Experian", "2026-03", 1), c.score)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, score := range []string{scoreAt("Experian", "2026-03", 1000), scoreAt("Experian", "2026-03", -1), scoreAt("Other", "2026-03", 1), scoreAt("Experian", "2026-13", 1)} {
		if _, err := routetest.Read[saveScoresRequest](scoresOf(score), nil); err == nil {
			t.Errorf("%s is accepted", score)
		}
	}
	if got := w.listScores("ada").Bureaus; len(got) != 0 {
		t.Errorf("saved %+v", got)
	}
	w.at = time.Date(2026, 3, 31, 11, 0, 0, 0, time.UTC) // 1 April begins in the first time zone
	_, err := w.saveScores("ada", scoresOf(scoreAt("Equifax", "2026-04", 700)))
	testkit.Must(t, err)
}

// The app sends its local history again where it finds no bureau.
func TestScores_AfterErasure_HaveThreeEmptyBureaus(t *testing.T) {
	w := newWorld(t)
	if got := textOfJSON(t, w.listScores("ada")); got != `{"bureaus":[]}` {
		t.Errorf("before the first save: %s", got)
	}
	if got, err := w.reader().LatestScore(t.Context(), caller("ada"), function.NoInput{}); err != nil || textOfJSON(t, got) != `{"creditScore":{}}` {
		t.Errorf("the latest is %s, %v", textOfJSON(t, got), err)
	}
	testkit.Must(t, w.scores.Put(t.Context(), creditfigures.ErasedScores("ada")))
	if got := textOfJSON(t, w.listScores("ada")); got != `{"bureaus":[{"bureau":"TransUnion","scores":[]},{"bureau":"Experian","scores":[]},{"bureau":"Equifax","scores":[]}]}` {
		t.Errorf("after the erasure: %s", got)
	}
	_, err := w.saveScores("ada", scoresOf(scoreAt("Equifax", "2026-03", 700)))
	testkit.Must(t, err)
}

func TestHealth_EveryFigure_IsSummedUp(t *testing.T) {
	w := newWorld(t)
	if got, err := w.reader().Health(t.Context(), caller("ada"), function.NoInput{}); err != nil || !strings.HasPrefix(textOfJSON(t, got), `{"summary":{"healthScore":0,"healthStatus":"Unknown","creditScores":[],`) {
		t.Errorf("without anything: %s, %v", textOfJSON(t, got), err)
	}
	_, err := w.saveCard("ada", fullCard)
	testkit.Must(t, err)
	_, err = w.saveDebt("ada", fullDebt)
	testkit.Must(t, err)
	_, err = w.saveScores("ada", scoresOf(scoreAt("Equifax", "2026-03", 466)))
	testkit.Must(t, err)
	w.income = money.FromMinor(3000, 0)
	got, err := w.reader().Health(t.Context(), caller("ada"), function.NoInput{})
	testkit.Must(t, err)
	// (100*50 + 80*30 + 80*20) / 100: Excellent, 25.1 % of the limit, 325 of 3000 is 10.8 %.
	text := textOfJSON(t, got)
	for _, part := range []string{
		`"healthScore":90,"healthStatus":"Excellent"`, `"creditUtilization":{"percentage":25.1,"totalBalance":250.5,"totalLimit":1000,"cardsCount":1}`,
		`"debt":{"totalAmount":6000,"monthlyPayments":325,"debtsCount":1}`, `"recommendations":["Your dearest debt charges 19.9% a year on £250.50."]`,
	} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in %s", part, text)
		}
	}
}
