package cost

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
)

//go:embed functions.md.tmpl
var functionsTemplate string

// FunctionsPage returns docs/functions.md: every function of a stage, and what starts it
// with its price. It returns an error that names each operation and event that is not
// measured, and each that is measured and belongs to no function.
func FunctionsPage(cfg config.Config) (string, error) {
	started, err := startsOf(cfg)
	if err != nil {
		return "", err
	}
	prices, err := Prices()
	if err != nil {
		return "", err
	}
	page, err := template.New("functions").Parse(functionsTemplate)
	if err != nil {
		return "", err
	}
	operations := 0
	for _, start := range started {
		if start.isRoute {
			operations++
		}
	}
	var b strings.Builder
	err = page.Execute(&b, map[string]any{
		"Stage": cfg.Stage, "Date": prices.Date, "Functions": functionTable(cfg, started), "Starts": startTable(started),
		"Count": len(slices.Collect(functions())), "Operations": operations, "Events": len(started) - operations,
	})
	return b.String(), err
}

// start is something that starts a function: a route or another event.
type start struct {
	function *function.Function
	what     string
	isRoute  bool
	measured Operation
	ms, usd  float64 // usd for 1,000 invocations
}

// startsOf returns what starts each function, in the order of the declarations.
func startsOf(cfg config.Config) ([]start, error) {
	operations, err1 := Operations()
	events, err2 := Events()
	prices, err3 := Prices()
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	var started []start
	var problems []error
	add := func(f *function.Function, what, key string, isRoute bool, measured map[string]Operation) {
		found, known := measured[key]
		if !known {
			problems = append(problems, fmt.Errorf("%s is not measured: add it to lambdas/measured_requests_test.go or measured_events_test.go", key))
			return
		}
		delete(measured, key)
		one := start{function: f, what: what, isRoute: isRoute, measured: found}
		var err error
		one.ms, one.usd, err = priceOf(cfg, f, key, found, prices)
		started, problems = append(started, one), append(problems, err)
	}
	for f := range functions() {
		for _, route := range f.Routes {
			add(f, route.Key, route.Key, true, operations)
		}
		for _, event := range f.Events {
			add(f, textOf(event), f.Name+": "+event.Key, false, events)
		}
	}
	for _, left := range []map[string]Operation{operations, events} {
		for key := range left {
			problems = append(problems, fmt.Errorf("%s is measured and belongs to no function", key))
		}
	}
	return started, errors.Join(problems...)
}

// functions returns every function.
func functions() func(yield func(*function.Function) bool) {
	return func(yield func(*function.Function) bool) {
		for _, domain := range lambdas.Domains() {
			for _, f := range domain.Functions {
				if !yield(f) {
					return
				}
			}
		}
	}
}

// priceOf returns how long an invocation is assumed to take, and the price of 1,000.
func priceOf(cfg config.Config, f *function.Function, key string, measured Operation, prices PriceList) (ms, price float64, err error) {
	if ms, err = milliseconds(key, measured); err != nil {
		return 0, 0, err
	}
	amounts, err := invocationAmounts(cfg, f, key, measured)
	if err != nil {
		return 0, 0, err
	}
	items, err := amounts.items(1000, prices)
	price, _ = total(items)
	return ms, price, err
}

// textOf says what an event is.
func textOf(e function.Event) string {
	switch {
	case e.Cron != nil:
		return "schedule `" + e.Cron.Expression + "`, " + e.Cron.TimeZone
	case e.Every != 0:
		return "schedule, every " + strings.TrimSuffix(strings.TrimSuffix(e.Every.String(), "0s"), "0m")
	case e.Trigger != "":
		return "trigger of the user pool " + e.Key
	}
	return e.Key
}

func functionTable(cfg config.Config, started []start) string {
	rows := [][]string{{"function", "stack", "what it does", "memory", "timeout", "started by", "USD for 1,000"}}
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			timeout := f.Timeout
			if timeout == 0 {
				timeout = cfg.Functions.Timeout
			}
			rows = append(rows, []string{
				"`" + f.Name + "`", string(domain.Stack), f.Purpose, fmt.Sprint(memoryOf(cfg, f), " MB"), fmt.Sprintf("%.0f s", timeout.Seconds()), startsText(f), priceRange(f, started),
			})
		}
	}
	return leftAligned(rows)
}

// startsText counts the routes of a function and names its other events.
func startsText(f *function.Function) string {
	var parts []string
	switch len(f.Routes) {
	case 0:
	case 1:
		parts = append(parts, "1 route")
	default:
		parts = append(parts, fmt.Sprintf("%d routes", len(f.Routes)))
	}
	for _, event := range f.Events {
		parts = append(parts, textOf(event))
	}
	return strings.Join(parts, ", ")
}

// priceRange returns the least and the highest price of what starts a function.
func priceRange(f *function.Function, started []start) string {
	var all []float64
	for _, one := range started {
		if one.function == f {
			all = append(all, one.usd)
		}
	}
	if low, high := slices.Min(all), slices.Max(all); fourDecimals(low) != fourDecimals(high) {
		return fourDecimals(low) + " – " + fourDecimals(high)
	}
	return fourDecimals(all[0])
}

// fourDecimals returns a small amount.
func fourDecimals(usd float64) string { return fmt.Sprintf("%.4f", usd) }

func startTable(started []start) string {
	rows := [][]string{{"operation or event", "function", "calls", "KMS", "assumed", "USD for 1,000"}}
	for _, one := range started {
		what := one.what
		if one.isRoute {
			what = "`" + what + "`"
		}
		rows = append(rows, []string{what, "`" + one.function.Name + "`", callsText(one.measured.Calls), fmt.Sprint(one.measured.KMS), fmt.Sprintf("%.0f ms", one.ms), fourDecimals(one.usd)})
	}
	return leftAligned(rows)
}

// callsText returns sorted calls, each once with its number.
func callsText(calls []string) string {
	var parts []string
	for i := 0; i < len(calls); {
		same := i
		for same < len(calls) && calls[same] == calls[i] {
			same++
		}
		name := strings.Replace(strings.TrimPrefix(calls[i], "DynamoDB."), "Cognito Identity Provider.", "Cognito ", 1)
		if same-i > 1 {
			name = fmt.Sprintf("%d × %s", same-i, name)
		}
		parts, i = append(parts, name), same
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
