package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/policy"
)

// backupHour is when copies start, in UTC: the app's quietest hour.
const backupHour = 2

// hasBackups reports whether the stage copies its tables.
func hasBackups(cfg config.Config) bool {
	return !cfg.Data.Disposable && cfg.Controls.Governance.Backup.KeepDays > 0
}

// newBackups copies every table once a day into a vault with a lock.
func newBackups(stack awscdk.Stack, cfg config.Config) {
	if !hasBackups(cfg) {
		return
	}
	backup := cfg.Controls.Governance.Backup
	props := &constructs.BackupPlanProps{Name: cfg.PhysicalName("tables"), Hour: backupHour, KeepDays: backup.KeepDays}
	if backup.RestoreTests {
		for _, table := range restoredTables() {
			props.RestoreTest.TableARNs = append(props.RestoreTest.TableARNs, tableARN(stack, cfg, table))
		}
	}
	plan := constructs.NewBackupPlan(stack, "Backup", props)
	policy.Accept(plan, "AwsSolutions-IAM4",
		"AWS keeps the service's policies up to date with what AWS Backup calls, and only AWS Backup assumes the roles, for this account.")
}

// restoredTables returns the tables whose copies are tested: the users, and what they put into the app.
func restoredTables() (restored []*tables.Table) {
	for _, table := range tables.All() {
		if table == tables.Users || table.UserContent {
			restored = append(restored, table)
		}
	}
	return restored
}

// acceptBackup accepts what cdk-nag says about a table's copies.
func acceptBackup(table *constructs.SecureTable, cfg config.Config) {
	reason := "The stage's data is disposable, so it has no backup plan. Point-in-time recovery restores any second of its recovery period."
	switch {
	case hasBackups(cfg):
		reason = "The backup plan selects the table by its tag, which policy::backed-up checks; cdk-nag looks for ARNs in the table's own stack."
	case !cfg.Data.Disposable:
		reason = "Point-in-time recovery restores any second of its recovery period. The stage has chosen no backup plan."
	}
	policy.Accept(table, "NIST.800.53.R5-DynamoDBInBackupPlan", reason)
}
