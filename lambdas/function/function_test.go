package function_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

type greeter struct{ table string }

type greeting struct{ Name string }

func (g *greeter) Greet(_ context.Context, in greeting) (string, error) {
	return "hello " + in.Name, nil
}

func (g *greeter) WhoAmI(_ context.Context, caller function.Caller, _ function.NoInput) (string, error) {
	return caller.UserID, nil
}

func (*greeter) Rotate(context.Context, function.RotationStep) error { return nil }

func (g *greeter) Tick(context.Context) error { return nil }

func define(rights function.Permissions) *function.Function {
	return function.Define(function.Spec[*greeter]{
		Name:    "greeter",
		Purpose: "Greets.",
		New: func(resources *function.Resources) (*greeter, error) {
			return &greeter{table: resources.Table(tables.Users)}, nil
		},
		Routes: []function.RouteOf[*greeter]{
			function.Public("POST /greet", (*greeter).Greet),
			function.SignedIn("GET /whoami", (*greeter).WhoAmI),
		},
		Permissions: rights,
	})
}

func environment(variables map[string]string) *function.Resources {
	return function.NewResources(aws.Config{}, func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	})
}

var mayReadUsers = function.Permissions{Tables: []tables.Grant{tables.Users.Allow(tables.GetItem)}}

func TestUseCase_GetsRequestAndCaller(t *testing.T) {
	f := define(mayReadUsers)
	bound, err := f.Bind(environment(map[string]string{"TABLE_USERS": "users"}))
	if err != nil {
		t.Fatal(err)
	}
	request := f.Routes[0].NewRequest()
	request.(*greeting).Name = "Ada"
	if out, _ := bound.UseCases["POST /greet"](context.Background(), function.Caller{}, request); out != "hello Ada" {
		t.Errorf("greet answered %v", out)
	}
	out, _ := bound.UseCases["GET /whoami"](context.Background(), function.Caller{UserID: "u1"}, f.Routes[1].NewRequest())
	if out != "u1" {
		t.Errorf("whoami answered %v", out)
	}
}

func TestRoute_IsPublicOnlyWhenDeclared(t *testing.T) {
	f := define(mayReadUsers)
	if f.Routes[0].Access != function.AccessPublic || f.Routes[1].Access != function.AccessSignedIn {
		t.Errorf("access is %s and %s", f.Routes[0].Access, f.Routes[1].Access)
	}
}

func TestBind_UndeclaredTable_Fails(t *testing.T) {
	_, err := define(function.Permissions{}).Bind(environment(map[string]string{"TABLE_USERS": "users"}))
	if err == nil || !strings.Contains(err.Error(), "uses table Users without declaring it") {
		t.Errorf("got %v", err)
	}
}

func TestSecret_ReturnsARNIfDeclared(t *testing.T) {
	resources := environment(map[string]string{"TABLE_USERS": "users", "SECRET_JWT": "arn:jwt"})
	rights := mayReadUsers
	rights.Secrets = []*secrets.Secret{secrets.JWT}
	if _, err := define(rights).Bind(resources); err != nil {
		t.Fatal(err)
	}
	if arn := resources.Secret(secrets.JWT); arn != "arn:jwt" || resources.Err() != nil {
		t.Errorf("got %q, %v", arn, resources.Err())
	}
	if arn := resources.Secret(secrets.OpenAI); arn != "" || resources.Err() == nil || !strings.Contains(resources.Err().Error(), "uses secret openai without declaring it") {
		t.Errorf("got %q, %v", arn, resources.Err())
	}
}

func TestSetting_ReturnsValuesIfDeclared(t *testing.T) {
	resources := environment(map[string]string{"TABLE_USERS": "users", "SETTING_GOOGLE_CLIENTS": "a.example b.example"})
	rights := mayReadUsers
	rights.Settings = []function.Setting{function.GoogleClients}
	if _, err := define(rights).Bind(resources); err != nil {
		t.Fatal(err)
	}
	if ids := resources.Setting(function.GoogleClients); !slices.Equal(ids, []string{"a.example", "b.example"}) || resources.Err() != nil {
		t.Errorf("got %q, %v", ids, resources.Err())
	}
	if ids := resources.Setting(function.GoogleApps); ids != nil || resources.Err() == nil || !strings.Contains(resources.Err().Error(), "uses the setting google-apps without declaring it") {
		t.Errorf("got %q, %v", ids, resources.Err())
	}
}

func TestOnSecretRotation_PermitsReadingSecret(t *testing.T) {
	f := function.Define(function.Spec[*greeter]{
		Name: "rotator", Purpose: "Rotates.", New: func(resources *function.Resources) (*greeter, error) {
			resources.Secret(secrets.JWT)
			return &greeter{}, nil
		},
		Events: []function.EventOf[*greeter]{function.OnSecretRotation(secrets.JWT, (*greeter).Rotate)},
	})
	if !slices.Contains(f.Variables(), "SECRET_JWT") {
		t.Errorf("its variables are %q", f.Variables())
	}
	if _, err := f.Bind(environment(map[string]string{"SECRET_JWT": "arn:jwt"})); err != nil || f.Validate() != nil {
		t.Errorf("got %v, %v", err, f.Validate())
	}
}

func TestStart_RunsWorkInParallelAndReportsAllFailures(t *testing.T) {
	resources := environment(nil)
	met := make(chan struct{})
	resources.OnInit(func(context.Context) error { met <- struct{}{}; return errors.New("first") })
	resources.OnInit(func(context.Context) error { <-met; return errors.New("second") })
	err := resources.Start(context.Background())
	if err == nil || !strings.Contains(err.Error(), "first") || !strings.Contains(err.Error(), "second") {
		t.Errorf("got %v", err)
	}
}

func TestBind_MissingVariable_Fails(t *testing.T) {
	_, err := define(mayReadUsers).Bind(environment(nil))
	if err == nil || !strings.Contains(err.Error(), "TABLE_USERS is not set") {
		t.Errorf("got %v", err)
	}
}

func TestValidateReportsEveryProblem(t *testing.T) {
	spec := function.Spec[*greeter]{
		Name: "Bad Name",
		Routes: []function.RouteOf[*greeter]{
			function.Public("FETCH /x", (*greeter).Greet),
			function.SignedIn("$default", (*greeter).WhoAmI),
			function.Public("PATCH /greet", (*greeter).Greet, function.Idempotent()),
			function.Public("PUT /greet", (*greeter).Greet, function.Limits(function.Limit{Requests: 5, Per: time.Minute}, function.Limit{Requests: 9, Per: time.Minute})),
			function.Public("GET /greet", (*greeter).Greet, function.Limits(function.Limit{Requests: 5, Per: 1500 * time.Millisecond})),
			function.Public("POST /greets", (*greeter).Greet, function.StageShare(101)),
			function.Public("DELETE /greet", (*greeter).Greet, function.Limits(function.Limit{Requests: 2_000_000, Per: time.Second})),
		},
		Events: []function.EventOf[*greeter]{
			function.OnSchedule(90*time.Second, (*greeter).Tick), function.OnSecretRotation(secrets.Apple, (*greeter).Rotate),
			function.OnSchedule(time.Hour, (*greeter).Tick),
		},
		Timeout: 30 * time.Second,
		Permissions: function.Permissions{
			Tables:  []tables.Grant{tables.Users.Allow(), tables.Users.Allow(tables.GetItem)},
			Keys:    []function.KeyGrant{function.Key("other").Allow(), function.FieldKey.AllowFor(tables.Users, function.Decrypt), function.FieldKey.AllowFor(tables.Users, function.Decrypt), function.FieldKey.Allow(function.Decrypt), function.LookupKey.AllowFor(tables.Users, function.GenerateMac)},
			Secrets: []*secrets.Secret{secrets.JWT, secrets.JWT},
		},
	}
	err := function.Define(spec).Validate()
	if err == nil {
		t.Fatal("a broken declaration is valid")
	}
	for _, want := range []string{
		"lower-case words", "no purpose", `"PATCH /greet" is idempotent and public`,
		`"PUT /greet": has two limits per 1m0s`, "5 requests per 1.5s", "2000000 requests per 1s", `"POST /greets" has 101 %`, "every 1m30s", `event "schedule" twice`, "timeout of 30s", "rotates the secret apple", `"FETCH /x"`, "fallback route must be public",
		"no operation on table Users", "table Users twice", "no operation with key other", "key fields twice", "key fields for every table", "key lookup for table Users", "secret jwt twice",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported in: %v", want, err)
		}
	}
}

func TestValidate_TwoFunctionsWithOneRoute_IsReported(t *testing.T) {
	one, two := define(mayReadUsers), define(mayReadUsers)
	two.Name = "other"
	err := function.Validate(function.Domain{Name: "a", Functions: []*function.Function{one, two}})
	if err == nil || !strings.Contains(err.Error(), "route POST /greet belongs to greeter and to other") {
		t.Errorf("got %v", err)
	}
}

// Every route is limited, every function reports its errors, and an idempotent
// route is remembered: rights that no declaration needs to name.
func TestDefine_AddsPermissionsOfRuntime(t *testing.T) {
	declared := function.Permissions{
		Tables: []tables.Grant{tables.Users.Allow(tables.GetItem), tables.RateLimits.Allow(tables.GetItem)},
		Keys:   []function.KeyGrant{function.FieldKey.AllowFor(tables.Users, function.Decrypt)},
	}
	f := function.Define(function.Spec[*greeter]{
		Name: "greeter", Purpose: "Greets.", Permissions: declared,
		Routes: []function.RouteOf[*greeter]{function.SignedIn("PUT /whoami", (*greeter).WhoAmI, function.Idempotent())},
	})
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, grant := range f.Permissions.Tables {
		want := map[*tables.Table]int{tables.Users: 1, tables.RateLimits: 2, tables.IdempotencyRecords: 3}[grant.Table]
		if len(grant.Operations) != want {
			t.Errorf("%s: %v", grant.Table.Name, grant.Operations)
		}
	}
	want := []function.KeyGrant{
		function.FieldKey.AllowFor(tables.Users, function.Decrypt),
		function.FieldKey.AllowFor(tables.IdempotencyRecords, function.GenerateDataKey, function.Decrypt),
	}
	if !reflect.DeepEqual(f.Permissions.Keys, want) {
		t.Errorf("the keys are %v", f.Permissions.Keys)
	}
	if !slices.Equal(f.Permissions.Sends, []*function.Queue{function.ErrorReports.Queue}) || len(f.Declared.Sends) > 0 {
		t.Errorf("the queues are %v, declared %v", f.Permissions.Sends, f.Declared.Sends)
	}
	if len(declared.Tables[1].Operations) != 1 {
		t.Error("the declaration itself was changed")
	}
}

// Only who counts addresses makes pseudonyms of them.
func TestDefine_LimitedPublicRoute_PermitsPseudonyms(t *testing.T) {
	greet := (*greeter).Greet
	for name, tc := range map[string]struct {
		route function.RouteOf[*greeter]
		want  bool
	}{
		"public":    {function.Public("POST /greet", greet), true},
		"unlimited": {function.Public("POST /greet", greet, function.Unlimited()), false},
		"signed-in": {function.SignedIn("GET /whoami", (*greeter).WhoAmI), false},
	} {
		f := function.Define(function.Spec[*greeter]{Name: "greeter", Purpose: "Greets.", Routes: []function.RouteOf[*greeter]{tc.route}})
		if has := len(f.Permissions.Keys) == 1 && f.Permissions.Keys[0].Key == function.LookupKey; has != tc.want {
			t.Errorf("%s: the keys are %v", name, f.Permissions.Keys)
		}
	}
}

func TestShared_MakesValueOncePerEnvironment(t *testing.T) {
	made := 0
	build := func() *greeter { made++; return &greeter{} }
	one, two := environment(nil), environment(nil)
	if first := function.Shared(one, build); first != function.Shared(one, build) || first == function.Shared(two, build) || made != 2 {
		t.Errorf("%d were made for two environments", made)
	}
}

func TestBaseURL_IsThatOfStage(t *testing.T) {
	resources := environment(map[string]string{"TABLE_USERS": "users", "EXTERNAL_APPLE_URL": "http://127.0.0.1:9"})
	rights := mayReadUsers
	rights.External = []function.Service{function.Apple, function.Google}
	if _, err := define(rights).Bind(resources); err != nil {
		t.Fatal(err)
	}
	if resources.BaseURL(function.Apple) != "http://127.0.0.1:9" || resources.BaseURL(function.Google) != "https://www.googleapis.com" || resources.Err() != nil {
		t.Errorf("got %q, %q, %v", resources.BaseURL(function.Apple), resources.BaseURL(function.Google), resources.Err())
	}
	if _, err := define(mayReadUsers).Bind(resources); err != nil {
		t.Fatal(err)
	}
	if resources.BaseURL(function.Apple); resources.Err() == nil || !strings.Contains(resources.Err().Error(), "external service apple without declaring it") {
		t.Errorf("got %v", resources.Err())
	}
}
