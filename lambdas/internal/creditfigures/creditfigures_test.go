package creditfigures_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed/sealedtest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

func TestRating_BoundsOfEachBureau_AreThoseOfTheApp(t *testing.T) {
	for _, c := range []struct {
		bureau creditfigures.Bureau
		score  int
		want   creditfigures.Rating
	}{
		{"TransUnion", 0, "Very Poor"}, {"TransUnion", 550, "Very Poor"}, {"TransUnion", 551, "Poor"}, {"TransUnion", 566, "Fair"}, {"TransUnion", 604, "Good"}, {"TransUnion", 628, "Excellent"},
		{"Experian", 560, "Very Poor"}, {"Experian", 720, "Poor"}, {"Experian", 880, "Fair"}, {"Experian", 960, "Good"}, {"Experian", 999, "Excellent"},
		{"Equifax", 279, "Very Poor"}, {"Equifax", 280, "Poor"}, {"Equifax", 380, "Fair"}, {"Equifax", 420, "Good"}, {"Equifax", 700, "Excellent"},
	} {
		if got := c.bureau.Rating(c.score); got != c.want {
			t.Errorf("%s %d is %s", c.bureau, c.score, got)
		}
	}
	for bureau, highest := range map[creditfigures.Bureau]int{"TransUnion": 710, "Experian": 999, "Equifax": 700, "Other": 0} {
		if bureau.Max() != highest {
			t.Errorf("%s ends at %d", bureau, bureau.Max())
		}
	}
}

func TestSaveScores_SameMonth_IsReplaced(t *testing.T) {
	item := creditfigures.NewScores("ada")
	testkit.Must(t, creditfigures.SaveScores(item, []creditfigures.Score{{"Experian", "2026-01", 700}, {"Experian", "2026-03", 720}, {"Equifax", "2026-01", 400}}))
	testkit.Must(t, creditfigures.SaveScores(item, []creditfigures.Score{{"Experian", "2026-03", 730}, {"Experian", "2026-02", 710}}))
	var got []string
	for _, history := range creditfigures.Histories(item) {
		got = append(got, fmt.Sprint(history))
	}
	want := []string{"{TransUnion []}", "{Experian [{Experian 2026-03 730} {Experian 2026-02 710} {Experian 2026-01 700}]}", "{Equifax [{Equifax 2026-01 400}]}"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestSaveScores_TooManyMonths_IsRefused(t *testing.T) {
	item := creditfigures.NewScores("ada")
	for i := range creditfigures.MaxMonths {
		testkit.Must(t, creditfigures.SaveScores(item, []creditfigures.Score{{"Experian", fmt.Sprintf("%d-%02d", 2000+i/12, 1+i%12), 700}}))
	}
	if err := creditfigures.SaveScores(item, []creditfigures.Score{{"Experian", "2026-01", 700}}); !errors.Is(err, creditfigures.ErrTooManyMonths) {
		t.Errorf("got %v", err)
	}
}

func TestRead_ItemsOfAllKinds_AreReadWithoutNames(t *testing.T) {
	cards := sealedtest.New[tables.CreditCard](t, tables.CreditRecords, "ada")
	rate := testkit.Pounds(t, "19.9")
	testkit.Must(t, cards.Put(t.Context(), "ada", tables.CreditCard{UserID: "ada", ID: "card#1", Name: "Secret", CurrentBalance: testkit.Pounds(t, "120.5"), CreditLimit: testkit.Pounds(t, "1000"), InterestRate: &rate}))
	scores := store.New[tables.CreditScores](dynamotest.Client(t), cards.Name, tables.CreditRecords)
	item := creditfigures.NewScores("ada")
	testkit.Must(t, creditfigures.SaveScores(item, []creditfigures.Score{{"Equifax", "2026-01", 400}}))
	testkit.Must(t, scores.Put(t.Context(), *item))
	debts := store.New[store.SealedItem](dynamotest.Client(t), cards.Name, tables.CreditRecords)
	_, err := debts.Upsert(t.Context(), store.Key{"ada", "debt#1"}, debtOf(t, "Mortgage", "200000", "150000.25", "900"))
	testkit.Must(t, err)

	reader := creditfigures.New(dynamotest.Client(t), cards.Name)
	got, err := reader.Read(t.Context(), "ada")
	testkit.Must(t, err)
	if len(got.Histories) != 3 || len(got.Cards) != 1 || len(got.Debts) != 1 || strings.Contains(fmt.Sprintf("%+v", got), "Secret") {
		t.Fatalf("got %+v", got)
	}
	if card := got.Cards[0]; card.Balance.String() != "120.5" || card.Utilisation().String() != "12.1" || card.InterestRate.String() != "19.9" {
		t.Errorf("the card is %+v", card)
	}
	if debt := got.Debts[0]; debt.Type != "Mortgage" || debt.Total.String() != "200000" || debt.Remaining.String() != "150000.25" || debt.MonthlyPayment.String() != "900" {
		t.Errorf("the debt is %+v", debt)
	}
	if empty, err := reader.Read(t.Context(), "eve"); err != nil || empty.Histories != nil || len(empty.Cards)+len(empty.Debts) != 0 {
		t.Errorf("eve has %+v, %v", empty, err)
	}
}
