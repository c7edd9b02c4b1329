package e2e_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// whatIsLogged reads every log of the run, in which people's data would end up by
// carelessness.
func whatIsLogged(t *testing.T) {
	lines, err := stage.Logs(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) < 50 {
		t.Fatalf("the run logged %d lines", len(lines))
	}
	for _, line := range lines {
		for _, personal := range []string{"example.com", "+442079460000", "12/10/1985", "St James", "Correct-horse", "eyJ"} {
			if strings.Contains(strings.ToLower(line.Message), strings.ToLower(personal)) {
				t.Errorf("a log holds %q: %s", personal, line.Message)
			}
		}
	}
}

// whatIsStored reads the tables as somebody who stole them would.
func whatIsStored(t *testing.T) {
	newcomer(t, "hedy")
	cfg, err := config.Load("local")
	if err != nil {
		t.Fatal(err)
	}
	db := dynamodb.NewFromConfig(stage.AWSConfig(local.Region))
	for _, table := range tables.All() {
		out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(cfg.PhysicalName(table.Name))})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Items) == 0 && isWritten(table) {
			t.Errorf("%s is empty", table.Name)
		}
		stored, err := json.Marshal(out.Items)
		if err != nil {
			t.Fatal(err)
		}
		for _, personal := range []string{"hedy@example.com", "example.com", "+442079460000", "12/10/1985", "St James"} {
			if strings.Contains(strings.ToLower(string(stored)), strings.ToLower(personal)) {
				t.Errorf("%s holds %q in clear", table.Name, personal)
			}
		}
	}
}

// isWritten tells whether any function may write the table.
func isWritten(table *tables.Table) bool {
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, grant := range f.Rights.Tables {
				if grant.Table == table && (slices.Contains(grant.Operations, tables.PutItem) || slices.Contains(grant.Operations, tables.UpdateItem)) {
					return true
				}
			}
		}
	}
	return false
}
