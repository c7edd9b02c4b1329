package openai

import "fmt"

// Price is what a model's tokens cost, in billionths of a USD a token, which are
// thousandths of a USD a million tokens.
type Price struct{ Input, Output int64 }

// prices are the standard prices, as third parties' pages gave them on 29 November 2026.
// Compare them with OpenAI's page before relying on them:
// https://platform.openai.com/docs/pricing. Cached input is cheaper, which is not counted.
var prices = map[string]Price{
	"gpt-4.1-mini": {Input: 400, Output: 1600},
	"gpt-4o-mini":  {Input: 150, Output: 600},
}

// PriceOf returns the price of a model, or an error for a model without a known one.
func PriceOf(model string) (Price, error) {
	price, known := prices[model]
	if !known {
		return Price{}, fmt.Errorf("openai: the price of the model %q is not known", model)
	}
	return price, nil
}

// Of returns what tokens cost, in billionths of a USD.
func (p Price) Of(input, output int64) int64 { return p.Input*input + p.Output*output }
