package function_test

import (
	"context"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func (*greeter) Follow(context.Context, function.Change[struct{}]) error { return nil }

func TestChanges_OfTwoTables_AreReported(t *testing.T) {
	follow := func(followed ...*tables.Table) error {
		var events []function.EventOf[*greeter]
		for _, table := range followed {
			events = append(events, function.Changes(table, (*greeter).Follow))
		}
		return function.Define(function.Spec[*greeter]{
			Name: "greeter", Purpose: "Greets.",
			New:    func(*function.Resources) (*greeter, error) { return nil, nil },
			Events: events,
		}).Validate()
	}
	if err := follow(tables.Users); err != nil {
		t.Errorf("one table: %v", err)
	}
	if err := follow(tables.Users, tables.Devices); err == nil || !strings.Contains(err.Error(), "Users and Devices") {
		t.Errorf("two tables: %v", err)
	}
}
