package ai

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/aiusage"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// categorizeRequest is a transaction that the app wants a category for.
type categorizeRequest struct {
	Description  string        `json:"description" validate:"required,max=500,plaintext"`
	Amount       *money.Amount `json:"amount" validate:"required"`
	MerchantName string        `json:"merchantName" validate:"max=200,plaintext"`
}

// categorizeResponse is a suggestion. Nothing is changed by it.
type categorizeResponse struct {
	Success bool `json:"success"`
	// Category is a canonical code.
	Category string `json:"category"`
	// Confidence is from 0, for no idea, to 1.
	Confidence float64 `json:"confidence"`
	Reasoning  string  `json:"reasoning"`
	TokensUsed int64   `json:"tokensUsed"`
}

// Categorize suggests a category for a transaction.
func (a *assistant) Categorize(ctx context.Context, caller function.Caller, in categorizeRequest) (categorizeResponse, error) {
	at := a.now()
	user, err := a.user(ctx, caller)
	if err != nil {
		return categorizeResponse{}, err
	}
	text := in.MerchantName
	if text == "" {
		text = in.Description
	}
	suggested, tokens, err := a.categories.suggest(ctx, user, at, []string{text})
	if err != nil {
		return categorizeResponse{}, aiusage.AsAPIError(err)
	}
	one := suggested[0]
	return categorizeResponse{true, string(one.category), confidences[one.source], reasons[one.source], tokens}, nil
}

var (
	confidences = map[source]float64{byRule: 0.95, byModel: 0.7, unsuggested: 0}
	reasons     = map[source]string{
		byRule: "The text names a well-known merchant or kind of payment.", byModel: "The merchant's name suggests it.",
		unsuggested: "The text does not say what was paid for.",
	}
)
