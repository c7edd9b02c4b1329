package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleAllowSend() {
	stack := newStack()
	jobs := awssqs.NewQueue(stack, jsii.String("Jobs"), &awssqs.QueueProps{EnforceSSL: jsii.Bool(true)})
	for _, s := range constructs.AllowSend(jobs) {
		fmt.Println(s.Sid, s.Actions)
	}
	// Output: JobsSend [sqs:SendMessage]
}

func ExampleAllowConsume() {
	jobs := awssqs.NewQueue(newStack(), jsii.String("Jobs"), nil)
	fmt.Println(constructs.AllowConsume(jobs)[0].Actions)
	// Output: [sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage]
}

func ExampleAllowPublish() {
	topic := awssns.NewTopic(newStack(), jsii.String("Placed"), nil)
	fmt.Println(constructs.AllowPublish(topic)[0].Actions)
	// Output: [sns:Publish]
}

func ExampleAllowPutEvents() {
	bus := awsevents.NewEventBus(newStack(), jsii.String("Bus"), nil)
	fmt.Println(constructs.AllowPutEvents(bus)[0].Actions)
	// Output: [events:PutEvents]
}

func ExampleAllowSendEmail() {
	identity := awsses.EmailIdentity_FromEmailIdentityName(newStack(), jsii.String("Domain"), jsii.String("example.com"))
	s := constructs.AllowSendEmail(identity, "hello@example.com")[0]
	fmt.Println(s.Actions, s.Resources, s.Conditions)
	// Output: [ses:SendEmail] [arn:aws:ses:eu-west-2:111122223333:identity/example.com] map[StringEquals:map[ses:FromAddress:[hello@example.com]]]
}

func ExampleAllowSchedules() {
	stack := newStack()
	reminders := awsscheduler.ScheduleGroup_FromScheduleGroupName(stack, jsii.String("Reminders"), jsii.String("shop-prod-reminders"))
	caller := awsiam.NewRole(stack, jsii.String("Caller"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), nil),
	})
	for _, s := range constructs.AllowSchedules(reminders, caller, constructs.CreateSchedule, constructs.DeleteSchedule) {
		fmt.Println(s.Sid, s.Actions)
	}
	// Output:
	// RemindersSchedules [scheduler:CreateSchedule scheduler:DeleteSchedule]
	// RemindersPassRole [iam:PassRole]
}

func TestAllowSend_QueueWithKey_GrantsKeyForTheQueue(t *testing.T) {
	template := function(t, func(stack awscdk.Stack, p *constructs.LeastPrivilegeFunctionProps) {
		key := awskms.NewKey(stack, jsii.String("Key"), nil)
		jobs := awssqs.NewQueue(stack, jsii.String("Jobs"), &awssqs.QueueProps{EncryptionMasterKey: key})
		placed := awssns.NewTopic(stack, jsii.String("Placed"), &awssns.TopicProps{MasterKey: key})
		p.Grants = []constructs.Grant{constructs.AllowSend(jobs), constructs.AllowConsume(jobs), constructs.AllowPublish(placed)}
	})
	jobs := fmt.Sprintf(`{"Fn::GetAtt": [%q, "Arn"]}`, at(statement(template, "JobsSend"), "Resource", "Fn::GetAtt", 0))
	placed := fmt.Sprintf(`{"Ref": %q}`, at(statement(template, "PlacedPublish"), "Resource", "Ref"))
	for sid, want := range map[string]struct{ actions, via, context, arn string }{
		"JobsSendKey":      {`["kms:Decrypt", "kms:GenerateDataKey"]`, "sqs", "aws:sqs:arn", jobs},
		"JobsConsumeKey":   {`"kms:Decrypt"`, "sqs", "aws:sqs:arn", jobs},
		"PlacedPublishKey": {`["kms:Decrypt", "kms:GenerateDataKey"]`, "sns", "aws:sns:topicArn", placed},
	} {
		s := statement(template, sid)
		equal(t, sid+" actions", s["Action"], want.actions)
		equal(t, sid+" condition", s["Condition"], fmt.Sprintf(
			`{"StringEquals": {"kms:ViaService": "%s.eu-west-2.amazonaws.com", "kms:EncryptionContext:%s": %s}}`, want.via, want.context, want.arn))
		equal(t, sid+" resource", at(s, "Resource", "Fn::GetAtt", 1), `"Arn"`)
	}
	equal(t, "queue", at(statement(template, "JobsSend"), "Resource", "Fn::GetAtt", 1), `"Arn"`)
	equal(t, "topic", statement(template, "PlacedPublish")["Action"], `"sns:Publish"`)
}

func TestAllowSendEmail_ConfigurationSet_IsGranted(t *testing.T) {
	stack := newStack()
	identity := awsses.EmailIdentity_FromEmailIdentityName(stack, jsii.String("Domain"), jsii.String("example.com"))
	set := awsses.ConfigurationSet_FromConfigurationSetName(stack, jsii.String("Set"), jsii.String("receipts"))
	got := constructs.AllowSendEmail(identity, "hello@example.com", set)[0].Resources
	const want = "[arn:aws:ses:eu-west-2:111122223333:identity/example.com arn:aws:ses:eu-west-2:111122223333:configuration-set/receipts]"
	if fmt.Sprint(got) != want {
		t.Errorf("the resources are %v, want %s", got, want)
	}
}

func TestAllowSendEmail_InvalidAddress_IsRefused(t *testing.T) {
	identity := awsses.EmailIdentity_FromEmailIdentityName(newStack(), jsii.String("Domain"), jsii.String("example.com"))
	for _, from := range []string{"", "*", "example.com", "*@example.com,b@example.com", "Shop <hello@example.com>"} {
		refused(t, func() { constructs.AllowSendEmail(identity, from) }, "from")
	}
}

func TestAllowSchedules_GrantsOneGroupAndOneRole(t *testing.T) {
	stack := newStack()
	caller := awsiam.NewRole(stack, jsii.String("Caller"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), nil)})
	constructs.NewLeastPrivilegeFunction(stack, "Remind", &constructs.LeastPrivilegeFunctionProps{
		Name: "remind", Code: bootstrap(t), Grants: []constructs.Grant{constructs.AllowSchedules(
			awsscheduler.NewScheduleGroup(stack, jsii.String("Reminders"), nil), caller, constructs.UpdateSchedule)},
	})
	template := synth(stack)
	pass := statement(template, "RemindersPassRole")
	equal(t, "condition", pass["Condition"], `{"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}`)
	equal(t, "role", at(pass, "Resource", "Fn::GetAtt", 1), `"Arn"`)
	equal(t, "actions", statement(template, "RemindersSchedules")["Action"], `"scheduler:UpdateSchedule"`)
	if found := constructs.UnexplainedWildcards(template); len(found) > 0 {
		t.Errorf("unexplained: %q", found)
	}
	synthSucceeds(t, stack)
}

func TestAllowSchedules_DeleteOnly_PassesNoRole(t *testing.T) {
	group := awsscheduler.NewScheduleGroup(newStack(), jsii.String("Reminders"), nil)
	if grant := constructs.AllowSchedules(group, nil, constructs.GetSchedule, constructs.DeleteSchedule); len(grant) != 1 {
		t.Errorf("the grant is %v, want one statement", grant)
	}
}

func TestAllowSchedules_UnsupportedGrants_AreRefused(t *testing.T) {
	group := awsscheduler.NewScheduleGroup(newStack(), jsii.String("Reminders"), nil)
	refused(t, func() { constructs.AllowSchedules(group, nil) }, "operations")
	refused(t, func() { constructs.AllowSchedules(group, nil, "*") }, "operations")
	refused(t, func() { constructs.AllowSchedules(group, nil, "ListSchedules") }, "operations")
	refused(t, func() { constructs.AllowSchedules(group, nil, constructs.CreateSchedule) }, "target")
}

func TestGrant_SchedulesOfSeveralGroups_AreRefused(t *testing.T) {
	code := bootstrap(t)
	for resource, allowed := range map[string]bool{
		"schedule/reminders/*": true, "schedule/*": false, "schedule/*/*": false, "schedule//*": false,
		"schedule/rem*/*": false, "schedule-group/*": false, "schedule/reminders/a*": false,
	} {
		stack := newStack()
		problem := panicOf(func() {
			constructs.NewLeastPrivilegeFunction(stack, "F", &constructs.LeastPrivilegeFunctionProps{Name: "f", Code: code, Grants: []constructs.Grant{
				constructs.AllowActions("S", []string{"scheduler:DeleteSchedule"}, "arn:aws:scheduler:eu-west-2:111122223333:"+resource),
			}})
		})
		if (problem == nil) != allowed {
			t.Errorf("%s: allowed should be %t, but: %v", resource, allowed, problem)
		}
	}
}

func TestAllowInvoke_GrantsAlias(t *testing.T) {
	stack, code := newStack(), bootstrap(t)
	price := constructs.NewLeastPrivilegeFunction(stack, "Price", &constructs.LeastPrivilegeFunctionProps{Name: "price", Code: code})
	constructs.NewLeastPrivilegeFunction(stack, "Order", &constructs.LeastPrivilegeFunctionProps{
		Name: "order", Code: code, Grants: []constructs.Grant{price.AllowInvoke()},
	})
	template := synth(stack)
	invoke := statement(template, "PriceInvoke")
	equal(t, "action", invoke["Action"], `"lambda:InvokeFunction"`)
	resources, _ := template["Resources"].(map[string]any)
	alias, _ := at(invoke, "Resource", "Ref").(string)
	equal(t, "target", at(resources, alias, "Type"), `"AWS::Lambda::Alias"`)
}

func TestGrants_ImportedResources_NameTheirKeys(t *testing.T) {
	stack := newStack()
	arn := func(service, rest string) *string {
		return jsii.String("arn:aws:" + service + ":eu-west-2:444455556666:" + rest)
	}
	queue := awssqs.Queue_FromQueueAttributes(stack, jsii.String("Jobs"), &awssqs.QueueAttributes{QueueArn: arn("sqs", "jobs"), KeyArn: jsii.String(keyARN)})
	topic := awssns.Topic_FromTopicAttributes(stack, jsii.String("News"), &awssns.TopicAttributes{TopicArn: arn("sns", "news"), KeyArn: jsii.String(keyARN)})
	secret := awssecretsmanager.Secret_FromSecretAttributes(stack, jsii.String("Secret"), &awssecretsmanager.SecretAttributes{
		SecretCompleteArn: arn("secretsmanager", "secret:partner-AbCdEf"), EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(keyARN)),
	})
	for name, grant := range map[string]constructs.Grant{
		"arn:aws:sqs:eu-west-2:444455556666:jobs":                             constructs.AllowSend(queue),
		"arn:aws:sns:eu-west-2:444455556666:news":                             constructs.AllowPublish(topic),
		"arn:aws:secretsmanager:eu-west-2:444455556666:secret:partner-AbCdEf": constructs.AllowSecret(secret),
	} {
		if len(grant) != 2 || grant[0].Resources[0] != name || grant[1].Resources[0] != keyARN {
			t.Errorf("%s is granted by %v", name, grant)
		}
	}
}
