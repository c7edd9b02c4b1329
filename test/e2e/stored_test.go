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
