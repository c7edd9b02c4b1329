package cost

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
)

// amounts are quantities by service and price.
type amounts map[fixedKey]float64

func (a amounts) add(service, price string, quantity float64) {
	a[fixedKey{service, price}] += quantity
}

// requestAmounts returns what one request to a route causes.
func requestAmounts(cfg config.Config, key string, measured Operation) (amounts, error) {
	f, err := functionOf(key)
	if err != nil {
		return nil, err
	}
	a, err := invocationAmounts(cfg, f, key, measured)
	if err != nil {
		return nil, err
	}
	a.add("API Gateway", "http-api-request", 1)
	a.add("CloudFront", "cloudfront-request", 1)
	a.add("CloudFront", "cloudfront-function", 1)
	a.add("CloudFront", "cloudfront-transfer", responseBytes/1e9)
	a.add("AWS WAF", "waf-request", 1)
	a.addLog(cfg, accessLogBytes)
	return a, nil
}

// addLog adds what a text in a log costs.
func (a amounts) addLog(cfg config.Config, bytes int) {
	a.add("CloudWatch", "log-ingest", float64(bytes)/1e9)
	a.add("CloudWatch", "log-storage", float64(bytes)/1e9*float64(cfg.Logs.RetentionDays)/30)
}

// milliseconds returns how long an invocation is assumed to take.
func milliseconds(key string, measured Operation) (float64, error) {
	ms := baseMilliseconds + coldStartShare*coldStartMS + float64(measured.KMS)*callMilliseconds["KMS"]
	for _, call := range measured.Calls {
		service, _, _ := strings.Cut(call, ".")
		took, known := callMilliseconds[service]
		if !known {
			return 0, fmt.Errorf("%s calls %s: add the service to callMilliseconds in internal/cost/usage.go", key, call)
		}
		ms += took
	}
	return ms, nil
}

// invocationAmounts returns what one invocation of a function causes.
func invocationAmounts(cfg config.Config, f *function.Function, key string, measured Operation) (amounts, error) {
	ms, err := milliseconds(key, measured)
	if err != nil {
		return nil, err
	}
	a := amounts{}
	throughEndpoints := measured.KMS
	for _, call := range measured.Calls {
		service, operation, isAWS := strings.Cut(call, ".")
		if operation == "AdminInitiateAuth" || operation == "GetTokensFromRefreshToken" { // it calls the trigger that sets the token's scope
			a.add("Lambda", "lambda-request", 1)
			a.add("Lambda", "lambda-gb-second", baseMilliseconds/1000.0*float64(memoryOf(cfg, f))/1024)
		}
		switch service {
		case "SESv2":
			a.add("SES", "email", 1)
		case "SNS":
			a.add("SNS and SQS", "topic-request", 1)
		case "SQS":
			a.add("SNS and SQS", "queue-request", 1)
		}
		// AWS WAF sees no call that IAM authorizes.
		if service == "Cognito Identity Provider" && cfg.WAF.UserPool && !strings.HasPrefix(operation, "Admin") {
			a.add("AWS WAF", "waf-request", 1)
		}
		if isAWS && service != "DynamoDB" { // its gateway endpoint is free
			throughEndpoints++
		}
	}
	a.add("Lambda", "lambda-request", 1)
	a.add("Lambda", "lambda-gb-second", ms/1000*float64(memoryOf(cfg, f))/1024)
	a.add("DynamoDB", "table-read", measured.Reads)
	a.add("DynamoDB", "table-write", measured.Writes)
	a.add("KMS", "kms-request", float64(measured.KMS))
	a.addLog(cfg, measured.LogBytes)
	var spans float64
	if cfg.Traces.XRay() {
		spans = float64(1+measured.KMS+len(measured.Calls)) * spanBytes / 1e9
		a.add("CloudWatch", "span", spans)
	}
	if cfg.Controls.Network.InVPC() {
		a.add("PrivateLink", "endpoint-data", spans+float64(throughEndpoints*callBytes)/1e9)
	}
	return a, nil
}

func memoryOf(cfg config.Config, f *function.Function) int {
	return cmp.Or(f.MemoryMB, cfg.Functions.MemoryMB)
}

// functionOf returns the function that serves a route.
func functionOf(key string) (*function.Function, error) {
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, route := range f.Routes {
				if route.Key == key {
					return f, nil
				}
			}
		}
	}
	return nil, fmt.Errorf("no function serves %s: correct monthOfUser in internal/cost/usage.go", key)
}

// userAmounts returns what one active user causes in a month.
func userAmounts(cfg config.Config, operations map[string]Operation) (amounts, error) {
	month := amounts{}
	for _, use := range monthOfUser {
		measured, known := operations[use.Key]
		if !known {
			return nil, fmt.Errorf("%s is not measured: add the route to measuredRequests in lambdas/operation_calls_test.go", use.Key)
		}
		request, err := requestAmounts(cfg, use.Key, measured)
		if err != nil {
			return nil, err
		}
		for key, quantity := range request {
			month[key] += use.Times * quantity
		}
	}
	month.add("SES", "email", emailsOfUser)
	month.add("DynamoDB", "table-storage", tableGBOfUser)
	month.add("DynamoDB", "table-recovery", tableGBOfUser)
	plan := "cognito-essentials-user"
	if cfg.ThreatProtection {
		plan = "cognito-plus-user"
	}
	month.add("Cognito", plan, 1)
	return month, nil
}
