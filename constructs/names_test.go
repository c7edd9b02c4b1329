package constructs_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// sids lists the Sids below value, in order of the statements.
func sids(value any) []string {
	var found []string
	switch v := value.(type) {
	case map[string]any:
		if sid, ok := v["Sid"].(string); ok {
			found = append(found, sid)
		}
		for _, child := range v {
			found = append(found, sids(child)...)
		}
	case []any:
		for _, child := range v {
			found = append(found, sids(child)...)
		}
	}
	return found
}

// checkSids fails where a Sid is listed twice, or is none.
func checkSids(t *testing.T, policy any) {
	t.Helper()
	found := sids(policy)
	for i, sid := range found {
		if slices.Contains(found[:i], sid) {
			t.Errorf("two statements of one policy have the Sid %q", sid)
		}
		if !regexp.MustCompile(`^[A-Za-z0-9]+$`).MatchString(sid) {
			t.Errorf("%q is not a Sid", sid)
		}
	}
}

// Tables "Orders" of two stacks are granted beside a table "Orders2": the number
// that tells the first two apart is the third's own name.
func TestGrant_NumberedSids_DifferFromGivenSids(t *testing.T) {
	for name, order := range map[string][]string{
		"the number is given last": {"Orders", "Orders", "Orders2"}, "and first": {"Orders2", "Orders", "Orders"},
		"and twice": {"Orders2", "Orders", "Orders2", "Orders", "Orders22"},
	} {
		t.Run(name, func(t *testing.T) {
			template := function(t, func(_ awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
				for i, sid := range order { // CDK joins what differs in its Sid only
					p.Grants = append(p.Grants, constructs.AllowActions(sid, []string{"sqs:SendMessage"}, fmt.Sprint("arn:aws:sqs:eu-west-2:111122223333:q", i)))
				}
			})
			checkSids(t, only(t, template, "AWS::IAM::Role"))
		})
	}
}

// A grant's Sid may be one that the construct writes itself.
func TestGrant_SidOfNetworkStatement_IsNumbered(t *testing.T) {
	stack := newStack()
	n := constructs.NewPrivateNetwork(stack, "Network", &constructs.PrivateNetworkProps{Name: "shop"})
	f := constructs.NewLeastPrivilegeFunction(stack, "Orders", &constructs.LeastPrivilegeFunctionProps{
		Name: "orders", Code: bootstrap(t), Network: n.Isolated(), Grants: []constructs.Grant{
			constructs.AllowActions("CodeDoesNotTouchVpc", []string{"sqs:SendMessage"}, "arn:aws:sqs:eu-west-2:111122223333:a"),
			constructs.AllowActions("WriteOwnLogs", []string{"sqs:SendMessage"}, "arn:aws:sqs:eu-west-2:111122223333:b"),
		},
	})
	_, role := metricOf(t, synth(stack), "AWS::IAM::Role", *f.Node().Id())
	checkSids(t, role)
}

// An id in the user's own script has no letter that a Sid may hold.
func TestSids_IdInAnyScript_AreValid(t *testing.T) {
	stack := newStack()
	queue := func(id string) constructs.Grant {
		return constructs.AllowSend(awssqs.NewQueue(stack, jsii.String(id), nil))
	}
	table := constructs.NewSecureTable(stack, "注文", &constructs.SecureTableProps{Name: "orders", PartitionKey: constructs.TableKey{Name: "id"}})
	key := constructs.NewDataKey(stack, "鍵", &constructs.DataKeyProps{Alias: "key", Operations: []constructs.KeyOperation{constructs.Decrypt}})
	constructs.NewLeastPrivilegeFunction(stack, "関数", &constructs.LeastPrivilegeFunctionProps{
		Name: "orders", Code: bootstrap(t),
		Grants: []constructs.Grant{table.Allow(constructs.GetItem), key.Allow(constructs.Decrypt), queue("列"), queue("表")},
	})
	for _, role := range all(synth(stack), "AWS::IAM::Role") {
		checkSids(t, role)
	}
}

// Buckets of one account log to one bucket, whose policy has a statement for each.
func TestSecureBucket_SimilarNames_ShareLogBucket(t *testing.T) {
	stack := newStack()
	logs := constructs.NewAccessLogBucket(stack, "Logs", &constructs.AccessLogBucketProps{Name: "all-logs"})
	key := awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(keyARN))
	for _, name := range []string{"shop-a-b", "shop-a--b", "shop-ab", "shopab"} {
		constructs.NewSecureBucket(stack, name, &constructs.SecureBucketProps{Name: name, LogBucket: logs, EncryptionKey: key})
	}
	_, policy := metricOf(t, synth(stack), "AWS::S3::BucketPolicy", "Logs")
	checkSids(t, at(policy, "Properties"))
}

// Functions whose names differ in punctuation only each keep an alarm.
func TestFunctionFleet_SimilarNames_HaveTheirOwnAlarms(t *testing.T) {
	stack := newStack()
	names := []string{"shop-a-b", "shop_a_b", "shop-aB", "shop-a_b"}
	other := map[string]time.Duration{}
	for _, name := range names {
		other[name] = time.Minute
	}
	constructs.NewFunctionFleet(stack, "Fleet", &constructs.FunctionFleetProps{
		Name: "shop", OtherTimeouts: other, BackgroundFunctions: names,
		Route: constructs.AlarmRoute{Target: constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "alerts"}), RunbookURL: runbook},
	})
	text := fmt.Sprint(all(synth(stack), "AWS::CloudWatch::Alarm"))
	for _, name := range names {
		for _, alarm := range []string{"shop-duration-" + name + "-warning", "shop-failed-runs-" + name + "-warning"} {
			if !strings.Contains(text, "AlarmName:"+alarm+" ") {
				t.Errorf("there is no alarm %s", alarm)
			}
		}
	}
}

// A channel that two workspaces share has one id in both.
func TestSlackChannel_SharedByTwoWorkspaces_HasTwoConfigurations(t *testing.T) {
	template := alertTopic(constructs.AlertTopicProps{Name: "alerts", SlackChannels: []constructs.SlackChannel{
		{WorkspaceID: "T1", ChannelID: "C1"}, {WorkspaceID: "T2", ChannelID: "C1"},
	}})
	channels := all(template, "AWS::Chatbot::SlackChannelConfiguration")
	if len(channels) != 2 || at(channels[0], "Properties", "ConfigurationName") == at(channels[1], "Properties", "ConfigurationName") {
		t.Errorf("the configurations are %v", channels)
	}
	refused(t, func() {
		alertTopic(constructs.AlertTopicProps{Name: "alerts", SlackChannels: []constructs.SlackChannel{
			{WorkspaceID: "T1", ChannelID: "C1"}, {WorkspaceID: "T1", ChannelID: "C1"},
		}})
	}, "SlackChannels[1]")
}

// One function rotates secrets whose paths differ in punctuation only.
func TestSecretRotation_SimilarPaths_HaveTheirOwnPermissions(t *testing.T) {
	stack := newStack()
	key := awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(keyARN))
	f := constructs.NewLeastPrivilegeFunction(stack, "Rotate", &constructs.LeastPrivilegeFunctionProps{Name: "rotate", Code: bootstrap(t)})
	for i, id := range []string{"a-b", "a_b", "aB"} {
		secret := constructs.NewAppSecret(stack, id, &constructs.AppSecretProps{
			Name: fmt.Sprint("secret", i), Keys: []constructs.SecretKey{"K"}, EncryptionKey: key,
		})
		constructs.NewSecretRotation(stack, "Rotation"+fmt.Sprint(i), &constructs.SecretRotationProps{Secret: secret, Function: f})
	}
	if n := len(all(synth(stack), "AWS::Lambda::Permission")); n != 3 {
		t.Errorf("there are %d permissions, want one for each secret", n)
	}
}

// Every name that DynamoDB, S3 and SNS allow is one that the construct takes: the
// alias of the resource's own key is the construct's to derive.
func TestOwnKey_AnyResourceName_GivesValidAlias(t *testing.T) {
	long := strings.Repeat("a", 250)
	stack := newStack()
	names := []string{"shop.prod.users", "shop-prod-users", "shop-prod.users", long + "aaaaa", long + "aaaab"}
	for i, name := range names {
		constructs.NewSecureTable(stack, fmt.Sprint("Table", i), &constructs.SecureTableProps{Name: name, PartitionKey: constructs.TableKey{Name: "id"}})
	}
	for i, name := range []string{long + "aaaaaa", long + "aaaaab"} {
		constructs.NewAlertTopic(stack, fmt.Sprint("Topic", i), &constructs.AlertTopicProps{Name: name})
	}
	// One name for a table, a bucket and a topic is no conflict in AWS.
	constructs.NewSecureTable(stack, "SameTable", &constructs.SecureTableProps{Name: "shop-prod", PartitionKey: constructs.TableKey{Name: "id"}})
	constructs.NewSecureBucket(stack, "SameBucket", &constructs.SecureBucketProps{Name: "shop-prod"})
	constructs.NewAlertTopic(stack, "SameTopic", &constructs.AlertTopicProps{Name: "shop-prod"})

	seen := map[string]bool{}
	for _, alias := range all(synth(stack), "AWS::KMS::Alias") {
		name, _ := at(alias, "Properties", "AliasName").(string)
		if !regexp.MustCompile(`^alias/[A-Za-z0-9/_-]{1,250}$`).MatchString(name) || seen[name] {
			t.Errorf("%q is no alias, or there twice", name)
		}
		seen[name] = true
	}
	if len(seen) != 10 {
		t.Errorf("there are %d aliases, want 10", len(seen))
	}
}
