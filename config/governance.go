package config

// Governance says which services of AWS watch the account, and what is kept of its data. Prices are in USD
// for eu-west-2 as of November 2026. docs/governance.md says what each control does.
type Governance struct {
	// Trail records each API call of the account, in all regions, with CloudTrail. The first copy of
	// management events is free; the key of the log files costs 1 a month. Without it an operator
	// cannot tell afterwards who changed what.
	// https://aws.amazon.com/cloudtrail/pricing/
	Trail RunBy
	// TrailDays is how long log files are kept, 90 to 3650 days, at 0.024 per GB and month.
	TrailDays int
	// TrailLock keeps administrators from deleting log files before TrailDays. It is free. Without it one
	// stolen administrator's session can erase its own traces.
	TrailLock ObjectLock
	// DataEvents makes the trail record each read and write of the tables and of the objects as well, at 1
	// per million events. Without it the trail does not tell which items an administrator read.
	DataEvents bool
	// ThreatDetection runs GuardDuty with Lambda and S3 protection: about 5 per million management events,
	// 1 per million events of S3, 1.20 per GB of the functions' flow logs; some 10 a month at the traffic of
	// docs/cost.md. Without it stolen credentials and malicious addresses are noticed by their damage.
	// https://aws.amazon.com/guardduty/pricing/
	ThreatDetection RunBy
	// Posture runs Security Hub with the foundational standard: 0.001 per check, some 10 a month. It needs
	// Recorder. Without it best practices that policy does not know go unchecked.
	// https://aws.amazon.com/security-hub/cspm/pricing/
	Posture RunBy
	// Recorder runs AWS Config with a rule for each claim of package policy that a hand could undo: 0.003 per
	// recorded change and 0.001 per evaluation, some 5 a month. Without it a setting changed by hand is found
	// by the next drift detection.
	// https://aws.amazon.com/config/pricing/
	Recorder RunBy
	// ExternalAccess runs IAM Access Analyzer on what other accounts can reach. It is free. Without it a
	// bucket or role that was opened by hand stays open unnoticed.
	// https://aws.amazon.com/iam/access-analyzer/pricing/
	ExternalAccess RunBy
	// UnusedAccess runs IAM Access Analyzer on permissions that went unused for 90 days: 0.20 per role and
	// month, some 15 a month. Without it the permissions of a role are reviewed by hand.
	UnusedAccess RunBy
	// MonthlyBudget is what the account may cost in a month, in USD. An alert goes out when the costs pass it,
	// and when AWS forecasts that they will. It is free. 0 means no budget: the bill is the first to tell.
	// https://aws.amazon.com/aws-cost-management/aws-budgets/pricing/
	MonthlyBudget int
	// CostAnomalies runs Cost Anomaly Detection. It is free. Without it a loop that doubles the cost of one
	// service is noticed when the budget is used up.
	CostAnomalies RunBy
	// Drift makes CloudFormation compare each stack with its template once a week. It is free. Without it a
	// change by hand is found when it breaks the next deployment.
	Drift bool
	// Backup copies the tables every day.
	Backup Backup
}

// RunBy says who runs a control.
type RunBy string

// Who runs a control.
const (
	// Off means that the stage goes without the control.
	Off RunBy = ""
	// Own means that the stage's stacks run the control.
	Own RunBy = "own"
	// Organisation means that the organisation runs the control for this account. The stage's stacks still
	// send its findings to the alert topic.
	Organisation RunBy = "organisation"
)

// Alerts reports whether the control's findings are sent to the alert topic.
func (r RunBy) Alerts() bool { return r != Off }

// ObjectLock says who can delete a locked object before its time.
type ObjectLock string

// The modes of S3 Object Lock.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
const (
	// Unlocked means no lock.
	Unlocked ObjectLock = ""
	// GovernanceLock lets principals with s3:BypassGovernanceRetention delete.
	GovernanceLock ObjectLock = "GOVERNANCE"
	// ComplianceLock lets no principal delete, not even the account's root. A wrong period is paid to its end. Only
	// prod may have it.
	ComplianceLock ObjectLock = "COMPLIANCE"
)

// Backup copies the tables every day into a vault with a lock. Stages with disposable data make none.
type Backup struct {
	// KeepDays is how long a copy is kept, 7 to 35 days, at 0.12 per GB and month for each copy. Copies outlive
	// a deleted table, point-in-time recovery does not. More than 35 days would keep deleted accounts for
	// longer than docs/security.md promises. 0 means no copies: a deleted table is lost.
	// https://aws.amazon.com/backup/pricing/
	KeepDays int
	// RestoreTests restores the latest copy of the users' tables once a month and deletes the restored tables:
	// some 0.20 per GB and run. Without it a copy that cannot be restored is found when it is needed.
	RestoreTests bool
}

// leanGovernance keeps what is free or nearly free: 2 USD a month for two keys, and the storage of log files
// and copies.
func leanGovernance() Governance {
	return Governance{
		Trail: Own, TrailDays: 365, TrailLock: GovernanceLock,
		ExternalAccess: Own,
		MonthlyBudget:  100, CostAnomalies: Own,
		Drift:  true,
		Backup: Backup{KeepDays: 7, RestoreTests: true},
	}
}

// fullGovernance runs every control.
func fullGovernance() Governance {
	return Governance{
		Trail: Own, TrailDays: 365, TrailLock: GovernanceLock, DataEvents: true,
		ThreatDetection: Own, Posture: Own, Recorder: Own,
		ExternalAccess: Own, UnusedAccess: Own,
		MonthlyBudget: 600, CostAnomalies: Own,
		Drift:  true,
		Backup: Backup{KeepDays: 35, RestoreTests: true},
	}
}

func (v *validation) governance(g Governance) {
	for field, control := range map[string]RunBy{
		"Trail": g.Trail, "ThreatDetection": g.ThreatDetection, "Posture": g.Posture, "Recorder": g.Recorder,
		"ExternalAccess": g.ExternalAccess, "UnusedAccess": g.UnusedAccess, "CostAnomalies": g.CostAnomalies,
	} {
		known := control == Off || control == Own || control == Organisation
		v.check(known, "Controls.Governance."+field, "%q: use Off, Own or Organisation", control)
	}
	v.check(g.Trail != Own || g.TrailDays >= 90 && g.TrailDays <= 3650, "Controls.Governance.TrailDays", "%d: give 90 to 3650 days", g.TrailDays)
	v.check(g.TrailLock == Unlocked || g.TrailLock == GovernanceLock || g.TrailLock == ComplianceLock,
		"Controls.Governance.TrailLock", "%q: use Unlocked, GovernanceLock or ComplianceLock", g.TrailLock)
	v.check(g.TrailLock != ComplianceLock || v.stage == "prod", "Controls.Governance.TrailLock",
		"%q: no operator could delete the log files of a stage that is thrown away; use GovernanceLock", g.TrailLock)
	v.check(!g.DataEvents || g.Trail == Own, "Controls.Governance.DataEvents", "true without a trail of the stage's own: set Trail to Own")
	v.check(g.Posture != Own || g.Recorder.Alerts(), "Controls.Governance.Posture",
		"%q without AWS Config: Security Hub checks nothing that AWS Config does not record; turn Recorder on", g.Posture)
	v.check(g.MonthlyBudget >= 0, "Controls.Governance.MonthlyBudget", "%d: give USD, or 0 for no budget", g.MonthlyBudget)
	v.check(g.Backup.KeepDays == 0 || g.Backup.KeepDays >= 7 && g.Backup.KeepDays <= 35, "Controls.Governance.Backup.KeepDays",
		"%d: give 7 to 35 days, or 0 for no copies", g.Backup.KeepDays)
	v.check(!g.Backup.RestoreTests || g.Backup.KeepDays > 0, "Controls.Governance.Backup.RestoreTests", "true without copies: give KeepDays")
	v.check(v.stage != "prod" || g.Backup.KeepDays > 0, "Controls.Governance.Backup.KeepDays", "0: prod needs copies that outlive a deleted table; give 7 to 35 days")
	v.check(v.stage != "prod" || g.Trail.Alerts(), "Controls.Governance.Trail", "off: prod needs a record of who changed what; use Own or Organisation")
}
