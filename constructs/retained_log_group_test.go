package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewRetainedLogGroup() {
	stack := newStack()
	constructs.NewRetainedLogGroup(stack, "AccessLog", &constructs.RetainedLogGroupProps{
		Name:          "/aws/http-api/shop-prod",
		RetentionDays: 14,
	})
	template := *assertions.Template_FromStack(stack, nil).ToJSON()
	fmt.Println(at(all(template, "AWS::Logs::LogGroup")[0], "Properties", "RetentionInDays"))
	// Output: 14
}

func logGroup(t *testing.T, set func(stack awscdk.Stack, p *constructs.RetainedLogGroupProps)) map[string]any {
	t.Helper()
	return only(t, build(func(stack awscdk.Stack) {
		props := &constructs.RetainedLogGroupProps{Name: "access"}
		set(stack, props)
		constructs.NewRetainedLogGroup(stack, "Log", props)
	}), "AWS::Logs::LogGroup")
}

func TestRetainedLogGroup_Defaults_KeepsThirtyDaysBeyondStack(t *testing.T) {
	group := logGroup(t, func(awscdk.Stack, *constructs.RetainedLogGroupProps) {})
	equal(t, "properties", group["Properties"], `{"LogGroupName": "access", "RetentionInDays": 30}`)
	equal(t, "DeletionPolicy", group["DeletionPolicy"], `"RetainExceptOnCreate"`)
}

func TestRetainedLogGroup_GivenProps_AreInTheTemplate(t *testing.T) {
	group := logGroup(t, func(stack awscdk.Stack, p *constructs.RetainedLogGroupProps) {
		p.RetentionDays, p.Disposable = 7, true
		p.EncryptionKey = constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{
			Alias: "logs", Services: []constructs.KeyService{constructs.KeyServiceLogs},
		}).Key
	})
	equal(t, "retention", at(group, "Properties", "RetentionInDays"), `7`)
	equal(t, "DeletionPolicy", group["DeletionPolicy"], `"Delete"`)
	key, _ := at(group, "Properties", "KmsKeyId", "Fn::GetAtt", 0).(string)
	if !strings.HasPrefix(key, "Key") {
		t.Errorf("the key is %v, want the given one", at(group, "Properties", "KmsKeyId"))
	}
}

func TestRetainedLogGroup_InvalidProps_AreRefused(t *testing.T) {
	cases := map[string]struct {
		props constructs.RetainedLogGroupProps
		wrong []string
	}{
		"name with a space": {constructs.RetainedLogGroupProps{Name: "a b"}, []string{"Name"}},
		"unknown retention": {constructs.RetainedLogGroupProps{Name: "a", RetentionDays: 8}, []string{"RetentionDays"}},
	}
	stack := newStack()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			refused(t, func() { constructs.NewRetainedLogGroup(stack, name, &c.props) }, c.wrong...)
		})
	}
	refused(t, func() { constructs.NewRetainedLogGroup(stack, "none", nil) }, "Name")
}
