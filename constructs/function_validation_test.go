package constructs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func TestLeastPrivilegeFunction_InvalidProps_AreRefused(t *testing.T) {
	code := bootstrap(t)
	cases := map[string]struct {
		spoil func(p *constructs.LeastPrivilegeFunctionProps)
		props []string
	}{
		"no name":              {func(p *constructs.LeastPrivilegeFunctionProps) { p.Name = "" }, []string{"Name"}},
		"name too long":        {func(p *constructs.LeastPrivilegeFunctionProps) { p.Name = strings.Repeat("n", 65) }, []string{"Name"}},
		"description too long": {func(p *constructs.LeastPrivilegeFunctionProps) { p.Description = strings.Repeat("d", 257) }, []string{"Description"}},
		"no code":              {func(p *constructs.LeastPrivilegeFunctionProps) { p.Code = nil }, []string{"Code"}},
		"no bootstrap":         {func(p *constructs.LeastPrivilegeFunctionProps) { p.Code = constructs.BootstrapFolder("nowhere") }, []string{"Code"}},
		"handler with a space": {func(p *constructs.LeastPrivilegeFunctionProps) { p.Handler = "a b" }, []string{"Handler"}},
		"unknown architecture": {func(p *constructs.LeastPrivilegeFunctionProps) { p.Architecture = "mips" }, []string{"Architecture"}},
		"too little memory":    {func(p *constructs.LeastPrivilegeFunctionProps) { p.MemoryMB = 127 }, []string{"MemoryMB"}},
		"too much memory":      {func(p *constructs.LeastPrivilegeFunctionProps) { p.MemoryMB = 10241 }, []string{"MemoryMB"}},
		"timeout too long":     {func(p *constructs.LeastPrivilegeFunctionProps) { p.Timeout = 901 * time.Second }, []string{"Timeout"}},
		"timeout negative":     {func(p *constructs.LeastPrivilegeFunctionProps) { p.Timeout = -time.Second }, []string{"Timeout"}},
		"timeout of half a second": {func(p *constructs.LeastPrivilegeFunctionProps) { p.Timeout = 1500 * time.Millisecond },
			[]string{"Timeout"}},
		"negative concurrency":  {func(p *constructs.LeastPrivilegeFunctionProps) { p.ReservedConcurrency = -1 }, []string{"ReservedConcurrency"}},
		"unknown log level":     {func(p *constructs.LeastPrivilegeFunctionProps) { p.LogLevel = "VERBOSE" }, []string{"LogLevel"}},
		"unknown log retention": {func(p *constructs.LeastPrivilegeFunctionProps) { p.LogRetentionDays = 31 }, []string{"LogRetentionDays"}},
		"network without parts": {func(p *constructs.LeastPrivilegeFunctionProps) { p.Network = &constructs.FunctionNetwork{} },
			[]string{"Network.Vpc", "Network.Subnets", "Network.SecurityGroups"}},
		"several at once": {func(p *constructs.LeastPrivilegeFunctionProps) { p.Name, p.MemoryMB = "", 1 }, []string{"Name", "MemoryMB"}},
	}
	stack := newStack()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := constructs.LeastPrivilegeFunctionProps{Name: "orders", Code: code}
			c.spoil(&props)
			refused(t, func() { constructs.NewLeastPrivilegeFunction(stack, name, &props) }, c.props...)
		})
	}
	refused(t, func() { constructs.NewLeastPrivilegeFunction(stack, "none", nil) }, "Name", "Code")
}

func TestLeastPrivilegeFunction_InexactGrants_AreRefused(t *testing.T) {
	const table = "arn:aws:dynamodb:eu-west-2:111122223333:table/orders"
	actions := func(action, arn string) constructs.Grant {
		return constructs.AllowActions("Orders", []string{action}, arn)
	}
	cases := map[string]struct {
		grant constructs.Grant
		props []string
	}{
		"nothing":                      {constructs.Grant{}, []string{"Grants[0]"}},
		"no actions":                   {constructs.AllowActions("Orders", nil, table), []string{"Grants[0][0].Actions"}},
		"no resources":                 {constructs.AllowActions("Orders", []string{"dynamodb:GetItem"}), []string{"Grants[0][0].Resources"}},
		"no Sid":                       {constructs.AllowActions("", []string{"dynamodb:GetItem"}, table), []string{"Grants[0][0].Sid"}},
		"Sid with a dash":              {constructs.AllowActions("a-b", []string{"dynamodb:GetItem"}, table), []string{"Grants[0][0].Sid"}},
		"all actions":                  {actions("*", table), []string{"Grants[0][0].Actions"}},
		"all actions of a service":     {actions("dynamodb:*", table), []string{"Grants[0][0].Actions"}},
		"actions by prefix":            {actions("dynamodb:Get*", table), []string{"Grants[0][0].Actions"}},
		"actions by question mark":     {actions("dynamodb:GetIte?", table), []string{"Grants[0][0].Actions"}},
		"action without service":       {actions("GetItem", table), []string{"Grants[0][0].Actions"}},
		"all resources":                {actions("dynamodb:GetItem", "*"), []string{"Grants[0][0].Resources"}},
		"resources by prefix":          {actions("dynamodb:GetItem", table+"*"), []string{"Grants[0][0].Resources"}},
		"all indexes":                  {actions("dynamodb:Query", table+"/index/*"), []string{"Grants[0][0].Resources"}},
		"resource by question mark":    {actions("dynamodb:GetItem", table+"?"), []string{"Grants[0][0].Resources"}},
		"a name that is not an ARN":    {actions("dynamodb:GetItem", "orders"), []string{"Grants[0][0].Resources"}},
		"streams of many log groups":   {actions("logs:PutLogEvents", "arn:aws:logs:eu-west-2:111122223333:log-group:a*:*"), []string{"Grants[0][0].Resources"}},
		"a suffix that only looks so":  {actions("sqs:SendMessage", "arn:aws:sqs:eu-west-2:111122223333:*"), []string{"Grants[0][0].Resources"}},
		"several statements at once":   {constructs.Grant{{Sid: "A"}, {Sid: "B"}}, []string{"Grants[0][0].Actions", "Grants[0][0].Resources", "Grants[0][1].Actions", "Grants[0][1].Resources"}},
		"an action and a resource too": {actions("s3:*", "arn:aws:s3:::bucket/*"), []string{"Grants[0][0].Actions", "Grants[0][0].Resources"}},
	}
	stack, code := newStack(), bootstrap(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			refused(t, func() {
				constructs.NewLeastPrivilegeFunction(stack, name, &constructs.LeastPrivilegeFunctionProps{
					Name: "orders", Code: code, Grants: []constructs.Grant{c.grant},
				})
			}, c.props...)
		})
	}
}

func TestGrant_StreamsOfOneLogGroup_AreAllowed(t *testing.T) {
	template := function(t, func(_ awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
		p.Grants = []constructs.Grant{constructs.AllowActions("Audit", []string{"logs:PutLogEvents"},
			"arn:aws:logs:eu-west-2:111122223333:log-group:audit:*")}
	})
	if statement(template, "Audit") == nil {
		t.Error("the grant did not reach the role")
	}
}

func TestEnvironment_ReservedNames_AreRefused(t *testing.T) {
	cases := map[string]struct {
		environment map[string]string
		props       []string
	}{
		"Lambda's region":     {map[string]string{"AWS_REGION": "eu-west-2"}, []string{`Environment["AWS_REGION"]`}},
		"Lambda's folder":     {map[string]string{"LAMBDA_TASK_ROOT": "/"}, []string{`Environment["LAMBDA_TASK_ROOT"]`}},
		"Lambda's handler":    {map[string]string{"_HANDLER": "x"}, []string{`Environment["_HANDLER"]`}},
		"name with a dash":    {map[string]string{"TABLE-NAME": "x"}, []string{`Environment["TABLE-NAME"]`}},
		"a secret":            {map[string]string{"JWT_SECRET": "abc"}, []string{`Environment["JWT_SECRET"]`}},
		"an API key":          {map[string]string{"OPENAI_API_KEY": "abc"}, []string{`Environment["OPENAI_API_KEY"]`}},
		"a password":          {map[string]string{"password": "abc"}, []string{`Environment["password"]`}},
		"two, in their order": {map[string]string{"B_TOKEN": "b", "A_TOKEN": "a"}, []string{`Environment["A_TOKEN"]`, `Environment["B_TOKEN"]`}},
		"more than 4 KB":      {map[string]string{"BIG": strings.Repeat("x", 4094)}, []string{"Environment"}},
	}
	stack, code := newStack(), bootstrap(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			refused(t, func() {
				constructs.NewLeastPrivilegeFunction(stack, name, &constructs.LeastPrivilegeFunctionProps{
					Name: "orders", Code: code, Environment: c.environment,
				})
			}, c.props...)
		})
	}
}

func TestEnvironment_SecretNamesAndFourKilobytes_AreAllowed(t *testing.T) {
	environment := map[string]string{"JWT_SECRET_NAME": "shop/prod/jwt", "STACK_TOKEN": *awscdk.Aws_STACK_NAME()}
	room := 4096 - len("BIG")
	for name, value := range environment {
		room -= len(name) + len(value)
	}
	environment["BIG"] = strings.Repeat("x", room)
	template := function(t, func(_ awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) { p.Environment = environment })
	variables := at(only(t, template, "AWS::Lambda::Function"), "Properties", "Environment", "Variables")
	equal(t, "name", at(variables, "JWT_SECRET_NAME"), `"shop/prod/jwt"`)
	equal(t, "reference", at(variables, "STACK_TOKEN"), `{"Ref": "AWS::StackName"}`)
}
