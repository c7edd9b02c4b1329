package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// partitions are a region of each of AWS's partitions, with the domain of its
// endpoints by AWS's own list.
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
var partitions = []struct{ region, partition, suffix string }{
	{"eu-west-2", "aws", "amazonaws.com"},
	{"ap-southeast-7", "aws", "amazonaws.com"},
	{"cn-north-1", "aws-cn", "amazonaws.com.cn"},
	{"us-gov-west-1", "aws-us-gov", "amazonaws.com"},
	{"eusc-de-east-1", "aws-eusc", "amazonaws.eu"},
	{"us-iso-east-1", "aws-iso", "c2s.ic.gov"},
	{"us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"},
	{"eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"},
	{"us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"},
}

func stackInRegion(region string) awscdk.Stack {
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{"@aws-cdk/core:enablePartitionLiterals": true}})
	return awscdk.NewStack(app, jsii.String("Shop"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String(region)},
	})
}

func TestApiReference_OtherPartition_HasItsDomain(t *testing.T) {
	for _, p := range partitions {
		t.Run(p.region, func(t *testing.T) {
			stack := stackInRegion(p.region)
			constructs.NewApiOriginGuard(stack, "Guard", &constructs.ApiOriginGuardProps{
				SecretName: "origin", Api: constructs.ApiReference{ID: "a1b2c3", Region: p.region}, EncryptionKey: importedKey(stack, "Key"),
			})
			secret := only(t, synth(stack), "AWS::SecretsManager::Secret")
			host := fmt.Sprintf("a1b2c3.execute-api.%s.%s", p.region, p.suffix)
			equal(t, "template", at(secret, "Properties", "GenerateSecretString", "SecretStringTemplate"), fmt.Sprintf("%q", `{"ORIGIN_HOST":"`+host+`"}`))
		})
	}
}

// The condition of a key names the service as AWS documents it, and where the
// partition has a domain of its own, under that domain too.
func TestDataKey_OtherPartition_AllowsItsServices(t *testing.T) {
	for _, p := range partitions {
		t.Run(p.region, func(t *testing.T) {
			stack := stackInRegion(p.region)
			key := constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{Alias: "shop", Services: []constructs.KeyService{
				constructs.KeyServiceDynamoDB, constructs.KeyServiceLogs, constructs.KeyServiceS3, constructs.KeyServiceSecretsManager, constructs.KeyServiceAlerts,
			}})
			secret := constructs.NewAppSecret(stack, "Secret", &constructs.AppSecretProps{Name: "s", Keys: []constructs.SecretKey{"K"}, EncryptionKey: key.Key})
			bucket := constructs.NewSecureBucket(stack, "Bucket", &constructs.SecureBucketProps{Name: "bucket", EncryptionKey: key.Key})
			topic := constructs.NewAlertTopic(stack, "Topic", &constructs.AlertTopicProps{Name: "alerts", EncryptionKey: key.Key})
			constructs.NewLeastPrivilegeFunction(stack, "Read", &constructs.LeastPrivilegeFunctionProps{Name: "read", Code: bootstrap(t),
				Grants: []constructs.Grant{secret.AllowRead(), bucket.AllowRead("receipts"), topic.AllowPublish()}})
			template := synth(stack)
			for sid, service := range map[string]string{
				"ThroughDynamoDB": "dynamodb", "ThroughSecretsManager": "secretsmanager", "ThroughS3": "s3", "AlertsThroughSNS": "sns",
				"SecretReadKey": "secretsmanager", "BucketReadReceiptsKey": "s3", "TopicEncrypt": "sns",
			} {
				documented, own := service+"."+p.region+".amazonaws.com", service+"."+p.region+"."+p.suffix
				want := fmt.Sprintf("%q", documented)
				if documented != own {
					want = fmt.Sprintf("[%q, %q]", documented, own)
				}
				equal(t, sid, at(statement(template, sid), "Condition", "StringEquals", "kms:ViaService"), want)
			}
			equal(t, "principal of logs", at(statement(template, "LogGroupsOfTheAccount"), "Principal"),
				fmt.Sprintf(`{"Service": "logs.%s.%s"}`, p.region, p.suffix))
		})
	}
}

// Every construct is made in every partition, and writes no ARN of another one.
func TestConstructs_OtherPartition_WriteItsARNs(t *testing.T) {
	for _, p := range partitions {
		stack := stackInRegion(p.region)
		for name, make := range inEnvironment {
			if name == "NewWafProtectedApi" || name == "NewPrivateNetwork" {
				continue // CloudFront's region is us-east-1; the network's prefix lists are below
			}
			make(t, stack, "shop")
		}
		constructs.NewPrivateNetwork(stack, "Network", &constructs.PrivateNetworkProps{
			Name: "shop", ZoneNames: []string{p.region + "a", p.region + "b"},
			PrefixLists: map[constructs.GatewayService]string{constructs.GatewayDynamoDB: "pl-0123abcd"},
		})
		constructs.NewAppSecret(stack, "Copied", &constructs.AppSecretProps{
			Name: "copied", Keys: []constructs.SecretKey{"K"}, EncryptionKey: importedKey(stack, "CopiedKey"),
			Replicas: []constructs.SecretReplica{{Region: "eu-central-1", KeyARN: "arn:aws:kms:eu-central-1:111122223333:key/1"}},
		})
		template := synth(stack)
		for id, resource := range template["Resources"].(map[string]any) {
			text := strings.ReplaceAll(fmt.Sprint(resource), keyARN, "")
			text = strings.ReplaceAll(text, "arn:aws:kms:eu-central-1", "")
			if strings.Contains(text, "arn:aws:") && p.partition != "aws" {
				t.Errorf("%s: %s has an ARN of the partition aws: %.300s", p.region, id, text[strings.Index(text, "arn:aws:"):])
			}
		}
		if !strings.Contains(fmt.Sprint(template), "arn:"+p.partition+":") {
			t.Errorf("%s: no ARN is of the partition %s", p.region, p.partition)
		}
	}
}

func TestRegionPattern_RegionsOfEveryPartition_Match(t *testing.T) {
	for _, p := range partitions {
		constructs.NewGitHubDeployRole(stackInRegion(p.region), "Deploy", &constructs.GitHubDeployRoleProps{
			Name: "deploy", Repository: "shop/backend", Branch: "main", Regions: []string{p.region},
		})
	}
	for _, region := range []string{"", "eu-west", "EU-WEST-2", "eu-west-2a", "euwest2", "eusco-de-east-1"} {
		refused(t, func() {
			constructs.NewGitHubDeployRole(newStack(), "Deploy", &constructs.GitHubDeployRoleProps{
				Name: "deploy", Repository: "shop/backend", Branch: "main", Regions: []string{region},
			})
		}, "Regions[0]")
	}
}
