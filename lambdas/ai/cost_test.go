package ai

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/aiusage"
	"github.com/expenzez/infrastructure/lambdas/internal/facts"
	"github.com/expenzez/infrastructure/lambdas/internal/facts/factstest"
	"github.com/expenzez/infrastructure/lambdas/internal/openai"
	"github.com/expenzez/infrastructure/lambdas/internal/phrasing"
)

// bytesPerToken is how many bytes of English and JSON a token has at least.
// https://help.openai.com/en/articles/4936856-what-are-tokens-and-how-to-count-them
const bytesPerToken = 3

// outputTokens are the tokens of an answer of ordinary length: 120 words.
const outputTokens = 160

// activeUser is what a user who uses the assistant a lot does in a month.
var activeUser = []struct {
	count int
	what  string
	task  func(known facts.Facts) phrasing.Request
}{
	{30, "questions", func(known facts.Facts) phrasing.Request {
		return phrasing.Request{Kind: aiusage.Chat, Task: answerTask, Facts: known, Question: "How much did I spend on groceries last month, and how does it compare?"}
	}},
	{20, "charts", func(known facts.Facts) phrasing.Request {
		return phrasing.Request{Kind: aiusage.ChartInsight, Task: charts["spending"].task, Facts: known.Only(func(f facts.Fact) bool { return charts["spending"].isAbout(f, "") })}
	}},
	{4, "looks at credit", func(known facts.Facts) phrasing.Request {
		return phrasing.Request{Kind: aiusage.CreditInsight, Task: creditTask, Facts: known.Only(facts.Fact.IsCredit)}
	}},
}

// docs/domains/assistant.md says what this computes.
func TestCost_ActiveUser_IsWhatTheDocsSay(t *testing.T) {
	price, err := openai.PriceOf("gpt-4.1-mini")
	must(t, err)
	known := factstest.Facts(t)
	var nanos int64
	for _, use := range activeUser {
		prompt, err := phrasing.Prompt(use.task(known))
		must(t, err)
		cost := price.Of(tokensOf(prompt), outputTokens)
		t.Logf("%d %s of %d tokens: %.5f USD each", use.count, use.what, tokensOf(prompt), float64(cost)/1e9)
		nanos += int64(use.count) * cost
	}
	prompt, err := CategoriesPrompt([]string{"acme coffee"})
	must(t, err)
	nanos += 20 * price.Of(tokensOf(prompt), 15)
	page, err := os.ReadFile("../../docs/domains/assistant.md")
	must(t, err)
	if says := fmt.Sprintf("%.2f USD a month", float64(nanos)/1e9); !strings.Contains(string(page), says) {
		t.Errorf("an active user costs %s: the page says something else", says)
	}
}

func tokensOf(prompt openai.Request) int64 {
	size := 0
	for _, message := range prompt.Messages {
		size += len(message.Text)
	}
	return int64(size / bytesPerToken)
}
