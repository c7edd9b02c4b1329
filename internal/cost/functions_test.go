package cost

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
)

var update = flag.Bool("update", false, "write docs/functions.md anew")

const functionsPage = "../../docs/functions.md"

func TestFunctionsPage_Page_IsCurrent(t *testing.T) {
	prod, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	page, err := FunctionsPage(prod)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(functionsPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if written, err := os.ReadFile(functionsPage); err != nil || string(written) != page {
		t.Errorf("docs/functions.md is out of date: run go test ./internal/cost -run TestFunctionsPage -update (%v)", err)
	}
}

func TestFunctionsPage_UnmeasuredOrUnknown_IsNamed(t *testing.T) {
	prod, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	whole := []byte(operationsFile)
	t.Cleanup(func() { operationsFile = whole })
	operationsFile = []byte(strings.Replace(string(whole), `"GET /goals"`, `"GET /dreams"`, 1))
	_, err = FunctionsPage(prod)
	for _, want := range []string{"GET /goals is not measured", "GET /dreams is measured and belongs to no function"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestPriceOf_Invocation_AddsLambdaAndItsCalls(t *testing.T) {
	prod, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	prices, err := Prices()
	if err != nil {
		t.Fatal(err)
	}
	f := slices.Collect(functions())[0]
	ms, idle, err := priceOf(prod, f, "x", Operation{}, prices)
	spans := 1000 * spanBytes / 1e9 * prices.Prices["span"].USD
	if want := spans + 1000*(prices.Prices["lambda-request"].USD+ms/1000*float64(memoryOf(prod, f))/1024*prices.Prices["lambda-gb-second"].USD); err != nil || idle < want*0.999 || idle > want*1.001 {
		t.Errorf("1,000 idle invocations of %v ms cost %v, not %v, %v", ms, idle, want, err)
	}
	_, written, err := priceOf(prod, f, "x", Operation{Writes: 3}, prices)
	if want := 3000 * prices.Prices["table-write"].USD; err != nil || written-idle < want*0.999 || written-idle > want*1.001 {
		t.Errorf("three writes cost %v more, not %v, %v", written-idle, want, err)
	}
	if _, _, err = priceOf(prod, f, "x", Operation{Calls: []string{"Unknown.Call"}}, prices); err == nil {
		t.Error("a call of an unknown service has a price")
	}
}

func TestInvocationAmounts_MessagesAndEmails_AreCountedByCall(t *testing.T) {
	prod, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	calls := []string{"SESv2.SendEmail", "SNS.Publish", "SNS.PublishBatch", "SQS.SendMessage", "SQS.SendMessage", "SQS.SendMessageBatch"}
	got, err := invocationAmounts(prod, slices.Collect(functions())[0], "x", Operation{Calls: calls})
	if err != nil || got[fixedKey{"SES", "email"}] != 1 || got[fixedKey{"SNS and SQS", "topic-request"}] != 2 || got[fixedKey{"SNS and SQS", "queue-request"}] != 3 {
		t.Errorf("%v cause %v, %v", calls, got, err)
	}
}
