package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/test/contract"
)

func TestREADME_Architecture_MatchesDeclarations(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := withDiagram(string(page), diagram(lambdas.Domains()))
	if err != nil {
		t.Fatal(err)
	}
	if want != string(page) {
		t.Error("the picture is not what the declarations say: go run ./internal/architecture")
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

func TestREADME_BuiltOperations_AreCounted(t *testing.T) {
	installed, err := contract.Load("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	built := 0
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, route := range f.Routes {
				if _, known := installed.Operation(route.Key); known {
					built++
				}
			}
		}
	}
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d of %d built", built, len(installed.Operations())); !strings.Contains(string(page), want) {
		t.Errorf("README.md does not say %q", want)
	}
}
