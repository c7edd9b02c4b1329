package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
)

// KeyOperation is a KMS operation on a key, as KMS names it.
type KeyOperation string

// The operations of symmetric and of HMAC keys.
const (
	Encrypt                         KeyOperation = "Encrypt"
	Decrypt                         KeyOperation = "Decrypt"
	GenerateDataKey                 KeyOperation = "GenerateDataKey"
	GenerateDataKeyWithoutPlaintext KeyOperation = "GenerateDataKeyWithoutPlaintext"
	GenerateMac                     KeyOperation = "GenerateMac"
	VerifyMac                       KeyOperation = "VerifyMac"
)

var operationsBySpec = map[KeySpec][]KeyOperation{
	SymmetricDefault: {Encrypt, Decrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext},
	HMAC256:          {GenerateMac, VerifyMac},
}

// AllowKey grants operations on a key that any stack or tool made. The key's policy
// must let the account delegate them. DataKey's policy does so for its Operations,
// and KMS's default key policy does so for all operations.
func AllowKey(key awskms.IKey, operations ...KeyOperation) Grant {
	requireNotNil("AllowKey", "key", key)
	return keyGrant(sidOf(key.Node().Scope(), *key.Node().Id()), key, operations)
}

func keyGrant(sid string, key awskms.IKey, operations []KeyOperation) Grant {
	return Grant{{Sid: sid, Actions: keyActions(operations), Resources: []string{*key.KeyArn()}}}
}

func keyActions(operations []KeyOperation) []string {
	actions := make([]string, len(operations))
	for i, o := range operations {
		actions[i] = "kms:" + string(o)
	}
	return actions
}

// KeyService is an AWS service that uses a key on behalf of the account.
type KeyService string

const (
	// KeyServiceDynamoDB lets every principal of the account that may use a table
	// use the key through DynamoDB. The principal needs no KMS statement of its
	// own.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
	KeyServiceDynamoDB KeyService = "dynamodb"
	// KeyServiceSecretsManager lets roles use the key through Secrets Manager. A
	// role also needs its own permission, which AppSecret.AllowRead includes.
	// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
	KeyServiceSecretsManager KeyService = "secretsmanager"
	// KeyServiceS3 lets roles use the key through S3. A role also needs its own
	// permission, which SecureBucket's grants include.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
	KeyServiceS3 KeyService = "s3"
	// KeyServiceLogs lets CloudWatch Logs encrypt log groups of the account.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
	KeyServiceLogs KeyService = "logs"
	// KeyServiceAlerts lets CloudWatch alarms, EventBridge, AWS Budgets and Cost
	// Anomaly Detection publish to encrypted topics of the account. It also lets
	// roles publish that have their own permission, which AlertTopic.AllowPublish
	// includes.
	// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
	KeyServiceAlerts KeyService = "alerts"
	// KeyServiceSQS lets roles use the key through SQS. A role also needs its own
	// permission, which AllowSend and AllowConsume include. It also lets topics and
	// EventBridge rules of the account deliver to queues under the key.
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
	KeyServiceSQS KeyService = "sqs"
	// KeyServiceSNS lets roles use the key through SNS. A role also needs its own
	// permission, which AllowPublish includes.
	// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
	KeyServiceSNS KeyService = "sns"
	// KeyServiceBackup lets roles use the key through AWS Backup, as the key of a
	// vault. A role also needs its own permission, which AWS's managed policies for
	// AWS Backup include.
	// https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html
	KeyServiceBackup KeyService = "backup"
	// KeyServiceCloudTrail lets trails of the account encrypt their log files.
	// Readers decrypt them through S3 (KeyServiceS3).
	// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
	KeyServiceCloudTrail KeyService = "cloudtrail"
)

var keyServices = []KeyService{
	KeyServiceDynamoDB, KeyServiceSecretsManager, KeyServiceS3, KeyServiceLogs, KeyServiceAlerts, KeyServiceSQS, KeyServiceSNS,
	KeyServiceBackup, KeyServiceCloudTrail,
}

// The KMS actions that services call, without the wildcards of AWS's examples
// (ReEncrypt* and GenerateDataKey*).
var (
	encryptActions = []string{
		"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
		"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey",
	}
	encryptAndGrantActions = append([]string{"kms:CreateGrant"}, encryptActions...)
)

// The actions that manage a key, without actions that use it or let other
// principals use it.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
var administrationActions = []string{
	"kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias",
	"kms:DescribeKey", "kms:UpdateKeyDescription", "kms:EnableKey", "kms:DisableKey",
	"kms:GetKeyPolicy", "kms:PutKeyPolicy", "kms:ListKeyPolicies",
	"kms:EnableKeyRotation", "kms:DisableKeyRotation", "kms:GetKeyRotationStatus",
	"kms:ListKeyRotations", "kms:RotateKeyOnDemand",
	"kms:ListGrants", "kms:RevokeGrant",
	"kms:ListResourceTags", "kms:TagResource", "kms:UntagResource",
	"kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion",
}

func administrationStatement() awsiam.PolicyStatement {
	return keyStatement("AdministrationWithoutUse", awsiam.NewAccountRootPrincipal(), administrationActions, nil)
}

// messageActions are the KMS actions that senders and receivers of encrypted
// messages need.
var messageActions = []string{"kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"}

// trailKeyActions are the KMS actions that CloudTrail calls. It describes the key
// when the trail is made.
var trailKeyActions = []string{"kms:GenerateDataKey", "kms:DescribeKey"}

func trailARN(stack awscdk.Stack, name string) string {
	return fmt.Sprintf("arn:%s:cloudtrail:%s:%s:trail/%s", *stack.Partition(), *stack.Region(), *stack.Account(), name)
}

// toQueuesStatements let SNS and EventBridge deliver to encrypted queues of the
// account. SQS puts the queue into the encryption context, which limits the
// statements to these queues.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#compatibility-with-aws-services
func toQueuesStatements(stack awscdk.Stack) []awsiam.PolicyStatement {
	queues := fmt.Sprintf("arn:%s:sqs:%s:%s:*", *stack.Partition(), *stack.Region(), *stack.Account())
	return []awsiam.PolicyStatement{
		keyStatement("TopicsToQueues", awsiam.NewServicePrincipal(jsii.String("sns.amazonaws.com"), nil),
			publishKeyActions, map[string]any{"ArnLike": map[string]any{
				"aws:SourceArn": topicARN(stack, "*"), "kms:EncryptionContext:aws:sqs:arn": queues,
			}}),
		keyStatement("EventsToQueues", services(eventBridge)[0], publishKeyActions,
			map[string]any{"ArnLike": map[string]any{"kms:EncryptionContext:aws:sqs:arn": queues}}),
	}
}

// statements returns the key policy's statements for the service.
func (s KeyService) statements(stack awscdk.Stack) []awsiam.PolicyStatement {
	switch s {
	case KeyServiceAlerts:
		return alertKeyStatements(stack)
	case KeyServiceSQS:
		return append(toQueuesStatements(stack), s.statement(stack))
	}
	return []awsiam.PolicyStatement{s.statement(stack)}
}

func (s KeyService) statement(stack awscdk.Stack) awsiam.PolicyStatement {
	via := map[string]any{"kms:CallerAccount": *stack.Account(), "kms:ViaService": oneOrMore(viaService(stack, string(s)))}
	switch s {
	case KeyServiceDynamoDB:
		return keyStatement("ThroughDynamoDB", awsiam.NewAnyPrincipal(), encryptAndGrantActions,
			map[string]any{"StringEquals": via})
	case KeyServiceSecretsManager:
		return keyStatement("ThroughSecretsManager", awsiam.NewAccountRootPrincipal(), encryptAndGrantActions,
			map[string]any{"StringEquals": via})
	case KeyServiceS3:
		return keyStatement("ThroughS3", awsiam.NewAccountRootPrincipal(), encryptActions,
			map[string]any{"StringEquals": via})
	case KeyServiceSQS:
		return keyStatement("ThroughSQS", awsiam.NewAccountRootPrincipal(), messageActions, map[string]any{"StringEquals": via})
	case KeyServiceBackup:
		return keyStatement("ThroughBackup", awsiam.NewAccountRootPrincipal(), encryptAndGrantActions, map[string]any{"StringEquals": via})
	case KeyServiceCloudTrail:
		return keyStatement("TrailsOfTheAccount", awsiam.NewServicePrincipal(jsii.String("cloudtrail.amazonaws.com"), nil), trailKeyActions,
			map[string]any{
				"StringEquals": sourceAccount(stack),
				"ArnLike":      map[string]any{"aws:SourceArn": trailARN(stack, "*")},
			})
	case KeyServiceSNS:
		return keyStatement("ThroughSNS", awsiam.NewAccountRootPrincipal(), messageActions, map[string]any{"StringEquals": via})
	default: // KeyServiceLogs: the service itself calls KMS
		groups := fmt.Sprintf("arn:%s:logs:%s:%s:*", *stack.Partition(), *stack.Region(), *stack.Account())
		service := serviceHost("logs", *stack.Region()) // CloudWatch Logs' principal contains the region
		return keyStatement("LogGroupsOfTheAccount", awsiam.NewServicePrincipal(jsii.String(service), nil), encryptActions,
			map[string]any{"ArnLike": map[string]any{"kms:EncryptionContext:aws:logs:arn": groups}})
	}
}

func keyStatement(sid string, who awsiam.IPrincipal, actions []string, conditions map[string]any) awsiam.PolicyStatement {
	props := &awsiam.PolicyStatementProps{
		Sid:        jsii.String(sid),
		Principals: &[]awsiam.IPrincipal{who},
		Actions:    jsii.Strings(actions...),
		Resources:  jsii.Strings("*"),
	}
	if conditions != nil {
		props.Conditions = &conditions
	}
	return awsiam.NewPolicyStatement(props)
}
