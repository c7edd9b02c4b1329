package ai

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/openai"
)

// chart asks for a comment as a user with the premium plan.
func (w *world) chart(body string) (chartResponse, error) {
	w.t.Helper()
	w.plan = tables.Premium
	return w.assistant().ChartInsight(w.t.Context(), ada, routetest.MustRead[chartRequest](w.t, body, nil))
}

func TestChartInsight_EachChart_HasTrueWordsAndAPriority(t *testing.T) {
	for body, want := range map[string]chartResponse{
		`{"chartType":"spending","data":{"currentSpending":77777}}`:   {Insight: "You spent £900 this month.", Priority: "high"},
		`{"chartType":"category","data":{"topCategory":"Bills"}}`:     {Insight: "You spent £379.50 on bills this month.", Priority: "medium"},
		`{"chartType":"budget","data":{"category":"Groceries"}}`:      {Insight: "You spent £320.50 on groceries this month.", Priority: "medium"},
		`{"chartType":"balance","data":{}}`:                           {Insight: "Your income this month is £2,400.", Priority: "low"},
		`{"chartType":"forecast","data":{"any":{"deep":[1,2,null]}}}`: {Insight: "Your income this month is £2,400.", Priority: "low"},
	} {
		w := newWorld(t)
		w.openAI.Answer(openai.Reply{Text: want.Insight + " You will spend £77,777."})
		got, err := w.chart(body)
		if err != nil || got.Insight != want.Insight || got.Priority != want.Priority || got.Actionable == "" || !got.Success {
			t.Errorf("%s: got %+v, %v", body, got, err)
		}
	}
}

// The screen of budgets has a budget for all spending, which is no category.
func TestChartInsight_MonthlyBudget_IsAboutAllSpending(t *testing.T) {
	w := newWorld(t)
	w.openAI.Answer(openai.Reply{Text: "You spent £900 this month. Your card balance is £600."})
	if got, err := w.chart(`{"chartType":"budget","data":{"category":"Monthly"}}`); err != nil || got.Insight != "You spent £900 this month." {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A figure of another chart is no fact of this one.
func TestChartInsight_FigureOfAnotherCategory_IsLeftOut(t *testing.T) {
	w := newWorld(t)
	w.openAI.Answer(openai.Reply{Text: "You spent £120 on transport this month."})
	if got, err := w.chart(`{"chartType":"budget","data":{"category":"Groceries"}}`); err != nil || got.Insight == "You spent £120 on transport this month." {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestChartInsight_ModelFails_Is503(t *testing.T) {
	w := newWorld(t)
	w.openAI.Set(fakes.Garbage)
	_, err := w.chart(`{"chartType":"spending","data":{}}`)
	isRefused(t, err, http.StatusServiceUnavailable, "")
}

func TestChartInsight_DaysLimit_SaysDaily(t *testing.T) {
	w := newWorld(t)
	for i := range 40 {
		if i == 20 { // the hour's limit
			w.at = w.at.Add(time.Hour)
		}
		_, err := w.chart(`{"chartType":"spending","data":{}}`)
		must(t, err)
	}
	_, err := w.chart(`{"chartType":"spending","data":{}}`)
	isRefused(t, err, http.StatusTooManyRequests, "daily")
}

// The app hides the buttons from users of the free plan. Neither figures nor model are asked.
func TestChartInsight_FreePlan_IsRefused(t *testing.T) {
	w := newWorld(t)
	free := w.assistant()
	free.facts, free.writer = nil, nil
	_, err := free.ChartInsight(t.Context(), ada, routetest.MustRead[chartRequest](t, `{"chartType":"spending","data":{}}`, nil))
	var refused *apierror.Error
	if !errors.As(err, &refused) || refused.Status != http.StatusUnprocessableEntity || refused.Code != "PREMIUM_REQUIRED" {
		t.Errorf("got %v", err)
	}
}

func TestChartRequest_OtherCharts_AreRefused(t *testing.T) {
	for _, body := range []string{`{"chartType":"pie","data":{}}`, `{"chartType":"spending"}`, `{"chartType":"spending","data":null}`, `{"chartType":"spending","data":[]}`} {
		if _, err := routetest.Read[chartRequest](body, nil); err == nil {
			t.Errorf("%s is accepted", body)
		}
	}
}
