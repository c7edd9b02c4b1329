package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas"
)

// sizes are the measured sizes of memory, in MB.
var sizes = []int{128, 256, 512, 1024}

// serviceDelay is how long each call of AWS takes, about as long as DynamoDB takes within
// a region. Cognito takes longer, whatever the size.
const serviceDelay = 5 * time.Millisecond

// Prices of Lambda in eu-west-2 on arm64, in USD, on 28 November 2026.
// https://aws.amazon.com/lambda/pricing/
const (
	pricePerGBSecond       = 0.0000133334
	pricePerMillionInvokes = 0.20
)

// measuredUser is the user of the signed-in requests.
const measuredUser = "11111111-2222-4333-8444-555555555555"

// sized is a request that stands for functions of its kind.
type sized struct {
	kind, function, route, body string
	want                        string // in the response
	signedIn                    bool
	items                       map[string]string // see services
}

var sizedRequests = []sized{
	{kind: "answers without a call", function: "health", route: "GET /health", want: `"statusCode":200`},
	{kind: "signs in by Cognito", function: "auth-login", route: "POST /auth/login", body: `{"username":"ada.lovelace","password":"wrong-password-1"}`, want: `"statusCode":401`},
	{kind: "reads 50 items", function: "goals-list", route: "GET /goals", want: `\"completedGoals\"`, signedIn: true, items: map[string]string{
		"GetItem none": measuredItem, "Query none": measuredGoals(50), "Decrypt ": measuredKey,
	}},
	{kind: "hashes a PIN", function: "applock-pin", route: "POST /security/setup-pin", body: `{"pin":"48151","deviceId":"ios__1","biometricEnabled":false}`, want: `"statusCode":200`, signedIn: true, items: map[string]string{
		"GetItem none": measuredItem, "Decrypt ": measuredKey,
	}},
}

// measuredItem is the user's item, with a data key that measuredKey unwraps. Items have no
// sealed fields, since only functions can make them; opening one takes microseconds.
const (
	measuredItem = `{"Item":{"userId":{"S":"` + measuredUser + `"},"username":{"S":"ada"},"dataKey":{"B":"d3JhcHBlZA=="}}}`
	measuredKey  = `{"KeyId":"key","Plaintext":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`
)

func measuredGoals(n int) string {
	goals := make([]string, n)
	for i := range goals {
		goals[i] = fmt.Sprintf(`{"userId":{"S":"%s"},"goalId":{"S":"%013d-goal"},"type":{"S":"savings"},"priority":{"S":"high"},"targetAmount":{"N":"1000"},`+
			`"currentAmount":{"N":"50"},"targetDate":{"N":"1900000000000"},"paused":{"BOOL":false},"createdAt":{"N":"1700000000000"}}`, measuredUser, 1_700_000_000_000+i)
	}
	return fmt.Sprintf(`{"Items":[%s],"Count":%d,"ScannedCount":%d}`, strings.Join(goals, ","), n, n)
}

// reportSizes measures each request at each size, n starts each, and prints the lower
// quartiles as a table in Markdown.
func reportSizes(out io.Writer, n int) error {
	fmt.Fprintln(out, "| a function that | MB | start, ms | first request, ms | later request, ms | USD a million later requests | memory, MB |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|---|")
	return withServices(func(aws *services) error {
		aws.delay = serviceDelay
		for _, request := range sizedRequests {
			aws.items = request.items
			for _, size := range sizes {
				runs, err := measureSize(aws, request, size, n)
				if err != nil {
					return fmt.Errorf("%s at %d MB: %w", request.function, size, err)
				}
				fmt.Fprintln(out, sizeRow(request, size, runs))
			}
		}
		return nil
	})
}

func measureSize(aws *services, of sized, memoryMB, n int) ([]run, error) {
	variables, err := environment(of.function, aws)
	if err != nil {
		return nil, err
	}
	path, err := build(".", ".build", packageOf(of.function))
	if err != nil {
		return nil, err
	}
	limited, err := newShare(memoryMB)
	if err != nil {
		return nil, err
	}
	defer limited.remove()
	p := program{path: path, environment: variables, share: limited}
	runs := make([]run, n)
	for i := range runs {
		if runs[i], err = p.start(of.event()); err != nil {
			return nil, err
		}
		for _, request := range runs[i].requests {
			if !strings.Contains(request.response, of.want) {
				return nil, fmt.Errorf("answered %s, want %s", request.response, of.want)
			}
		}
	}
	return runs, nil
}

func packageOf(name string) string {
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			if f.Name == name {
				return domain.Package()
			}
		}
	}
	return ""
}

// event is the request as API Gateway sends it.
func (s sized) event() string {
	method, path, _ := strings.Cut(s.route, " ")
	authorizer := ""
	if s.signedIn {
		authorizer = fmt.Sprintf(`,"authorizer":{"jwt":{"claims":{"token_use":"access","sub":%q,"username":"ada","jti":"t1","origin_jti":"s1","iat":"1700000000"}}}`, measuredUser)
	}
	return fmt.Sprintf(`{"version":"2.0","routeKey":%q,"rawPath":%q,"headers":{"content-type":"application/json"},"body":%q,`+
		`"requestContext":{"requestId":"sizes","http":{"method":%q,"path":%q,"sourceIp":"192.0.2.1"}%s}}`, s.route, path, s.body, method, path, authorizer)
}

func sizeRow(of sized, memoryMB int, runs []run) string {
	// Other load on the machine only adds, so the slower half says little.
	quartile := func(measure func(run) float64) float64 {
		values := make([]float64, len(runs))
		for i, r := range runs {
			values[i] = measure(r)
		}
		slices.SortFunc(values, cmp.Compare)
		return values[len(values)/4]
	}
	later := quartile(func(r run) float64 { return milliseconds(r.requests[1].wall) })
	price := pricePerMillionInvokes + later*1000*float64(memoryMB)/1024*pricePerGBSecond
	return fmt.Sprintf("| %s (`%s`) | %d | %.0f | %.0f | %.0f | %.2f | %.0f |", of.kind, of.function, memoryMB,
		quartile(func(r run) float64 { return milliseconds(r.firstPoll) }),
		quartile(func(r run) float64 { return milliseconds(r.requests[0].wall) }), later, price,
		quartile(func(r run) float64 { return float64(r.peak) / 1e6 }))
}
