package function_test

import (
	"reflect"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var everyPermission = function.Permissions{
	Tables:         []tables.Grant{tables.Users.Allow(tables.GetItem)},
	Keys:           []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
	Secrets:        []*secrets.Secret{secrets.Sentry},
	UserPool:       []function.UserPoolOperation{function.AdminGetUser},
	UserPoolClient: true,
	SendEmail:      true,
	Buckets:        []buckets.Grant{buckets.Statements.Allow(buckets.Read)},
	Publishes:      []*function.Topic{{Name: "greeted"}},
	Sends:          []*function.Queue{function.ErrorReports.Queue},
	External:       []function.Service{function.Apple},
	Settings:       []function.Setting{function.GoogleApps},
}

// A field that And does not know stays at its zero value.
func TestAnd_EveryField_IsKept(t *testing.T) {
	fields := reflect.ValueOf(everyPermission)
	for i := range fields.NumField() {
		if fields.Field(i).IsZero() {
			t.Fatalf("%s is missing in this test", fields.Type().Field(i).Name)
		}
	}
	if got := (function.Permissions{}).And(everyPermission); !reflect.DeepEqual(got, everyPermission) {
		t.Errorf("from the other: %+v", got)
	}
	if got := everyPermission.And(function.Permissions{}); !reflect.DeepEqual(got, everyPermission) {
		t.Errorf("from the first: %+v", got)
	}
	if got := everyPermission.And(everyPermission); !reflect.DeepEqual(got, everyPermission) {
		t.Errorf("twice: %+v", got)
	}
}

func TestAnd_TableAndItsIndex_StayApart(t *testing.T) {
	index := &tables.Index{Name: "by-date", SortKey: tables.Attribute{Name: "date", Type: tables.String}}
	both := function.Permissions{Tables: []tables.Grant{tables.Users.Allow(tables.GetItem)}}.
		And(function.Permissions{Tables: []tables.Grant{tables.Users.AllowQuery(index)}})
	if len(both.Tables) != 2 || both.Tables[1].Resource("users") != "users/index/by-date" {
		t.Errorf("got %+v", both.Tables)
	}
}
