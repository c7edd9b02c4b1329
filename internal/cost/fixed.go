package cost

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/config"
)

// hoursPerMonth is AWS's month: 730 hours.
const hoursPerMonth = 730

// charge is what one resource costs in a month: a quantity of a price, for a control.
type charge struct {
	control  config.Control
	price    string
	quantity float64
}

// chargesOf returns what a resource of a type costs. stacks are all stacks of the stage.
type chargesOf func(r Resource, stacks []Stack) ([]charge, error)

// fixedPrices are the resource types with a price of their own. A type that is in neither this map nor
// unpriced is an error.
var fixedPrices = map[string]chargesOf{
	"AWS::KMS::Key":                        one(config.KeysControl, "kms-key"),
	"AWS::KMS::ReplicaKey":                 one(config.KeysControl, "kms-key"),
	"AWS::SecretsManager::Secret":          secretCharges,
	"AWS::CloudWatch::Alarm":               alarmCharges,
	"AWS::CloudWatch::CompositeAlarm":      one(config.AlarmsControl, "alarm-composite"),
	"AWS::CloudWatch::Dashboard":           one(config.DashboardsControl, "dashboard"),
	"AWS::Lambda::EventSourceMapping":      pollingCharges,
	"AWS::Logs::MetricFilter":              one(config.CustomMetricsControl, "custom-metric"),
	"AWS::WAFv2::WebACL":                   webACLCharges,
	"AWS::Route53::HostedZone":             one(config.DNSControl, "hosted-zone"),
	"AWS::EC2::VPCEndpoint":                endpointCharges,
	"AWS::EC2::NatGateway":                 hourly(config.EgressControl, "nat-hour"),
	"AWS::EC2::EIP":                        hourly(config.EgressControl, "ipv4-hour"),
	"AWS::EC2::Instance":                   instanceCharges,
	"AWS::EC2::FlowLog":                    flowLogCharges,
	"AWS::CloudTrail::Trail":               trailCharges,
	"AWS::GuardDuty::Detector":             detectorCharges,
	"AWS::SecurityHub::Standard":           standardCharges,
	"AWS::Config::ConfigurationRecorder":   one(config.ConfigRecorderControl, "config-item", configItems),
	"AWS::Config::ConfigRule":              one(config.ConfigRecorderControl, "config-evaluation", ruleEvaluations),
	"AWS::AccessAnalyzer::Analyzer":        analyzerCharges,
	"AWS::Budgets::BudgetsAction":          one(config.CostAlarmsControl, "action-budget"),
	"AWS::Backup::BackupPlan":              backupCharges,
	"AWS::Backup::RestoreTestingSelection": one(config.BackupsControl, "restore-test", restoresPerMonth),
}

// one returns the charge of a price once, or as often as quantity says.
func one(control config.Control, price string, quantity ...float64) chargesOf {
	n := 1.0
	for _, q := range quantity {
		n *= q
	}
	return func(Resource, []Stack) ([]charge, error) { return []charge{{control, price, n}}, nil }
}

// hourly returns the charge of a price for each hour of a month.
func hourly(control config.Control, price string) chargesOf {
	return one(control, price, hoursPerMonth)
}

// unpriced are the resource types without a fixed price, each with what a bill says of it.
var unpriced = map[string]string{
	"AWS::ApiGatewayV2::":                            "requests are charged, resources are not",
	"AWS::ApplicationSignals::ServiceLevelObjective": "charged by signal; no stage has one",
	"AWS::Backup::BackupSelection":                   "in the price of the backups",
	"AWS::Backup::BackupVault":                       "in the price of the backups",
	"AWS::Backup::RestoreTestingPlan":                "in the price of its selections",
	"AWS::Budgets::Budget":                           "free without an action",
	"AWS::CE::":                                      "cost anomaly detection is free",
	"AWS::CertificateManager::Certificate":           "public certificates are free",
	"AWS::Chatbot::SlackChannelConfiguration":        "free",
	"AWS::CloudFront::":                              "requests and bytes are charged",
	"AWS::CloudFormation::":                          "free",
	"AWS::CloudWatch::AnomalyDetector":               "in the price of its alarm",
	"AWS::CloudWatch::InsightRule":                   "one rule is free, no stage has more",
	"AWS::Cognito::":                                 "users are charged",
	"AWS::Config::DeliveryChannel":                   "in the price of the recorder",
	"AWS::DynamoDB::Table":                           "reads, writes and storage are charged",
	"AWS::EC2::DHCPOptions":                          "free",
	"AWS::EC2::EgressOnlyInternetGateway":            "free",
	"AWS::EC2::EIPAssociation":                       "in the price of the address",
	"AWS::EC2::InternetGateway":                      "free",
	"AWS::EC2::LaunchTemplate":                       "in the price of its instances",
	"AWS::EC2::NetworkAcl":                           "free",
	"AWS::EC2::NetworkInterface":                     "in the price of its instance",
	"AWS::EC2::PrefixList":                           "free",
	"AWS::EC2::Route":                                "free",
	"AWS::EC2::SecurityGroup":                        "free",
	"AWS::EC2::Subnet":                               "free",
	"AWS::EC2::VPC":                                  "free",
	"AWS::Events::":                                  "rules for events of AWS are free",
	"AWS::GuardDuty::":                               "in the price of the detector",
	"AWS::IAM::":                                     "free",
	"AWS::KMS::Alias":                                "free",
	"AWS::Lambda::":                                  "requests and duration are charged",
	"AWS::Logs::":                                    "bytes are charged",
	"AWS::ResourceGroups::Group":                     "free",
	"AWS::Route53::RecordSet":                        "alias queries are free",
	"AWS::S3::Bucket":                                "requests and bytes are charged",
	"AWS::SES::":                                     "e-mails are charged",
	"AWS::SNS::":                                     "publishes are charged",
	"AWS::SQS::":                                     "requests are charged",
	"AWS::SSM::":                                     "standard parameters are free",
	"AWS::Scheduler::":                               "invocations are charged",
	"AWS::SecretsManager::":                          "in the price of the secret",
	"AWS::SecurityHub::Hub":                          "in the price of its checks",
	"AWS::WAFv2::":                                   "in the price of the web ACL, which counts its rules",
	"AWS::XRay::":                                    "spans are charged",
	"Custom::":                                       "its function is charged",
}

// Fixed returns what the stacks cost in a month without a single request, by control and price. Its error
// names every resource whose type has no price.
func Fixed(cfg config.Config, stacks []Stack, prices PriceList) ([]Item, error) {
	quantities, err := fixedQuantities(cfg, stacks)
	if err != nil {
		return nil, err
	}
	order := map[string]int{}
	for i, control := range config.AllControls() {
		order[control.Name] = i
	}
	var items []Item
	for _, key := range slices.SortedFunc(maps.Keys(quantities), func(a, b fixedKey) int {
		return cmp.Or(cmp.Compare(order[a.control], order[b.control]), cmp.Compare(a.price, b.price))
	}) {
		item, err := prices.item(key.control, key.price, quantities[key])
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

type fixedKey struct{ control, price string }

func fixedQuantities(cfg config.Config, stacks []Stack) (map[fixedKey]float64, error) {
	quantities := map[fixedKey]float64{{config.CustomMetricsControl.Name, "custom-metric"}: customMetrics}
	if cfg.API.Edge.Zone.ID != "" {
		quantities[fixedKey{config.DNSControl.Name, "hosted-zone"}] = 1
	}
	var problems []error
	for _, stack := range stacks {
		for id, resource := range stack.Resources {
			charges, err := charged(resource, stacks)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s/%s: %w", stack.Name, id, err))
			}
			for _, c := range charges {
				quantities[fixedKey{c.control.Name, c.price}] += c.quantity
			}
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return quantities, errors.Join(problems...)
}

func charged(resource Resource, stacks []Stack) ([]charge, error) {
	if price, priced := fixedPrices[resource.Type]; priced {
		return price(resource, stacks)
	}
	for prefix := range unpriced {
		if strings.HasPrefix(resource.Type, prefix) {
			return nil, nil
		}
	}
	return nil, fmt.Errorf("%s has no price: add the type to fixedPrices, or to unpriced with a reason, in internal/cost/fixed.go", resource.Type)
}
