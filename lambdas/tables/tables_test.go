package tables_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestTables_AreValidAndNamedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, table := range tables.All() {
		if err := table.Validate(); err != nil {
			t.Error(err)
		}
		if seen[table.Variable()] {
			t.Errorf("two tables share the variable %s", table.Variable())
		}
		seen[table.Variable()] = true
	}
}

// RateLimits has items and attributes of several types, told apart by what they begin
// with.
func TestRateLimits_ItemTypesAndMarks_DoNotCollide(t *testing.T) {
	var items []string
	for _, item := range tables.RateLimitItems() {
		items = append(items, string(item))
	}
	attributes := []string{
		tables.BudgetAttribute, tables.TokenMark, tables.SessionMark, tables.RevokedUntil,
		tables.RateLimits.PartitionKey.Name, tables.RateLimits.TimeToLive,
		tables.LimitAttribute + "0", tables.LimitAttribute + "A", // a digit or a capital letter follows
	}
	for _, prefixes := range [][]string{items, attributes} {
		for i, one := range prefixes {
			for j, other := range prefixes {
				if i != j && strings.HasPrefix(one, other) {
					t.Errorf("%q begins with %q", one, other)
				}
			}
		}
	}
}

func TestValidateReportsEveryProblem(t *testing.T) {
	broken := &tables.Table{SortKey: tables.Attribute{Name: "at"}, Class: "secret", UserContent: true}
	err := errors.Join(broken.Validate(), (&tables.Table{Erasure: tables.EraseByTTL}).Validate())
	if err == nil {
		t.Fatal("a table without name, keys and class is valid")
	}
	for _, want := range []string{"no name", "partition key", "sort key", `data class "secret"`, "does not say how", "content and is not erased", "no time to live"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported in: %v", want, err)
		}
	}
}

func TestValidate_BrokenIndexes_AreReported(t *testing.T) {
	text := tables.Attribute{Name: "date", Type: tables.String}
	broken := &tables.Table{Name: "T", PartitionKey: text, Class: tables.Operational, Erasure: tables.EraseExplicitly, Indexes: []*tables.Index{
		{SortKey: text},
		{Name: "local"},
		{Name: "half", SortKey: tables.Attribute{Name: "date"}},
		{Name: "both", SortKey: text, Projection: tables.Projection{All: true, Attributes: []string{"a"}}},
		{Name: "twice", SortKey: text}, {Name: "twice", SortKey: text},
	}}
	err := broken.Validate()
	for _, want := range []string{"without a name", `"local" without a sort key`, `"half" with a key`, `"both" that projects`, `"twice" twice`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported in: %v", want, err)
		}
	}
}

// A text without a rule would be stored as it comes.
func TestUser_EveryText_HasARuleOrIsTheBackends(t *testing.T) {
	typ := reflect.TypeFor[tables.User]()
	for i := range typ.NumField() {
		if field := typ.Field(i); field.Type.Kind() == reflect.String && field.Tag.Get("rule") == "" {
			t.Errorf("%s has no rule", field.Name)
		}
	}
}
