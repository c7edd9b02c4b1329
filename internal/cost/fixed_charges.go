package cost

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/expenzez/infrastructure/config"
)

// customMetrics is how many metrics the functions may write in a month (docs/telemetry.md).
const customMetrics = 40

// What services that watch the account find to charge in a small account. They are assumptions: compare them
// with the first month's invoice.
const (
	managementEvents = 300_000 // calls a month of people, deployments and services
	configItems      = 1_500   // changes a month of recorded resources, by eight deployments
	ruleEvaluations  = 300     // evaluations a month of one rule, on changes and once a day
	checksOfResource = 3 * 30  // three controls of the foundational standard for a resource, once a day
	flowLogGB        = 2       // flow logs a month of functions and endpoints
	backupGB         = 5       // of tables, times the copies that the plan keeps
	restoresPerMonth = 1
	dataEvents       = 100_000 // data events a month outside of requests
)

// checkedTypes are the types that the foundational standard has controls for.
// https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html
var checkedTypes = []string{
	"AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic",
	"AWS::KMS::Key", "AWS::SecretsManager::Secret", "AWS::CloudFront::Distribution", "AWS::ApiGatewayV2::Stage", "AWS::IAM::Role",
}

// secretCharges counts a secret and its replicas.
func secretCharges(r Resource, _ []Stack) ([]charge, error) {
	return []charge{{config.SecretsControl, "secret", 1 + float64(len(r.list("ReplicaRegions")))}}, nil
}

// insightsSchema finds the service whose metrics a Metrics Insights query analyses.
var insightsSchema = regexp.MustCompile(`FROM SCHEMA\("([^"]+)"`)

// insightsTypes are the types whose resources have the metrics of a service.
var insightsTypes = map[string]string{
	"AWS/Lambda":   "AWS::Lambda::Function",
	"AWS/DynamoDB": "AWS::DynamoDB::Table",
	"AWS/SQS":      "AWS::SQS::Queue",
}

// alarmCharges counts the metrics of an alarm. An alarm over a Metrics Insights query is charged for each
// metric that the query analyses.
func alarmCharges(r Resource, stacks []Stack) ([]charge, error) {
	price, control := "alarm-metric", config.AlarmsControl
	if period, _ := r.Properties["Period"].(float64); period > 0 && period < 60 {
		price = "alarm-metric-fast"
	}
	if r.Properties["Metrics"] == nil {
		return []charge{{control, price, 1}}, nil
	}
	var charges []charge
	for _, query := range r.list("Metrics") {
		metric, _ := query.(map[string]any)
		expression, _ := metric["Expression"].(string)
		if metric["MetricStat"] != nil {
			charges = append(charges, charge{control, price, 1})
		} else if strings.HasPrefix(expression, "SELECT ") {
			schema := insightsSchema.FindStringSubmatch(expression)
			if schema == nil || insightsTypes[schema[1]] == "" {
				return nil, fmt.Errorf("the alarm's query %q analyses metrics of a type that insightsTypes lacks: add the type in internal/cost/fixed_charges.go", expression)
			}
			analysed := count(stacks, insightsTypes[schema[1]]) - strings.Count(expression, " != ")
			charges = append(charges, charge{config.FleetAlarmsControl, "alarm-insights-metric", float64(analysed)})
		}
	}
	return charges, nil
}

// What Lambda asks of an empty queue: five pollers, each waiting up to 20 seconds for a message.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
const (
	pollersOfQueue   = 5
	pollsPerHour     = 60 * 60 / 20
	pollsOfIdleQueue = pollersOfQueue * pollsPerHour * hoursPerMonth
)

// pollingCharges counts the requests with which Lambda polls a queue. Those of a stream, which has a starting
// position, are free.
func pollingCharges(r Resource, _ []Stack) ([]charge, error) {
	if r.text("StartingPosition") != "" {
		return nil, nil
	}
	return []charge{{config.PollingControl, "queue-request", pollsOfIdleQueue}}, nil
}

// webACLCharges counts a web ACL and its rules.
func webACLCharges(r Resource, _ []Stack) ([]charge, error) {
	control := config.UserPoolACLControl
	if r.text("Scope") == "CLOUDFRONT" {
		control = config.EdgeACLControl
	}
	return []charge{{control, "web-acl", 1}, {control, "waf-rule", float64(len(r.list("Rules")))}}, nil
}

// endpointCharges counts an interface endpoint in each of its zones. Gateway endpoints are free.
func endpointCharges(r Resource, _ []Stack) ([]charge, error) {
	if r.text("VpcEndpointType") != "Interface" {
		return nil, nil
	}
	zones := float64(len(r.list("SubnetIds")))
	return []charge{{config.PrivateNetworkControl, "endpoint-hour", zones * hoursPerMonth}}, nil
}

// instanceVolumeGB is the root volume of a NAT instance (constructs/network_egress.go).
const instanceVolumeGB = 8

// instanceCharges counts an instance's hours, its volume and its public addresses.
func instanceCharges(r Resource, _ []Stack) ([]charge, error) {
	charges := []charge{{config.EgressControl, r.text("InstanceType") + "-hour", hoursPerMonth}, {config.EgressControl, "volume", instanceVolumeGB}}
	for _, item := range r.list("NetworkInterfaces") {
		if face, _ := item.(map[string]any); face["AssociatePublicIpAddress"] == true {
			charges = append(charges, charge{config.EgressControl, "ipv4-hour", hoursPerMonth})
		}
	}
	return charges, nil
}

// flowLogCharges counts the bytes of a flow log where it goes.
func flowLogCharges(r Resource, _ []Stack) ([]charge, error) {
	price := "log-vended"
	if r.text("LogDestinationType") == "s3" {
		price = "log-delivery"
	}
	return []charge{{config.FlowLogsControl, price, flowLogGB}}, nil
}

// trailCharges counts data events and Insights. The first copy of management events is free.
func trailCharges(r Resource, _ []Stack) ([]charge, error) {
	charges := []charge{{config.TrailControl, "bucket-storage", 1}}
	if len(r.list("AdvancedEventSelectors")) > 1 || hasDataEvents(r) {
		charges = append(charges, charge{config.TrailControl, "trail-data-event", dataEvents})
	}
	if len(r.list("InsightSelectors")) > 0 {
		charges = append(charges, charge{config.TrailControl, "trail-insight-event", managementEvents})
	}
	return charges, nil
}

func hasDataEvents(r Resource) bool {
	for _, selector := range r.list("EventSelectors") {
		if chosen, _ := selector.(map[string]any); chosen["DataResources"] != nil {
			return true
		}
	}
	return false
}

// detectorCharges counts what a detector analyses: management events always, and what its features add.
func detectorCharges(r Resource, _ []Stack) ([]charge, error) {
	charges := []charge{{config.ThreatDetectionControl, "guardduty-event", managementEvents}, {config.ThreatDetectionControl, "guardduty-flow", flowLogGB}}
	for _, feature := range r.list("Features") {
		if chosen, _ := feature.(map[string]any); chosen["Name"] == "S3_DATA_EVENTS" && chosen["Status"] == "ENABLED" {
			charges = append(charges, charge{config.ThreatDetectionControl, "guardduty-s3-event", dataEvents})
		}
	}
	return charges, nil
}

// standardCharges counts the checks of the resources that a standard has controls for.
func standardCharges(_ Resource, stacks []Stack) ([]charge, error) {
	resources := 0
	for _, kind := range checkedTypes {
		resources += count(stacks, kind)
	}
	return []charge{{config.ComplianceControl, "security-hub-check", float64(resources * checksOfResource)}}, nil
}

// analyzerCharges counts the roles that an analyzer of unused access looks at. An analyzer of external access
// is free.
func analyzerCharges(r Resource, stacks []Stack) ([]charge, error) {
	if !strings.Contains(r.text("Type"), "UNUSED_ACCESS") {
		return nil, nil
	}
	return []charge{{config.AccessAnalysisControl, "unused-access", float64(count(stacks, "AWS::IAM::Role"))}}, nil
}

// backupCharges counts what a plan stores.
func backupCharges(Resource, []Stack) ([]charge, error) {
	return []charge{{config.BackupsControl, "backup-storage", backupGB}}, nil
}
