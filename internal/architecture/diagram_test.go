package main

import (
	"os"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
)

func TestPages_GeneratedParts_MatchDeclarationsAndContract(t *testing.T) {
	for name, generate := range map[string]func(string) (string, error){
		"../../README.md":            withBuilt("../../api/openapi.yaml"),
		"../../docs/architecture.md": withDeclarations,
	} {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := generate(string(page))
		if err != nil {
			t.Fatal(err)
		}
		if want != string(page) {
			t.Errorf("%s is old: go run ./internal/architecture", name)
		}
	}
}

func TestEventsDiagram_EveryDeclaredSource_IsConnected(t *testing.T) {
	picture := eventsDiagram(lambdas.Domains())
	for source := range sources {
		if !strings.Contains(picture, "  "+source+" --> ") {
			t.Errorf("%s starts no function", source)
		}
	}
	for _, line := range []string{"  transactions --> transaction-changed\n", "  transaction-changed --> budgets\n", "  briefs --> brief-requests\n"} {
		if !strings.Contains(picture, line) {
			t.Errorf("the picture lacks %q", line)
		}
	}
}

func TestDomainsTable_EveryDomain_HasARow(t *testing.T) {
	table := domainsTable(lambdas.Domains())
	for _, domain := range lambdas.Domains() {
		if !strings.Contains(table, "| `"+domain.Name+"` | "+string(domain.Stack)+" |") {
			t.Errorf("the table lacks the domain %s", domain.Name)
		}
	}
	if want := "DynamoDB, KMS, Secrets Manager, revenuecat |"; !strings.Contains(table, want) {
		t.Errorf("no domain has the services %q", want)
	}
}

func TestWithPart_PageWithoutComments_IsError(t *testing.T) {
	if _, err := withPart("# Title\n", "events", "flowchart LR\n"); err == nil {
		t.Error("no error")
	}
}

func TestWithCount_PageWithoutCount_IsError(t *testing.T) {
	old := "| 3 of 9 built: 3 for the app, 0 for RevenueCat's webhook, 0 for unsubscribing by a link |"
	got, err := withCount(old, counts{all: 9, app: 2, webhooks: 1, unsubscribing: 2})
	if want := "| 5 of 9 built: 2 for the app, 1 for RevenueCat's webhook, 2 for unsubscribing by a link |"; err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := withCount("| all built |", counts{all: 9}); err == nil {
		t.Error("no error")
	}
}
