package config

import "slices"

// AI says whether and how the stage uses OpenAI's model.
type AI struct {
	// Enabled is the switch of all calls to the model. Without it the routes of the assistant answer 503, and
	// the app shows its own text.
	Enabled bool
	// Model is OpenAI's name of the model. Its price must be known (lambdas/internal/openai).
	Model string
	// Moderation has OpenAI's moderation endpoint look at each question, and at the names of merchants that are asked
	// about, first. The endpoint is free.
	// https://platform.openai.com/docs/guides/moderation
	Moderation bool
	// MonthlyBudget is what the model may cost the stage in a calendar month (UTC), in USD, and a tenth of it in a
	// day. Alarms go off at 50 % and 80 %; at 100 % the routes answer 503 until the period ends.
	MonthlyBudget int
}

// models are the models whose prices are known.
var models = []string{"gpt-4.1-mini", "gpt-4o-mini"}

// Models returns the models that a stage may use.
func Models() []string { return slices.Clone(models) }

// assistant returns the assistant of a stage with this budget for a month, in USD.
func assistant(budget int) AI {
	return AI{Enabled: true, Model: "gpt-4.1-mini", Moderation: true, MonthlyBudget: budget}
}

func (v *validation) ai(a AI) {
	v.check(slices.Contains(models, a.Model), "AI.Model", "%q has no known price: use one of %v", a.Model, models)
	v.check(a.MonthlyBudget >= 10, "AI.MonthlyBudget", "%d: give at least 10 USD, or set Enabled to false", a.MonthlyBudget)
}
