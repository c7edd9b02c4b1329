package openai

import (
	"context"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
)

// moderationModel is the model of the moderation endpoint, which is free.
// https://platform.openai.com/docs/guides/moderation
const moderationModel = "omni-moderation-latest"

// Flagged reports whether OpenAI's moderation flags a text. It returns the errors of
// package external.
func (c *Client) Flagged(ctx context.Context, text string) (bool, error) {
	var result *openai.ModerationNewResponse
	err := c.key.Use(ctx, external.IsUnauthorized, func(key string) (err error) {
		result, err = c.moderation.New(external.AllowRetry(ctx), openai.ModerationNewParams{
			Model: moderationModel, Input: openai.ModerationNewParamsInputUnion{OfString: openai.String(text)},
		}, option.WithAPIKey(key))
		return c.refusal(err)
	})
	if err != nil {
		return false, err
	}
	if len(result.Results) != 1 {
		return false, errNoVerdict
	}
	return result.Results[0].Flagged, nil
}
