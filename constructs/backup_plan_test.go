package constructs_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewBackupPlan() {
	stack := newStack()
	orders := constructs.NewSecureTable(stack, "Orders", &constructs.SecureTableProps{
		Name: "shop-prod-orders", PartitionKey: constructs.TableKey{Name: "orderId"},
	})
	plan := constructs.NewBackupPlan(stack, "Backup", &constructs.BackupPlanProps{
		Name:        "shop-prod",
		KeepDays:    35,
		RestoreTest: constructs.RestoreTest{TableARNs: []string{*orders.Table.TableArn()}},
	})
	fmt.Println(*plan.Vault.BackupVaultName())
	// Output: shop-prod
}

func backupPlan(props constructs.BackupPlanProps) map[string]any {
	props.Name = "shop-prod"
	return build(func(stack awscdk.Stack) { constructs.NewBackupPlan(stack, "Backup", &props) })
}

var plainBackupPlan = sync.OnceValue(func() map[string]any { return backupPlan(constructs.BackupPlanProps{}) })

func TestBackupPlan_Defaults_CopyDailyIntoLockedVault(t *testing.T) {
	vault := only(t, plainBackupPlan(), "AWS::Backup::BackupVault")
	equal(t, "name", at(vault, "Properties", "BackupVaultName"), `"shop-prod"`)
	equal(t, "lock", at(vault, "Properties", "LockConfiguration"), `{"MinRetentionDays": 35}`)
	equal(t, "deletion", vault["DeletionPolicy"], `"RetainExceptOnCreate"`)
	rule := at(only(t, plainBackupPlan(), "AWS::Backup::BackupPlan"), "Properties", "BackupPlan", "BackupPlanRule", 0)
	equal(t, "schedule", at(rule, "ScheduleExpression"), `"cron(0 0 * * ? *)"`)
	equal(t, "retention", at(rule, "Lifecycle"), `{"DeleteAfterDays": 35}`)
	if tests := all(plainBackupPlan(), "AWS::Backup::RestoreTestingPlan"); len(tests) != 0 {
		t.Errorf("restores are tested: %v", tests)
	}
}

// A table that NewSecureTable makes is selected by default.
func TestBackupPlan_Selection_FindsTheTagOfSecureTable(t *testing.T) {
	selection := at(only(t, plainBackupPlan(), "AWS::Backup::BackupSelection"), "Properties", "BackupSelection")
	equal(t, "tags", at(selection, "ListOfTags"), fmt.Sprintf(`[{"ConditionType": "STRINGEQUALS", "ConditionKey": %q, "ConditionValue": "daily"}]`, constructs.BackupPlanTag))
	equal(t, "resources", at(selection, "Resources"), `null`)
}

func TestBackupPlan_Roles_AreForAWSBackupOfTheAccount(t *testing.T) {
	template := backupPlan(constructs.BackupPlanProps{RestoreTest: constructs.RestoreTest{TableARNs: []string{"arn:aws:dynamodb:eu-west-2:111122223333:table/users"}}})
	roles := all(template, "AWS::IAM::Role")
	if len(roles) != 2 {
		t.Fatalf("there are %d roles, want one to copy and one to restore", len(roles))
	}
	for _, role := range roles {
		equal(t, "trust", at(role, "Properties", "AssumeRolePolicyDocument", "Statement"), `[{"Action": "sts:AssumeRole", "Effect": "Allow",
			"Principal": {"Service": "backup.amazonaws.com"}, "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}]`)
	}
}

func TestBackupPlan_RestoreTest_RestoresLatestCopyOnceAMonth(t *testing.T) {
	template := backupPlan(constructs.BackupPlanProps{Hour: 20, RestoreTest: constructs.RestoreTest{
		TableARNs: []string{"arn:aws:dynamodb:eu-west-2:111122223333:table/users"}, DayOfMonth: 3,
	}})
	plan := at(only(t, template, "AWS::Backup::RestoreTestingPlan"), "Properties")
	equal(t, "name", at(plan, "RestoreTestingPlanName"), `"shop_prod"`)
	equal(t, "schedule", at(plan, "ScheduleExpression"), `"cron(0 2 3 * ? *)"`)
	equal(t, "copy", at(plan, "RecoveryPointSelection", "Algorithm"), `"LATEST_WITHIN_WINDOW"`)
	selection := at(only(t, template, "AWS::Backup::RestoreTestingSelection"), "Properties")
	equal(t, "tables", at(selection, "ProtectedResourceArns"), `["arn:aws:dynamodb:eu-west-2:111122223333:table/users"]`)
}

func TestBackupPlan_FinalLock_IsTheCallersChoice(t *testing.T) {
	template := backupPlan(constructs.BackupPlanProps{KeepDays: 90, LockDays: 30, FinalAfterDays: 3})
	equal(t, "lock", at(only(t, template, "AWS::Backup::BackupVault"), "Properties", "LockConfiguration"), `{"MinRetentionDays": 30, "ChangeableForDays": 3}`)
}

func TestBackupPlan_Key_IsUsableThroughBackupAndDynamoDB(t *testing.T) {
	key := only(t, plainBackupPlan(), "AWS::KMS::Key")
	equal(t, "backup", at(statement(key, "ThroughBackup"), "Condition", "StringEquals", "kms:ViaService"), `"backup.eu-west-2.amazonaws.com"`)
	equal(t, "dynamodb", at(statement(key, "ThroughDynamoDB"), "Condition", "StringEquals", "kms:ViaService"), `"dynamodb.eu-west-2.amazonaws.com"`)
}

func TestBackupPlan_WrongProps_AreRefused(t *testing.T) {
	stack := newStack()
	refused(t, func() { constructs.NewBackupPlan(stack, "None", nil) }, "Name")
	refused(t, func() {
		constructs.NewBackupPlan(stack, "Wrong", &constructs.BackupPlanProps{Name: "shop", Tag: "a b", Hour: 24, KeepDays: 7, LockDays: 8, FinalAfterDays: 2,
			RestoreTest: constructs.RestoreTest{TableARNs: []string{"users"}, DayOfMonth: 31}})
	}, "Tag", "Hour", "LockDays", "FinalAfterDays", "RestoreTest.TableARNs[0]", "RestoreTest.DayOfMonth")
}
