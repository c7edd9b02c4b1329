package lambdas_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/lambdas/ai"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/openai"
	"github.com/expenzez/infrastructure/test/fakes/revenuecat"
)

// addModel gives functions stand-ins of OpenAI and RevenueCat.
func addModel(t *testing.T, config aws.Config, variables map[string]string) *openai.Fake {
	t.Helper()
	t.Cleanup(external.ResetBreakers) // their state is in each request's log, which other tests measure
	model := openai.New("key")
	variables[function.OpenAI.Variable()] = fakes.Serve(t, model.Handler()) + "/v1"
	variables[function.RevenueCat.Variable()] = fakes.Serve(t, revenuecat.New("key").Handler()) + "/v2"
	variables[function.RevenueCatProject.Variable()] = revenuecat.Project
	variables[function.RevenueCatEntitlement.Variable()] = "entla1b2c3d4e5"
	variables[function.AI.Variable()] = "on gpt-4.1-mini on 20"
	for _, secret := range []*secrets.Secret{secrets.OpenAI, secrets.RevenueCat} {
		values := map[string]string{}
		for _, key := range secret.Keys {
			values[key] = "key"
		}
		text, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		made, err := secretsmanager.NewFromConfig(config).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String(secret.Name), SecretString: aws.String(string(text))})
		if err != nil {
			t.Fatal(err)
		}
		variables[secret.Variable()] = *made.ARN
	}
	return model
}

// docs/domains/assistant.md says these numbers. The first call of each is the pipeline's.
func TestAssistant_WarmRequests_MakeFewAWSCalls(t *testing.T) {
	config, variables := newEngine(t)
	model := addModel(t, config, variables)
	addPremium(t, config, variables)
	calls := counted(&config)
	assistant := handlerOf(t, ai.Assistant, config, variables)
	history := handlerOf(t, ai.ChatHistory, config, variables)
	model.Answer(openai.Reply{Text: "You could cook at home more often."})
	const message = `{"role":"user","content":"Hello"}`
	assistant("POST /ai/insight", `{"message":"Hello?","financialContext":{}}`)
	history("POST /ai/chat-message", message)
	reserveAndSettle := []string{
		"DynamoDB.GetItem", "DynamoDB.PutItem", "DynamoDB.TransactWriteItems",
		"DynamoDB.GetItem", "DynamoDB.PutItem", "DynamoDB.TransactWriteItems", "DynamoDB.GetItem",
	}
	quota := []string{"DynamoDB.GetItem"}
	plan, figures := "DynamoDB.GetItem", []string{"DynamoDB.Query", "DynamoDB.Query", "DynamoDB.GetItem", "DynamoDB.GetItem", "DynamoDB.Query", "DynamoDB.Query", "DynamoDB.GetItem"}
	checkCalls(t, calls, []callCase{
		{"a question", func() string { return assistant("POST /ai/insight", `{"message":"Hello?","financialContext":{}}`) },
			slices.Concat([]string{"DynamoDB.UpdateItem", plan, "DynamoDB.GetItem"}, figures, reserveAndSettle, quota)},
		{"a chart", func() string { return assistant("POST /ai/chart-insight", `{"chartType":"spending","data":{}}`) },
			slices.Concat([]string{"DynamoDB.UpdateItem", plan}, figures)}, // there are no figures to put into words
		{"credit", func() string { return assistant("POST /ai/credit-insight", `{}`) },
			slices.Concat([]string{"DynamoDB.UpdateItem", plan}, figures)},
		{"a well-known merchant", func() string { return assistant("POST /ai/categorize", `{"description":"TESCO","amount":-1}`) },
			[]string{"DynamoDB.UpdateItem", plan}},
		{"a message", func() string { return history("POST /ai/chat-message", message) },
			[]string{"DynamoDB.UpdateItem", "DynamoDB.GetItem", "DynamoDB.GetItem", "DynamoDB.PutItem"}},
		{"the history", func() string { return history("GET /ai/chat-history", "") },
			[]string{"DynamoDB.UpdateItem", "DynamoDB.Query", "DynamoDB.GetItem"}},
		{"a cleared history", func() string { return history("DELETE /ai/chat-history", "") },
			[]string{"DynamoDB.UpdateItem", "DynamoDB.Query", "DynamoDB.BatchWriteItem"}},
	}...)
}
