package cdk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/buckets"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/stacks"
)

// inStack returns the resources of a type in one stack, by logical id.
func (s stage) inStack(stack, kind string) map[string]resource {
	found := map[string]resource{}
	for id, r := range s.templates[s.config.PhysicalName(stack)].Resources {
		if r.Type == kind {
			found[id] = r
		}
	}
	return found
}

// watchedStacks are the stacks that watch a region: the stage's own and us-east-1.
var watchedStacks = []string{"governance", "edge"}

// fullProd returns prod with every control.
func fullProd(t *testing.T) stage {
	t.Helper()
	stages, err := withAllControls()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stages {
		if s.config.Stage == "prod" {
			return s
		}
	}
	t.Fatal("prod is not built with every control")
	return stage{}
}

// eachWithData runs a test on the stages that keep data, in both profiles.
func eachWithData(t *testing.T, test func(t *testing.T, s stage)) {
	t.Helper()
	eachProfile(t, func(t *testing.T, s stage) {
		if !s.config.Data.Disposable {
			test(t, s)
		}
	})
}

// An organisation that runs a control itself turns the stage's own off.
func TestGovernance_EachControl_IsBuiltIfTheStageRunsIt(t *testing.T) {
	eachProfile(t, func(t *testing.T, s stage) {
		g := s.config.Controls.Governance
		for kind, control := range map[string]config.RunBy{
			"AWS::CloudTrail::Trail": g.Trail, "AWS::SecurityHub::Hub": g.Posture, "AWS::SecurityHub::Standard": g.Posture,
			"AWS::Config::ConfigurationRecorder": g.Recorder, "AWS::Config::DeliveryChannel": g.Recorder, "AWS::CE::AnomalyMonitor": g.CostAnomalies,
		} {
			if built := len(s.ofType(kind)); built != map[bool]int{true: 1}[control == config.Own] {
				t.Errorf("%d %s are built, the control is %q", built, kind, control)
			}
		}
		for _, stack := range watchedStacks {
			if built := len(s.inStack(stack, "AWS::GuardDuty::Detector")); built != map[bool]int{true: 1}[g.ThreatDetection == config.Own] {
				t.Errorf("the stack %s has %d detectors, the control is %q", stack, built, g.ThreatDetection)
			}
		}
		for kind, control := range map[string]config.RunBy{"ACCOUNT": g.ExternalAccess, "ACCOUNT_UNUSED_ACCESS": g.UnusedAccess} {
			if built := s.has("AWS::AccessAnalyzer::Analyzer", `"Type":"`+kind+`"`); built != (control == config.Own) {
				t.Errorf("an analyzer of type %s is built: %v, the control is %q", kind, built, control)
			}
		}
	})
}

func TestTrail_RecordsAllRegionsSignedAndLocked(t *testing.T) {
	eachProfile(t, func(t *testing.T, s stage) {
		for id, trail := range s.some(t, "AWS::CloudTrail::Trail") {
			for _, property := range []string{"IsLogging", "IsMultiRegionTrail", "IncludeGlobalServiceEvents", "EnableLogFileValidation"} {
				if trail.Properties[property] != true {
					t.Errorf("%s has %s off", id, property)
				}
			}
			if trail.Properties["KMSKeyId"] == nil {
				t.Errorf("%s has no key of the account", id)
			}
		}
		lock := text(s.named(t, "AWS::S3::Bucket", "BucketName", s.config.BucketName("trail")).Properties["ObjectLockConfiguration"])
		if !strings.Contains(lock, `"Days":365,"Mode":"GOVERNANCE"`) {
			t.Errorf("the log files are locked by %s", lock)
		}
	})
}

func TestTrail_DataEvents_AreThoseOfEachTableAndBucket(t *testing.T) {
	eachProfile(t, func(t *testing.T, s stage) {
		for _, trail := range s.some(t, "AWS::CloudTrail::Trail") {
			selectors := text(trail.Properties["AdvancedEventSelectors"])
			for _, table := range tables.All() {
				arn := fmt.Sprintf(`"arn:aws:dynamodb:%s:%s:table/%s"`, s.config.Region, s.config.Account, s.config.PhysicalName(table.Name))
				if strings.Contains(selectors, arn) != s.config.Controls.Governance.DataEvents {
					t.Errorf("reads of %s are recorded: %v", table.Name, strings.Contains(selectors, arn))
				}
			}
			for _, bucket := range buckets.All() {
				arn := `"arn:aws:s3:::` + s.config.BucketName(bucket.Name) + `/"`
				if strings.Contains(selectors, arn) != s.config.Controls.Governance.DataEvents {
					t.Errorf("reads of %s are recorded: %v", bucket.Name, strings.Contains(selectors, arn))
				}
			}
		}
	})
}

func TestDetectors_ProtectLambdaAndS3(t *testing.T) {
	full := fullProd(t)
	for id, detector := range full.some(t, "AWS::GuardDuty::Detector") {
		features := text(detector.Properties["Features"])
		for _, feature := range []string{"LAMBDA_NETWORK_LOGS", "S3_DATA_EVENTS"} {
			if !strings.Contains(features, `{"Name":"`+feature+`","Status":"ENABLED"}`) {
				t.Errorf("%s has %s", id, features)
			}
		}
	}
}

func TestSpending_BudgetForecastAndAnomalies_NotifyTopic(t *testing.T) {
	eachProfile(t, func(t *testing.T, s stage) {
		for _, budget := range s.some(t, "AWS::Budgets::Budget") {
			limit, told := text(budget.Properties["Budget"]), text(budget.Properties["NotificationsWithSubscribers"])
			if !strings.Contains(limit, fmt.Sprintf(`"Amount":%d,"Unit":"USD"`, s.config.Controls.Governance.MonthlyBudget)) {
				t.Errorf("the budget is %s", limit)
			}
			for _, want := range []string{`"NotificationType":"ACTUAL"`, `"NotificationType":"FORECASTED"`, `"SubscriptionType":"SNS"`, "AlertsTopic"} {
				if !strings.Contains(told, want) {
					t.Errorf("the budget notifies %s", told)
				}
			}
		}
		for _, subscription := range s.some(t, "AWS::CE::AnomalySubscription") {
			if told := text(subscription.Properties["Subscribers"]); !strings.Contains(told, `"Type":"SNS"`) || !strings.Contains(told, "AlertsTopic") {
				t.Errorf("anomalies are sent to %s", told)
			}
		}
	})
}

const (
	backupTag = `{"ConditionKey":"backup-plan","ConditionType":"STRINGEQUALS","ConditionValue":"daily"}`
	tableTag  = `{"Key":"backup-plan","Value":"daily"}`
)

func TestBackups_EveryTable_IsCopiedDailyIntoLockedVault(t *testing.T) {
	eachWithData(t, func(t *testing.T, s stage) {
		keep := s.config.Controls.Governance.Backup.KeepDays
		for _, plan := range s.some(t, "AWS::Backup::BackupPlan") {
			rules := text(plan.Properties["BackupPlan"])
			if !strings.Contains(rules, fmt.Sprintf(`"Lifecycle":{"DeleteAfterDays":%d}`, keep)) || !strings.Contains(rules, `"ScheduleExpression":"cron(0 2 * * ? *)"`) {
				t.Errorf("the plan is %s", rules)
			}
		}
		for _, vault := range s.some(t, "AWS::Backup::BackupVault") {
			if lock := text(vault.Properties["LockConfiguration"]); lock != fmt.Sprintf(`{"MinRetentionDays":%d}`, keep) {
				t.Errorf("the vault's lock is %s", lock)
			}
		}
		if !s.has("AWS::Backup::BackupSelection", backupTag) {
			t.Error("no plan selects the tables' tag")
		}
		for _, table := range tables.All() {
			tags := text(s.named(t, "AWS::DynamoDB::Table", "TableName", s.config.PhysicalName(table.Name)).Properties["Tags"])
			if !strings.Contains(tags, tableTag) {
				t.Errorf("%s has the tags %s", table.Name, tags)
			}
		}
	})
}

// Copies of disposable data would keep what the stage is to forget.
func TestBackups_DisposableStage_HasNone(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		if built := len(s.ofType("AWS::Backup::BackupPlan")); (built == 0) != s.config.Data.Disposable {
			t.Errorf("there are %d plans", built)
		}
	})
}

func TestRestoreTests_RestoreWhatUsersPutIntoTheApp(t *testing.T) {
	eachWithData(t, func(t *testing.T, s stage) {
		if len(s.some(t, "AWS::Backup::RestoreTestingPlan")) != 1 {
			t.Error("there is more than one plan")
		}
		for _, selection := range s.some(t, "AWS::Backup::RestoreTestingSelection") {
			restored := text(selection.Properties["ProtectedResourceArns"])
			for _, table := range tables.All() {
				want := table == tables.Users || table.UserContent
				if got := strings.Contains(restored, ":table/"+s.config.PhysicalName(table.Name)+`"`); got != want {
					t.Errorf("%s is restored: %v", table.Name, got)
				}
			}
		}
	})
}

func TestDrift_EachStack_IsComparedWeekly(t *testing.T) {
	eachProfile(t, func(t *testing.T, s stage) {
		for name := range s.templates {
			in := "governance"
			if name == s.config.PhysicalName("edge") {
				in = "edge" // EventBridge Scheduler calls CloudFormation of its own region
			}
			compared := slices.ContainsFunc(values(s.inStack(in, "AWS::Scheduler::Schedule")), func(schedule resource) bool {
				target := text(schedule.Properties["Target"])
				return schedule.Properties["ScheduleExpression"] == "cron(0 5 ? * MON *)" &&
					strings.Contains(target, "aws-sdk:cloudformation:detectStackDrift") && strings.Contains(target, `{\"StackName\":\"`+name+`\"}`)
			})
			if !compared {
				t.Errorf("no schedule of the stack %s compares %s", in, name)
			}
		}
	})
}

// dataActions read what users have stored. The role that compares stacks must not have them, which the reason of
// its acceptance claims.
var dataActions = []string{
	"cognito-idp:AdminGetUser", "cognito-idp:ListUsers", "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan",
	"kms:Decrypt", "logs:FilterLogEvents", "logs:GetLogEvents", "s3:GetObject", "secretsmanager:GetSecretValue", "sqs:ReceiveMessage",
}

// CloudFormation compares no custom resources.
func TestDrift_EachResourceType_CanBeRead(t *testing.T) {
	eachProfile(t, func(t *testing.T, s stage) {
		for name, template := range s.templates {
			for id, r := range template.Resources {
				if parts := strings.Split(r.Type, "::"); parts[0] == "AWS" && !slices.Contains(stacks.DriftServices(), parts[1]) {
					t.Errorf("%s/%s is a %s: add the actions that read it to driftReads", name, id, r.Type)
				}
			}
		}
	})
}

func values[K comparable, V any](of map[K]V) (list []V) {
	for _, value := range of {
		list = append(list, value)
	}
	return list
}
