package cost

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
)

// local has no zone, so nothing is added to what a test's resources cost.
func fixedOf(t *testing.T, resources ...Resource) (map[string]float64, error) {
	t.Helper()
	cfg, err := config.Load("local")
	if err != nil {
		t.Fatal(err)
	}
	prices, err := Prices()
	if err != nil {
		t.Fatal(err)
	}
	stack := Stack{Name: "stack", Resources: map[string]Resource{}}
	for i, resource := range resources {
		stack.Resources[string(rune('A'+i))] = resource
	}
	items, err := Fixed(cfg, []Stack{stack}, prices)
	quantities := map[string]float64{}
	for _, item := range items {
		quantities[item.Price] += item.Quantity
	}
	return quantities, err
}

func TestFixed_UnknownType_NamesResourceAndType(t *testing.T) {
	_, err := fixedOf(t, Resource{Type: "AWS::RDS::DBCluster"}, Resource{Type: "AWS::KMS::Key"}, Resource{Type: "AWS::Redshift::Cluster"})
	for _, want := range []string{"stack/A: AWS::RDS::DBCluster has no price", "stack/C: AWS::Redshift::Cluster has no price"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestFixed_EachType_CountsWhatAWSCharges(t *testing.T) {
	object := func(pairs ...any) map[string]any {
		o := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			o[pairs[i].(string)] = pairs[i+1]
		}
		return o
	}
	metric := object("Id", "m", "MetricStat", object())
	for _, tc := range []struct {
		name      string
		resources []Resource
		price     string
		want      float64
	}{
		{"a secret with a replica", []Resource{{"AWS::SecretsManager::Secret", object("ReplicaRegions", []any{object()})}}, "secret", 2},
		{"an alarm on one metric", []Resource{{"AWS::CloudWatch::Alarm", object("MetricName", "Errors", "Period", 300.0)}}, "alarm-metric", 1},
		{"an alarm on a quick metric", []Resource{{"AWS::CloudWatch::Alarm", object("MetricName", "Errors", "Period", 10.0)}}, "alarm-metric-fast", 1},
		{"an alarm on the ratio of two metrics", []Resource{{"AWS::CloudWatch::Alarm", object("Metrics", []any{object("Expression", "a/b"), metric, metric})}}, "alarm-metric", 2},
		{"an alarm over all functions but one", []Resource{
			{"AWS::CloudWatch::Alarm", object("Metrics", []any{object("Expression", `SELECT SUM(Errors) FROM SCHEMA("AWS/Lambda", FunctionName) WHERE FunctionName != 'a'`)})},
			{"AWS::Lambda::Function", nil}, {"AWS::Lambda::Function", nil}, {"AWS::Lambda::Function", nil},
		}, "alarm-insights-metric", 2},
		{"a consumer of a queue", []Resource{{"AWS::Lambda::EventSourceMapping", object("BatchSize", 10.0)}}, "queue-request", 657_000},
		{"a consumer of a stream", []Resource{{"AWS::Lambda::EventSourceMapping", object("StartingPosition", "TRIM_HORIZON")}}, "queue-request", 0},
		{"a web ACL of two rules", []Resource{{"AWS::WAFv2::WebACL", object("Scope", "REGIONAL", "Rules", []any{object(), object()})}}, "waf-rule", 2},
		{"an interface endpoint in two zones", []Resource{{"AWS::EC2::VPCEndpoint", object("VpcEndpointType", "Interface", "SubnetIds", []any{"a", "b"})}}, "endpoint-hour", 1460},
		{"a gateway endpoint", []Resource{{"AWS::EC2::VPCEndpoint", object("VpcEndpointType", "Gateway")}}, "endpoint-hour", 0},
		{"a NAT gateway", []Resource{{"AWS::EC2::NatGateway", nil}}, "nat-hour", 730},
		{"a NAT instance", []Resource{{"AWS::EC2::Instance", object("InstanceType", "t4g.nano", "NetworkInterfaces", []any{object("AssociatePublicIpAddress", true)})}}, "ipv4-hour", 730},
		{"a trail of management events", []Resource{{"AWS::CloudTrail::Trail", nil}}, "trail-data-event", 0},
		{"a trail of data events", []Resource{{"AWS::CloudTrail::Trail", object("EventSelectors", []any{object("DataResources", []any{})})}}, "trail-data-event", dataEvents},
		{"an analyzer of external access", []Resource{{"AWS::AccessAnalyzer::Analyzer", object("Type", "ACCOUNT")}, {"AWS::IAM::Role", nil}}, "unused-access", 0},
		{"an analyzer of unused access", []Resource{{"AWS::AccessAnalyzer::Analyzer", object("Type", "ACCOUNT_UNUSED_ACCESS")}, {"AWS::IAM::Role", nil}}, "unused-access", 1},
		{"a standard over one key", []Resource{{"AWS::SecurityHub::Standard", nil}, {"AWS::KMS::Key", nil}}, "security-hub-check", checksOfResource},
		{"GuardDuty with S3", []Resource{{"AWS::GuardDuty::Detector", object("Features", []any{object("Name", "S3_DATA_EVENTS", "Status", "ENABLED")})}}, "guardduty-s3-event", dataEvents},
		{"GuardDuty without S3", []Resource{{"AWS::GuardDuty::Detector", object("Features", []any{object("Name", "S3_DATA_EVENTS", "Status", "DISABLED")})}}, "guardduty-s3-event", 0},
	} {
		got, err := fixedOf(t, tc.resources...)
		if err != nil || got[tc.price] != tc.want {
			t.Errorf("%s: got %v of %s, want %v (%v)", tc.name, got[tc.price], tc.price, tc.want, err)
		}
	}
}

func TestFixed_EveryPrice_IsInList(t *testing.T) {
	prices, err := Prices()
	if err != nil {
		t.Fatal(err)
	}
	for key, price := range prices.Prices {
		if price.USD <= 0 || price.Unit == "" || price.Region == "" || !strings.HasPrefix(price.Source, "https://aws.amazon.com/") {
			t.Errorf("%s: %+v lacks its amount, unit, region or source", key, price)
		}
	}
	if _, err := prices.item("control", "no-such-price", 1); err == nil {
		t.Error("an unknown price is no error")
	}
}

func TestItem_FreeTier_IsCountedApart(t *testing.T) {
	list := PriceList{Prices: map[string]Price{"alarm": {USD: 0.1, Free: 10}}}
	for quantity, free := range map[float64]float64{4: 0.4, 25: 1} {
		item, err := list.item("alarms", "alarm", quantity)
		if err != nil || item.USD != quantity*0.1 || item.FreeUSD != free {
			t.Errorf("%v: got %+v, %v", quantity, item, err)
		}
	}
}

func TestCheckBudget_AboveBudget_NamesEveryRow(t *testing.T) {
	report := Report{Stage: "prod", Profile: config.Lean, BudgetUSD: 10, FixedUSD: 10, Fixed: []Item{{Control: "encryption keys", USD: 4}, {Control: "alarms", USD: 6}}}
	if err := report.CheckBudget(); err != nil {
		t.Errorf("within the budget: %v", err)
	}
	report.FixedUSD = 10.01
	err := report.CheckBudget()
	for _, want := range []string{"config/prod.go", "encryption keys", "alarms"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// Twice the users cost twice as much; the fixed part stays.
func TestEstimate_Growth_IsFixedPartPlusUsers(t *testing.T) {
	cfg, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	report, err := Estimate(cfg, []Stack{{Name: "expenzez-prod-core", Resources: map[string]Resource{"Key": {Type: "AWS::KMS::Key"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range report.Growth {
		if math.Abs(g.TotalUSD-report.FixedUSD-g.Users*report.Growth[1].VariableUSD/1000) > 0.01 {
			t.Errorf("%s: %.2f USD", g.Name, g.TotalUSD)
		}
	}
	if seed := totalOf(report.Growth[0].Variable, "API Gateway"); math.Abs(seed-seedAPIUSD) > 0.01 {
		t.Errorf("the first estimate's traffic pays %.2f USD for API Gateway, not %d", seed, seedAPIUSD)
	}
}

func TestCustomMetrics_AreThoseOfTelemetryPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/telemetry.md")
	if err != nil {
		t.Fatal(err)
	}
	prices, err := Prices()
	if err != nil {
		t.Fatal(err)
	}
	item, err := prices.item("", "custom-metric", customMetrics)
	if err != nil || !strings.Contains(string(page), usd(item.USD)+" USD a month at most") {
		t.Errorf("docs/telemetry.md does not say that the metrics cost %s USD a month at most (%v)", usd(item.USD), err)
	}
}

func TestReadStacks_EmptyFolder_SaysWhatToDo(t *testing.T) {
	if _, err := ReadStacks(t.TempDir()); err == nil || !strings.Contains(err.Error(), "make synth") {
		t.Errorf("got %v", err)
	}
}

func TestEstimate_StackOfOtherStage_IsRefused(t *testing.T) {
	cfg, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Estimate(cfg, []Stack{{Name: "expenzez-prod-core"}, {Name: "expenzez-dev-core"}}); err == nil || !strings.Contains(err.Error(), "expenzez-dev-core") {
		t.Errorf("got %v", err)
	}
}
