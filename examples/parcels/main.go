// Command parcels is a CDK app that packs parcels. Orders go to a topic, and a function
// behind a queue packs the orders that have a weight. An order that cannot be packed
// fails alone and becomes a dead letter.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	policy.Attach(app, &policy.Props{Disposable: true})
	stack := awscdk.NewStack(app, jsii.String("parcels"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(os.Getenv("CDK_DEFAULT_ACCOUNT")), Region: jsii.String("eu-west-2")},
	})
	addParcels(stack)
	app.Synth(nil)
}

func addParcels(stack awscdk.Stack) {
	key := constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{
		Alias: "parcels",
		Services: []constructs.KeyService{
			constructs.KeyServiceDynamoDB, constructs.KeyServiceSQS, constructs.KeyServiceSNS, constructs.KeyServiceAlerts, constructs.KeyServiceLogs,
		},
		Operations: []constructs.KeyOperation{constructs.Decrypt, constructs.GenerateDataKey},
		Disposable: true,
	})
	packed := constructs.NewSecureTable(stack, "Packed", &constructs.SecureTableProps{
		Name: "parcels-packed", PartitionKey: constructs.TableKey{Name: "order"}, EncryptionKey: key.Key, BackupPlan: "daily", Disposable: true,
	})
	policy.Accept(packed, "NIST.800.53.R5-DynamoDBInBackupPlan", "A plan of the account selects tables by the tag backup-plan.")
	alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{
		Name: "parcels-alerts", EncryptionKey: key.Key, Emails: []string{"warehouse@shop.example"},
	})
	pack := constructs.NewLeastPrivilegeFunction(stack, "Pack", &constructs.LeastPrivilegeFunctionProps{
		Name:         "parcels-pack",
		Code:         constructs.GoBundle{Package: "./function", OutputDir: "../../.build/examples"},
		Architecture: constructs.Architecture(os.Getenv("EXAMPLE_ARCHITECTURE")),
		Timeout:      3 * time.Second,
		Grants:       []constructs.Grant{packed.Allow(constructs.PutItem)},
		Environment:  map[string]string{"PACKED_TABLE": *packed.Table.TableName()},
		LogKey:       key.Key,
		Disposable:   true,
	})
	parcels := constructs.NewQueueConsumer(stack, "Parcels", &constructs.QueueConsumerProps{
		Name:           "parcels",
		Function:       pack,
		EncryptionKey:  key.Key,
		Attempts:       2,
		MaxConcurrency: 2,
		Alarms: constructs.QueueAlarms{
			Route: constructs.AlarmRoute{Target: alerts, RunbookURL: "https://wiki.shop.example/parcels"},
		},
		Disposable: true,
	})
	policy.Accept(pack, "NIST.800.53.R5-LambdaDLQ", "Its events come from a queue, whose dead-letter queue keeps what fails.")
	policy.Accept(pack, "NIST.800.53.R5-LambdaConcurrency", "The queue's MaxConcurrency caps it.")
	policy.Accept(pack, "NIST.800.53.R5-LambdaInsideVPC", "It calls DynamoDB only, which its role names.")
	policy.Accept(pack, "NIST.800.53.R5-IAMNoInlinePolicy", "A role of one function has its policy in it; a managed one could be attached elsewhere.")
	policy.Accept(pack, "AwsSolutions-IAM5", "policy::wildcard judges every wildcard more exactly.")

	orders := constructs.NewTopicFanOut(stack, "Orders", &constructs.TopicFanOutProps{Name: "parcels-orders", EncryptionKey: key.Key})
	orders.Deliver(parcels, &constructs.DeliveryFilter{Attributes: map[string][]string{"kind": {"parcel"}}})

	constructs.NewFunctionFleet(stack, "Fleet", &constructs.FunctionFleetProps{
		Name:  "parcels",
		Route: constructs.AlarmRoute{Target: alerts, RunbookURL: "https://wiki.shop.example/functions"},
	})
	awscdk.NewCfnOutput(stack, jsii.String("OrdersTopic"), &awscdk.CfnOutputProps{Value: orders.Topic.TopicArn()})
	awscdk.NewCfnOutput(stack, jsii.String("DeadLetters"), &awscdk.CfnOutputProps{Value: parcels.DeadLetters.QueueUrl()})
}
