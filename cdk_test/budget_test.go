package cdk_test

import (
	"fmt"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/function"
)

func TestStageBudgets_FourFifthsUsed_RaiseAlarm(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, name := range []string{"registrations", "emails", "ai"} {
			alarm := s.named(t, "AWS::CloudWatch::Alarm", "AlarmName", s.config.PhysicalName("budget-"+name)+"-critical").Properties
			got := text([]any{alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"], alarm["Statistic"], alarm["Threshold"], alarm["EvaluationPeriods"], alarm["ComparisonOperator"]})
			want := `["Expenzez","budgetUsed",[{"Name":"budget","Value":"` + name + `"},{"Name":"service","Value":"backend"}],"Maximum",80,1,"GreaterThanThreshold"]`
			if got != want {
				t.Errorf("the alarm of %s is on %s", name, got)
			}
		}
	})
}

func TestModelBudget_HalfUsed_RaisesWarning(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		alarm := s.named(t, "AWS::CloudWatch::Alarm", "AlarmName", s.config.PhysicalName("budget-ai")+"-warning").Properties
		if got := text([]any{alarm["MetricName"], alarm["Threshold"], alarm["ComparisonOperator"]}); got != `["budgetUsed",50,"GreaterThanThreshold"]` {
			t.Errorf("the alarm is on %s", got)
		}
	})
}

func TestBudgets_Functions_HaveNumbersOfStage(t *testing.T) {
	numbers := func(c config.Budgets) map[string]config.Budget {
		return map[string]config.Budget{"registrations": c.Registrations, "emails": c.Emails, "disclosures": c.Disclosures}
	}
	eachFunction(t, func(t *testing.T, s stage, f *function.Function, built resource) {
		environment, _ := built.Properties["Environment"].(map[string]any)
		variables, _ := environment["Variables"].(map[string]any)
		for _, route := range f.Routes {
			for _, budget := range route.Budgets {
				b := numbers(s.config.Budgets)[budget.Name]
				if got, want := variables[budget.Setting().Variable()], fmt.Sprint(b.PerIP, b.PerStage); got != want {
					t.Errorf("%s: the budget of %s is %v, not %s", f.Name, budget.Name, got, want)
				}
			}
		}
	})
}
