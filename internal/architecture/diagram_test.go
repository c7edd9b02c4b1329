package main

import (
	"os"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
)

func TestREADME_PictureAndCount_MatchDeclarations(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := updated(string(page), "../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if want != string(page) {
		t.Error("the picture or the count of operations is old: go run ./internal/architecture")
	}
}

func TestDiagram_DomainsAndServices_AreConnected(t *testing.T) {
	picture := diagram(lambdas.Domains())
	for _, domain := range lambdas.Domains() {
		if !strings.Contains(picture, "--> "+domain.Name+"\n") {
			t.Errorf("nothing leads to the domain %s", domain.Name)
		}
	}
	for service := range services {
		if !strings.Contains(picture, "--> "+service+"\n") && !strings.Contains(picture, service+" --> ") {
			t.Errorf("the service %s is used by no function", service)
		}
	}
}

func TestWithDiagram_PageWithoutBlock_IsError(t *testing.T) {
	if _, err := withDiagram("# Title\n", "flowchart LR\n"); err == nil {
		t.Error("no error")
	}
}

func TestWithCount_PageWithoutCount_IsError(t *testing.T) {
	got, err := withCount("| 3 of 9 built: health |", 4, 9)
	if want := "| 4 of 9 built: health |"; err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := withCount("| all built |", 4, 9); err == nil {
		t.Error("no error")
	}
}
