package changes

import (
	"reflect"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
)

func TestRights_EachField_MakesALine(t *testing.T) {
	seen := map[string]bool{}
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			declared := reflect.ValueOf(f.Permissions)
			for i := range declared.NumField() {
				if declared.Field(i).IsZero() {
					continue
				}
				one := reflect.New(declared.Type()).Elem()
				one.Field(i).Set(declared.Field(i))
				name := declared.Type().Field(i).Name
				seen[name] = true
				if len(rights(one.Interface().(function.Permissions))) == 0 {
					t.Errorf("%s: Permissions.%s makes no line", f.Name, name)
				}
			}
		}
	}
	for i := range reflect.TypeFor[function.Permissions]().NumField() {
		if name := reflect.TypeFor[function.Permissions]().Field(i).Name; !seen[name] {
			t.Errorf("no function has Permissions.%s, so nothing tests its line", name)
		}
	}
}

func TestAccessOf_Domains_HaveRoutesAndEvents(t *testing.T) {
	access := AccessOf(lambdas.Domains())
	for name, line := range map[string]string{
		"goals-list":    "is called by signed-in: GET /goals",
		"auth-login":    "is called by anyone: POST /auth/login",
		"goals-changes": "is invoked by changes of Goals",
	} {
		if !slices.Contains(access[name], line) {
			t.Errorf("%s lacks %q: %v", name, line, access[name])
		}
	}
}
