package constructs

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbackup"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// BackupPlanProps are the props of NewBackupPlan.
type BackupPlanProps struct {
	// Name is the physical name of the vault and of the plan: 2 to 50 letters,
	// digits, and - _ . Keep it, because a vault that is renamed is a new one.
	// Required.
	Name string
	// Tag is the value of the tag BackupPlanTag by which the plan selects resources,
	// as SecureTableProps.BackupPlan. Default: "daily".
	Tag string
	// Hour is the hour of the day in UTC at which copies start, 0 to 23. Default: 0.
	Hour int
	// KeepDays is how many days a copy is kept, 1 to 36500. Default: 35.
	KeepDays int
	// LockDays is the shortest time that the vault's lock lets a copy be kept, up to
	// KeepDays. Before that, no principal deletes a copy unless the lock is
	// removed first.
	// Default: KeepDays.
	LockDays int
	// FinalAfterDays is how many days after its creation the lock can still be
	// removed, 3 or more. Then no principal can remove it, and a wrong period is paid to
	// its end. Default: 0, principals with
	// backup:DeleteBackupVaultLockConfiguration can remove the lock at any time.
	// https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
	FinalAfterDays int
	// RestoreTest restores copies on a schedule. Default: none.
	RestoreTest RestoreTest
	// EncryptionKey is a customer-managed key usable through AWS Backup and
	// DynamoDB, such as a DataKey with KeyServiceBackup and KeyServiceDynamoDB.
	// Default: a new DataKey with rotation, under the alias backup/<Name>.
	EncryptionKey awskms.IKey
	// Disposable deletes the vault, if it is empty, and its own key with the stack.
	// Default: false, both are retained.
	Disposable bool
}

// RestoreTest restores the latest copies of tables once a month, reports whether
// that worked, and deletes the restored tables.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
type RestoreTest struct {
	// TableARNs are the ARNs of the tables, at most 30. Default: none, no test.
	TableARNs []string
	// DayOfMonth is the day of the month on which the test starts, 1 to 28.
	// Default: 1.
	DayOfMonth int
}

// BackupPlan copies every resource with its tag once a day into a locked vault.
type BackupPlan struct {
	constructs.Construct
	// Vault holds the copies.
	Vault awsbackup.CfnBackupVault
	// Plan is the plan.
	Plan awsbackup.CfnBackupPlan
}

// NewBackupPlan makes a BackupPlan. It panics with a *PropsError on invalid props.
func NewBackupPlan(scope constructs.Construct, id string, props *BackupPlanProps) *BackupPlan {
	p := props.withDefaults()
	p.validate().panicIfAny("BackupPlan", scope, id)

	b := &BackupPlan{}
	constructs.NewConstruct_Override(b, scope, jsii.String(id))
	key := keyOrOwn(b, p.EncryptionKey, ownKey{
		services: []KeyService{KeyServiceBackup, KeyServiceDynamoDB}, aliasPrefix: "backup",
		kind: "copies in the vault", name: p.Name, disposable: p.Disposable,
	})
	b.Vault = awsbackup.NewCfnBackupVault(b, jsii.String("Vault"), &awsbackup.CfnBackupVaultProps{
		BackupVaultName:   jsii.String(p.Name),
		EncryptionKeyArn:  key.KeyArn(),
		LockConfiguration: p.lock(),
	})
	b.Vault.ApplyRemovalPolicy(removalPolicy(p.Disposable), nil)
	b.Plan = b.newPlan(p)
	b.selectByTag(p.Tag)
	if len(p.RestoreTest.TableARNs) > 0 {
		b.testRestores(p)
	}
	return b
}

// VaultARN returns the ARN of the vault, such as for a copy from another account.
func (b *BackupPlan) VaultARN() string { return *b.Vault.AttrBackupVaultArn() }

func (p BackupPlanProps) lock() any {
	return &awsbackup.CfnBackupVault_LockConfigurationTypeProperty{
		MinRetentionDays:  jsii.Number(p.LockDays),
		ChangeableForDays: numberOrNil(p.FinalAfterDays),
	}
}

func (b *BackupPlan) newPlan(p BackupPlanProps) awsbackup.CfnBackupPlan {
	return awsbackup.NewCfnBackupPlan(b, jsii.String("Plan"), &awsbackup.CfnBackupPlanProps{
		BackupPlan: &awsbackup.CfnBackupPlan_BackupPlanResourceTypeProperty{
			BackupPlanName: jsii.String(p.Name),
			BackupPlanRule: &[]any{&awsbackup.CfnBackupPlan_BackupRuleResourceTypeProperty{
				RuleName:           jsii.String("daily"),
				TargetBackupVault:  b.Vault.Ref(),
				ScheduleExpression: jsii.String(fmt.Sprintf("cron(0 %d * * ? *)", p.Hour)),
				// AWS Backup starts within an hour, and gives up what takes half a day.
				StartWindowMinutes:      jsii.Number(60),
				CompletionWindowMinutes: jsii.Number(720),
				Lifecycle:               map[string]any{"deleteAfterDays": p.KeepDays},
			}},
		},
	})
}

// selectByTag selects every resource with the tag.
func (b *BackupPlan) selectByTag(tag string) {
	awsbackup.NewCfnBackupSelection(b, jsii.String("Selection"), &awsbackup.CfnBackupSelectionProps{
		BackupPlanId: b.Plan.AttrBackupPlanId(),
		BackupSelection: &awsbackup.CfnBackupSelection_BackupSelectionResourceTypeProperty{
			SelectionName: jsii.String(tag),
			IamRoleArn:    b.role("BackupRole", "AWSBackupServiceRolePolicyForBackup", "Copies what has the tag "+BackupPlanTag).RoleArn(),
			ListOfTags: &[]any{&awsbackup.CfnBackupSelection_ConditionResourceTypeProperty{
				ConditionType:  jsii.String("STRINGEQUALS"),
				ConditionKey:   jsii.String(BackupPlanTag),
				ConditionValue: jsii.String(tag),
			}},
		},
	})
}

// role returns a role that AWS Backup assumes for this account. Its permissions are a
// policy that AWS keeps up to date with what the service calls.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html
func (b *BackupPlan) role(id, managedPolicy, description string) awsiam.Role {
	return awsiam.NewRole(b, jsii.String(id), &awsiam.RoleProps{
		Description: jsii.String(description),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("backup.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": sourceAccount(awscdk.Stack_Of(b))},
		}),
		ManagedPolicies: &[]awsiam.IManagedPolicy{
			awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("service-role/" + managedPolicy)),
		},
	})
}

// restoreWindowDays is how old the copy may be that a test restores: a few days more
// than a plan needs that works.
const restoreWindowDays = 7

func (b *BackupPlan) testRestores(p BackupPlanProps) {
	name := strings.ReplaceAll(p.Name, "-", "_") // the name may have no hyphen
	plan := awsbackup.NewCfnRestoreTestingPlan(b, jsii.String("RestoreTest"), &awsbackup.CfnRestoreTestingPlanProps{
		RestoreTestingPlanName: jsii.String(name),
		ScheduleExpression:     jsii.String(fmt.Sprintf("cron(0 %d %d * ? *)", (p.Hour+6)%24, p.RestoreTest.DayOfMonth)),
		StartWindowHours:       jsii.Number(1),
		RecoveryPointSelection: &awsbackup.CfnRestoreTestingPlan_RestoreTestingRecoveryPointSelectionProperty{
			Algorithm:           jsii.String("LATEST_WITHIN_WINDOW"),
			IncludeVaults:       jsii.Strings(b.VaultARN()),
			RecoveryPointTypes:  jsii.Strings("SNAPSHOT"),
			SelectionWindowDays: jsii.Number(restoreWindowDays),
		},
	})
	selection := awsbackup.NewCfnRestoreTestingSelection(b, jsii.String("RestoreTestSelection"), &awsbackup.CfnRestoreTestingSelectionProps{
		RestoreTestingPlanName:      jsii.String(name),
		RestoreTestingSelectionName: jsii.String(name + "_tables"),
		ProtectedResourceType:       jsii.String("DynamoDB"),
		ProtectedResourceArns:       jsii.Strings(p.RestoreTest.TableARNs...),
		IamRoleArn:                  b.role("RestoreTestRole", "AWSBackupServiceRolePolicyForRestores", "Restores copies to test them").RoleArn(),
		ValidationWindowHours:       jsii.Number(1),
	})
	selection.Node().AddDependency(plan)
}

func (p *BackupPlanProps) withDefaults() BackupPlanProps {
	d := valueOrZero(p)
	d.Tag = orDefault(d.Tag, defaultBackupPlan)
	d.KeepDays = orDefault(d.KeepDays, 35)
	d.LockDays = orDefault(d.LockDays, d.KeepDays)
	d.RestoreTest.DayOfMonth = orDefault(d.RestoreTest.DayOfMonth, 1)
	return d
}

// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html
var vaultNamePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{2,50}$`)

// maxRestoredTables is the number of resources that a selection may name.
// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingSelectionForCreate.html
const maxRestoredTables = 30

func (p *BackupPlanProps) validate() problems {
	var bad problems
	bad.require(vaultNamePattern.MatchString(p.Name), "Name", "is %q; use 2 to 50 letters, digits, and - _", p.Name)
	bad.require(vaultNamePattern.MatchString(p.Tag), "Tag", "is %q; use 2 to 50 letters, digits, and - _", p.Tag)
	bad.require(p.Hour >= 0 && p.Hour <= 23, "Hour", "is %d; use 0 to 23", p.Hour)
	bad.require(p.KeepDays >= 1 && p.KeepDays <= 36_500, "KeepDays", "is %d; use 1 to 36500", p.KeepDays)
	bad.require(p.LockDays >= 1 && p.LockDays <= p.KeepDays, "LockDays", "is %d; use 1 to KeepDays, because AWS Backup refuses copies that would be kept for less", p.LockDays)
	bad.require(p.FinalAfterDays == 0 || p.FinalAfterDays >= 3 && p.FinalAfterDays <= 36_500, "FinalAfterDays",
		"is %d; use 3 to 36500, or 0 for a lock that can be removed", p.FinalAfterDays)
	for i, arn := range p.RestoreTest.TableARNs {
		bad.require(isToken(arn) || tableARNPattern.MatchString(arn), fmt.Sprintf("RestoreTest.TableARNs[%d]", i), "is %q; give the ARN of a table", arn)
	}
	bad.require(len(p.RestoreTest.TableARNs) <= maxRestoredTables, "RestoreTest.TableARNs", "are %d; AWS Backup allows %d", len(p.RestoreTest.TableARNs), maxRestoredTables)
	bad.require(p.RestoreTest.DayOfMonth >= 1 && p.RestoreTest.DayOfMonth <= 28, "RestoreTest.DayOfMonth", "is %d; use 1 to 28, which every month has", p.RestoreTest.DayOfMonth)
	return bad
}
