package aitest_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/ai"
	"github.com/expenzez/infrastructure/lambdas/ai/aitest"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/facts/factstest"
	"github.com/expenzez/infrastructure/lambdas/internal/openai"
	"github.com/expenzez/infrastructure/lambdas/internal/phrasing"
	"github.com/expenzez/infrastructure/lambdas/internal/scrub"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
	fake "github.com/expenzez/infrastructure/test/fakes/openai"
)

// sent returns what the client sends for prompts, and for the moderation of a text.
func sent(t *testing.T, prompts ...openai.Request) []fake.Request {
	t.Helper()
	external.ResetBreakers()
	service := fake.New("key")
	service.Answer(fake.Reply{Text: "{}"})
	client, err := openai.New(openai.Config{
		Model: config.Models()[0], BaseURL: fakes.Serve(t, service.Handler()) + "/v1", Timeout: 5 * time.Second,
		Key: func(context.Context) (string, error) { return "key", nil },
	})
	must(t, err)
	for _, prompt := range prompts {
		_, err := client.Complete(t.Context(), prompt)
		must(t, err)
	}
	_, err = client.Flagged(t.Context(), "Hello?")
	must(t, err)
	return service.Sent()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// questionsOfTheRun are what end-to-end tests ask.
var questionsOfTheRun = []string{
	"", "Hello?", "And now?", "Can I afford a camera?",
	"I am Chat Hedy, hedy@example.com. What did I pay Margaret Hamilton from 12345678?",
}

func prompts(t *testing.T) (all []openai.Request) {
	t.Helper()
	for i, question := range questionsOfTheRun {
		prompt, err := phrasing.Prompt(phrasing.Request{
			Task: ai.Tasks()[i%len(ai.Tasks())], Facts: factstest.Facts(t), Question: scrub.Question(question, tables.User{Username: "chat.hedy"}),
		})
		must(t, err)
		all = append(all, prompt)
	}
	prompt, err := ai.CategoriesPrompt([]string{"acme coffee", "marks & spencer simply", "apple.com/bill", "hair"})
	must(t, err)
	return append(all, prompt)
}

func TestCheck_WhatTheAssistantSends_IsAccepted(t *testing.T) {
	for _, request := range sent(t, prompts(t)...) {
		if err := aitest.Check(request.Path, request.Body); err != nil {
			t.Errorf("%v\n%s", err, request.Body)
		}
	}
}

func TestCheck_AnythingElse_IsReported(t *testing.T) {
	all := sent(t, prompts(t)...)
	chat, categories, moderation := all[1], all[len(all)-2], all[len(all)-1]
	for name, c := range map[string]struct {
		request  fake.Request
		old, new string
	}{
		"another field of the body":      {chat, `"model":`, `"user":"ada","model":`},
		"another model":                  {chat, `"model":"`, `"model":"x`},
		"stored by OpenAI":               {chat, `"store":false`, `"store":true`},
		"other rules":                    {chat, `You put figures`, `Ada put figures`},
		"a third message":                {chat, `"messages":[`, `"messages":[{"role":"user","content":"x"},`},
		"another field of the prompt":    {chat, `{\"task\"`, `{\"user\":\"ada\",\"task\"`},
		"a field twice":                  {chat, `{\"task\"`, `{\"task\":\"ada\",\"task\"`},
		"a field in another spelling":    {chat, `\"question\"`, `\"Question\"`},
		"another task":                   {chat, `{\"task\":\"`, `{\"task\":\"Ada: `},
		"a subject in no list":           {chat, `\"about\":\"total\"`, `\"about\":\"ada\"`},
		"a measure in no list":           {chat, `\"what\":\"spent\"`, `\"what\":\"paid\"`},
		"a title of a goal":              {chat, `goal A (vacation)`, `goal A (lisbon)`},
		"a text as a month":              {chat, `\"month\":\"2026-11\"`, `\"month\":\"Ada\"`},
		"a text as a value":              {chat, `\"value\":\"£900\"`, `\"value\":\"Ada\"`},
		"another field of a fact":        {chat, `\"value\":\"£900\"`, `\"value\":\"£900\",\"name\":\"Ada\"`},
		"a name in the question":         {chat, `Hello?`, `Kowalski?`},
		"an account in the question":     {chat, `Hello?`, `Hello 1234 5678?`},
		"a raw description":              {categories, `acme coffee`, `ACME 12345678`},
		"another field of categories":    {categories, `{\"categories\"`, `{\"user\":\"ada\",\"categories\"`},
		"a category in no list":          {categories, `\"groceries\"`, `\"ada\"`},
		"another schema":                 {categories, `"name":"categories"`, `"name":"ada"`},
		"another field of a moderation":  {moderation, `"model":`, `"user":"ada","model":`},
		"a moderation of something else": {moderation, `"input":"Hello?"`, `"input":{"a":1}`},
	} {
		changed := strings.Replace(string(c.request.Body), c.old, c.new, 1)
		if changed == string(c.request.Body) {
			t.Errorf("%s: %s is not in %s", name, c.old, changed)
		}
		if aitest.Check(c.request.Path, []byte(changed)) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if aitest.Check("/v1/files", chat.Body) == nil || aitest.Check(chat.Path, []byte(`"text"`)) == nil {
		t.Error("another path or no object is accepted")
	}
}
