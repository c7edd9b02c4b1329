package aitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/ai"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/facts/factstest"
	"github.com/expenzez/infrastructure/lambdas/internal/openai"
	"github.com/expenzez/infrastructure/lambdas/internal/phrasing"
	"github.com/expenzez/infrastructure/lambdas/internal/scrub"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// completion is the body of a request for a completion.
type completion struct {
	Model    string `json:"model"`
	Messages []struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	} `json:"messages"`
	MaxTokens int             `json:"max_completion_tokens"`
	Store     *bool           `json:"store"`
	Format    json.RawMessage `json:"response_format"`
}

// question is what phrasing.Prompt writes.
type question struct {
	Task  string `json:"task"`
	Known struct {
		Today dates.Day        `json:"today"`
		List  []factstest.Sent `json:"facts"`
	} `json:"known"`
	Question string `json:"question,omitempty"`
}

// Check returns an error unless a request to OpenAI is one that the assistant sends: fixed texts, facts of the code's
// lists with figures, a question without personal data, names of merchants, and nothing else.
func Check(path string, body []byte) error {
	switch path {
	case "/v1/moderations":
		var sent struct {
			Model string `json:"model"`
			Input string `json:"input"`
		}
		return strictly(body, &sent)
	case "/v1/chat/completions":
		return checkCompletion(body)
	default:
		return fmt.Errorf("nothing is sent to %s", path)
	}
}

func checkCompletion(body []byte) error {
	var sent completion
	if err := strictly(body, &sent); err != nil {
		return err
	}
	if !slices.Contains(config.Models(), sent.Model) || sent.Store == nil || *sent.Store {
		return fmt.Errorf("the model is %q, or OpenAI may store the completion", sent.Model)
	}
	if len(sent.Messages) != 2 || sent.Messages[0].Role != "system" || sent.Messages[1].Role != "user" {
		return errors.New("the messages are not one of the system and one of the user")
	}
	rules, text := sent.Messages[0].Content, sent.Messages[1].Content
	if prompt, err := phrasing.Prompt(phrasing.Request{}); err != nil || rules == prompt.Messages[0].Text {
		return errors.Join(err, checkQuestion(text, sent.Format))
	}
	return checkCategories(rules, text, sent.Format)
}

// checkQuestion checks what is sent to have facts put into words.
func checkQuestion(text string, format json.RawMessage) error {
	var sent question
	if err := exactly(text, &sent); err != nil {
		return err
	}
	if !slices.Contains(ai.Tasks(), sent.Task) || format != nil {
		return fmt.Errorf("the task is %q, the format %s", sent.Task, format)
	}
	if _, err := dates.ParseDay(string(sent.Known.Today)); err != nil {
		return err
	}
	for _, fact := range sent.Known.List {
		if err := fact.Check(); err != nil {
			return err
		}
	}
	if again := scrub.Question(sent.Question, tables.User{}); again != sent.Question {
		return fmt.Errorf("the question %q has personal data", sent.Question)
	}
	return nil
}

// merchant is a name that scrub.Merchant may return.
var merchant = regexp.MustCompile(`^[\p{Ll}&.'/-]+(?: [\p{Ll}&.'/-]+)*$`)

// checkCategories checks what is sent to have merchants sorted.
func checkCategories(rules, text string, format json.RawMessage) error {
	var sent struct {
		Categories []string `json:"categories"`
		Merchants  []string `json:"merchants"`
	}
	if err := exactly(text, &sent); err != nil {
		return err
	}
	want, err := ai.CategoriesPrompt(sent.Merchants)
	if err != nil {
		return err
	}
	if rules != want.Messages[0].Text || text != want.Messages[1].Text {
		return errors.New("the rules or the categories are not those of the code")
	}
	for _, name := range sent.Merchants {
		if !merchant.MatchString(name) {
			return fmt.Errorf("%q is no name of a merchant", name)
		}
	}
	return checkFormat(format, want.Schema)
}

func checkFormat(format json.RawMessage, want *openai.Schema) error {
	var sent struct {
		Type   string `json:"type"`
		Schema struct {
			Name   string          `json:"name"`
			Strict bool            `json:"strict"`
			Schema json.RawMessage `json:"schema"`
		} `json:"json_schema"`
	}
	if err := strictly(format, &sent); err != nil {
		return err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, sent.Schema.Schema); err != nil {
		return err
	}
	if sent.Schema.Name != want.Name || compact.String() != string(want.JSON) {
		return errors.New("the schema is not the code's")
	}
	return nil
}

// strictly decodes JSON whose objects have no other fields than value.
func strictly(text []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("the body has more than one value")
	}
	return nil
}

// exactly decodes JSON that is what value is encoded as, so that no field is there twice or in another spelling.
func exactly(text string, value any) error {
	if err := strictly([]byte(text), value); err != nil {
		return err
	}
	again, err := json.Marshal(value)
	if err == nil && string(again) != text {
		err = fmt.Errorf("%s is not as the code writes it", text)
	}
	return err
}
