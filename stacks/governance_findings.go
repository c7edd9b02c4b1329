package stacks

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/function"
)

// governanceRunbook says what to do about each finding. Its sections have the findings' names.
const governanceRunbook = "https://github.com/expenzez/infrastructure/blob/main/docs/runbooks/governance.md"

// finding is a kind of event that an operator must hear of.
type finding struct {
	// name ends the rule's name and is the runbook's anchor.
	name, description string
	pattern           awsevents.EventPattern
}

// newFindingRules sends what the controls find, and what goes wrong with them, to the alert topic. The topic
// gets the whole event, because Slack shows AWS's own events only.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/related-services.html
func newFindingRules(stack awscdk.Stack, cfg config.Config, alerts *constructs.AlertTopic, aliases map[function.Stack]int) {
	for _, f := range findings(cfg, aliases) {
		newFindingRule(stack, cfg, alerts, f)
	}
}

func newFindingRule(stack awscdk.Stack, cfg config.Config, alerts *constructs.AlertTopic, f finding) {
	awsevents.NewRule(stack, jsii.String(constructID("finding-"+f.name)), &awsevents.RuleProps{
		RuleName:     jsii.String(cfg.PhysicalName(f.name)),
		Description:  jsii.String(f.description + ". Runbook: " + governanceRunbook + "#" + f.name),
		EventPattern: &f.pattern,
		Targets:      &[]awsevents.IRuleTarget{alerts.RuleTarget()},
	})
}

// findings returns the findings in the stage's region. aliases are how many aliases each stack has.
// A control that the organisation runs for the account sends its events here as well. EventBridge gets the account's API calls while a trail records them.
func findings(cfg config.Config, aliases map[function.Stack]int) (wanted []finding) {
	governance := cfg.Controls.Governance
	for _, f := range []struct {
		on bool
		finding
	}{
		{governance.ThreatDetection.Alerts(), threat},
		{governance.Posture.Alerts(), posture},
		{governance.Recorder.Alerts(), nonCompliance(cfg)},
		{governance.ExternalAccess.Alerts(), externalAccess},
		{governance.UnusedAccess.Alerts(), unusedAccess},
		{hasBackups(cfg), failedBackup},
		{hasBackups(cfg), failedRestore},
		{governance.Drift, drift(cfg, aliases)},
		{governance.Drift, failedDriftDetection},
		{governance.Trail.Alerts(), stoppedControl},
		{governance.Trail.Alerts(), rootUse},
	} {
		if f.on {
			wanted = append(wanted, f.finding)
		}
	}
	return wanted
}

// edgeFindings returns the findings in the edge's region. AWS sends the events of root's sign-in and of IAM
// to us-east-1 only.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
func edgeFindings(cfg config.Config) (wanted []finding) {
	governance := cfg.Controls.Governance
	if governance.ThreatDetection.Alerts() {
		wanted = append(wanted, threat)
	}
	if governance.Drift {
		wanted = append(wanted, drift(cfg, nil), failedDriftDetection)
	}
	if governance.Trail.Alerts() {
		wanted = append(wanted, stoppedControl, rootUse)
	}
	return wanted
}

// https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
var threat = finding{"threats", "GuardDuty has found a threat of at least medium severity", awsevents.EventPattern{
	Source: jsii.Strings("aws.guardduty"), DetailType: jsii.Strings("GuardDuty Finding"),
	Detail: &map[string]any{"severity": []any{map[string]any{"numeric": []any{">=", 4}}}},
}}

// posture leaves out findings that other services have put into Security Hub, because they arrive on their own.
// https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html
var posture = finding{"posture", "Security Hub has found a failed control of high or critical severity", awsevents.EventPattern{
	Source: jsii.Strings("aws.securityhub"), DetailType: jsii.Strings("Security Hub Findings - Imported"),
	Detail: &map[string]any{"findings": map[string]any{
		"Compliance":  map[string]any{"Status": []string{"FAILED"}},
		"RecordState": []string{"ACTIVE"},
		"Severity":    map[string]any{"Label": []string{"HIGH", "CRITICAL"}},
		"Workflow":    map[string]any{"Status": []string{"NEW"}},
	}},
}}

// nonCompliance is about the rules of the stage. Security Hub has rules of its own.
// https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html
func nonCompliance(cfg config.Config) finding {
	return finding{"non-compliance", "A resource no longer complies with a rule of AWS Config", awsevents.EventPattern{
		Source: jsii.Strings("aws.config"), DetailType: jsii.Strings("Config Rules Compliance Change"),
		Detail: &map[string]any{
			"messageType":         []string{"ComplianceChangeNotification"},
			"configRuleName":      []any{map[string]any{"prefix": cfg.PhysicalName("")}},
			"newEvaluationResult": map[string]any{"complianceType": []string{"NON_COMPLIANT"}},
		},
	}}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
var externalAccess = finding{"external-access", "IAM Access Analyzer has found a resource that others can reach", awsevents.EventPattern{
	Source: jsii.Strings("aws.access-analyzer"), DetailType: jsii.Strings("Access Analyzer Finding"),
	Detail: &map[string]any{"status": []string{"ACTIVE"}},
}}

var unusedAccess = finding{"unused-access", "IAM Access Analyzer has found permissions that go unused", awsevents.EventPattern{
	Source: jsii.Strings("aws.access-analyzer"), DetailType: jsii.Strings("Unused Access Finding for IAM entities"),
	Detail: &map[string]any{"status": []string{"ACTIVE"}},
}}

// https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
var failedBackup = finding{"failed-backups", "AWS Backup could not copy a table", awsevents.EventPattern{
	Source: jsii.Strings("aws.backup"), DetailType: jsii.Strings("Backup Job State Change"),
	Detail: &map[string]any{"state": []string{"FAILED", "ABORTED", "EXPIRED", "PARTIAL"}},
}}

var failedRestore = finding{"failed-restores", "AWS Backup could not restore a copy", awsevents.EventPattern{
	Source: jsii.Strings("aws.backup"), DetailType: jsii.Strings("Restore Job State Change"),
	Detail: &map[string]any{"status": []string{"FAILED", "ABORTED"}},
}}

// drift is about resources that differ from their template. Each alias of a stack does: a release moves it, and its
// template says $LATEST (docs/decisions/0024). So a stack has to have more differences than aliases.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/event-detail-stack-drift-detection-change.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func drift(cfg config.Config, aliases map[function.Stack]int) finding {
	detail := map[string]any{"status-details": map[string]any{"stack-drift-status": []string{"DRIFTED"}}}
	var withAliases []string
	var alternatives []any
	for _, stack := range slices.Sorted(maps.Keys(aliases)) {
		id := "*:stack/" + cfg.PhysicalName(string(stack)) + "/*"
		withAliases = append(withAliases, id)
		alternatives = append(alternatives, map[string]any{
			"stack-id":                []any{map[string]any{"wildcard": id}},
			"drift-detection-details": map[string]any{"drifted-stack-resource-count": []any{map[string]any{"numeric": []any{">", aliases[stack]}}}},
		})
	}
	if len(aliases) > 0 {
		others := map[string]any{"stack-id": []any{map[string]any{"anything-but": map[string]any{"wildcard": withAliases}}}}
		detail["$or"] = append(alternatives, others)
	}
	return finding{"drift", "A resource differs from its template", awsevents.EventPattern{
		Source: jsii.Strings("aws.cloudformation"), DetailType: jsii.Strings("CloudFormation Drift Detection Status Change"), Detail: &detail,
	}}
}

var failedDriftDetection = finding{"failed-drift-detection", "CloudFormation could not compare a stack with its template", awsevents.EventPattern{
	Source: jsii.Strings("aws.cloudformation"), DetailType: jsii.Strings("CloudFormation Drift Detection Status Change"),
	Detail: &map[string]any{"status-details": map[string]any{"detection-status": []string{"DETECTION_FAILED"}}},
}}

// stoppedControl is about calls that weaken a control of this package. The trail records them as the last.
var stoppedControl = finding{"stopped-controls", "A call has stopped or weakened a control", awsevents.EventPattern{
	DetailType: jsii.Strings("AWS API Call via CloudTrail"),
	Detail: &map[string]any{
		"eventSource": []string{
			"access-analyzer.amazonaws.com", "backup.amazonaws.com", "cloudtrail.amazonaws.com", "config.amazonaws.com",
			"guardduty.amazonaws.com", "securityhub.amazonaws.com", "kms.amazonaws.com",
		},
		"eventName": []string{
			"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors",
			"DeleteDetector", "UpdateDetector", "StopConfigurationRecorder", "DeleteConfigurationRecorder", "DeleteDeliveryChannel", "DeleteConfigRule",
			"DisableSecurityHub", "BatchDisableStandards", "DeleteAnalyzer",
			"DeleteBackupPlan", "UpdateBackupPlan", "DeleteBackupSelection", "DeleteBackupVault", "DeleteBackupVaultLockConfiguration", "DeleteRecoveryPoint",
			"DisableKey", "ScheduleKeyDeletion",
		},
	},
}}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
var rootUse = finding{"root-use", "The root user of the account has signed in or called an API", awsevents.EventPattern{
	DetailType: jsii.Strings("AWS Console Sign In via CloudTrail", "AWS API Call via CloudTrail"),
	Detail:     &map[string]any{"userIdentity": map[string]any{"type": []string{"Root"}}},
}}
