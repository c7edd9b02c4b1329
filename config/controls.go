package config

// Control is a part of a stage that costs money whether clients call or not. The price of each is in
// docs/cost.md, with this text.
type Control struct {
	// Name is how the tables of docs/cost.md call the control.
	Name string
	// Without says what the stage gives up without the control.
	Without string
}

// The controls that every stage has, and those that a stage chooses.
var (
	KeysControl            = Control{"encryption keys", "Data is under keys of AWS, which no key policy of the stage can close."}
	SecretsControl         = Control{"secrets", "Credentials of external services are in the code or the environment."}
	EdgeACLControl         = Control{"web ACL of the edge", "A single address can use up the API's throttle, and known attacks reach the functions."}
	UserPoolACLControl     = Control{"web ACL of the user pool", "A client with the pool's client id signs up and requests codes without a limit. Prod refuses this."}
	AlarmsControl          = Control{"alarms", "Errors, delays and attacks are noticed by users first."}
	FleetAlarmsControl     = Control{"alarms for each function", "One alarm counts the failures of all functions, and the dashboard shows which one failed."}
	PollingControl         = Control{"polling of queues", "Consumers run within the request that publishes, which then waits for them and fails with them."}
	CustomMetricsControl   = Control{"metrics of the functions", "Alarms of security and of budgets have nothing to watch."}
	DashboardsControl      = Control{"dashboards", "An operator searches metrics one by one during an incident."}
	DNSControl             = Control{"hosted zone", "The API has no name of its own."}
	PrivateNetworkControl  = Control{"interface endpoints", "Functions reach services of AWS over their public endpoints, protected by IAM and TLS alone."}
	EgressControl          = Control{"egress of the network", "Functions in private subnets reach no external service."}
	FlowLogsControl        = Control{"flow logs", "A connection that an attacker made is not recorded."}
	TrailControl           = Control{"CloudTrail", "The history of calls ends after 90 days, and an attacker may stop the record."}
	ThreatDetectionControl = Control{"GuardDuty", "Stolen credentials and unusual calls are found by hand or never."}
	ComplianceControl      = Control{"Security Hub", "A setting that breaks the foundational standard is found at the next audit."}
	ConfigRecorderControl  = Control{"AWS Config", "A change by hand stays until the next deployment or drift detection."}
	AccessAnalysisControl  = Control{"IAM Access Analyzer", "A resource that another account can read, or a right without use, goes unnoticed."}
	CostAlarmsControl      = Control{"budget and cost anomalies", "A bug that costs money is found on the invoice."}
	BackupsControl         = Control{"backup vault", "A role that may change a table may end its point-in-time recovery; no copy is locked."}
)

// AllControls returns every control, in the order of docs/cost.md.
func AllControls() []Control {
	return []Control{
		KeysControl, SecretsControl, EdgeACLControl, UserPoolACLControl, AlarmsControl, FleetAlarmsControl, CustomMetricsControl, DashboardsControl, DNSControl, PollingControl,
		PrivateNetworkControl, EgressControl, FlowLogsControl, TrailControl, ThreatDetectionControl, ComplianceControl, ConfigRecorderControl,
		AccessAnalysisControl, CostAlarmsControl, BackupsControl,
	}
}
