package constructs_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleUnexplainedWildcards() {
	template := map[string]any{"Resources": map[string]any{"Role": map[string]any{
		"Type": "AWS::IAM::Role",
		"Properties": map[string]any{"Policies": []any{map[string]any{"PolicyDocument": map[string]any{"Statement": []any{
			map[string]any{"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::shop"},
		}}}}},
	}}}
	for _, sentence := range constructs.UnexplainedWildcards(template) {
		fmt.Println(sentence)
	}
	// Output: Role (AWS::IAM::Role): statement "Read" allows Action "s3:Get*"
}

func TestConstructs_HaveOnlyExplainedWildcards(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{RestrictDefaultSecurityGroup: jsii.Bool(false)})
		key := constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{
			Alias:      "shared",
			Services:   []constructs.KeyService{constructs.KeyServiceDynamoDB, constructs.KeyServiceSecretsManager, constructs.KeyServiceLogs},
			Operations: []constructs.KeyOperation{constructs.Decrypt},
		})
		table := constructs.NewSecureTable(stack, "Table", &constructs.SecureTableProps{Name: "table", PartitionKey: constructs.TableKey{Name: "id"}})
		secret := constructs.NewAppSecret(stack, "Secret", &constructs.AppSecretProps{Name: "s", Keys: []constructs.SecretKey{"K"}, EncryptionKey: key.Key})
		constructs.NewLeastPrivilegeFunction(stack, "Function", &constructs.LeastPrivilegeFunctionProps{
			Name: "function", Code: bootstrap(t), LogKey: key.Key,
			Grants: []constructs.Grant{table.Allow(constructs.Query), secret.AllowRead(), key.Allow(constructs.Decrypt)},
			Network: &constructs.FunctionNetwork{
				Vpc: vpc, Subnets: &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS},
				SecurityGroups: []awsec2.ISecurityGroup{awsec2.NewSecurityGroup(stack, jsii.String("Group"), &awsec2.SecurityGroupProps{Vpc: vpc})},
			},
		})
	})
	edge := edge(func(*constructs.WafProtectedApiProps) {})
	if found := append(constructs.UnexplainedWildcards(template), constructs.UnexplainedWildcards(edge)...); len(found) > 0 {
		t.Errorf("unexplained: %q", found)
	}
}

func TestExplainedWildcards_HaveReasons(t *testing.T) {
	for _, w := range constructs.ExplainedWildcards() {
		if w.In == "" || w.Pattern == "" || w.Reason == "" {
			t.Errorf("%+v lacks a word", w)
		}
	}
}

func TestUnexplainedWildcards_AnyPosition_AreFound(t *testing.T) {
	cases := map[string]struct {
		kind, statement string
		want            []string
	}{
		"exact":                    {"AWS::IAM::Policy", `{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/b"}`, nil},
		"action":                   {"AWS::IAM::Policy", `{"Action": ["s3:GetObject", "s3:*"], "Resource": "arn:aws:s3:::a/b"}`, []string{`Action "s3:*"`}},
		"action in a key policy":   {"AWS::KMS::Key", `{"Action": "kms:*", "Resource": "*"}`, []string{`Action "kms:*"`}},
		"resource":                 {"AWS::IAM::Policy", `{"Action": "s3:GetObject", "Resource": "*"}`, []string{`Resource "*"`}},
		"resource in a join":       {"AWS::IAM::Policy", `{"Action": "s3:GetObject", "Resource": {"Fn::Join": ["", [{"Ref": "B"}, "/*"]]}}`, []string{`Resource "${B}/*"`}},
		"resource in a sub":        {"AWS::IAM::Policy", `{"Action": "s3:GetObject", "Resource": {"Fn::Sub": "${B}/*"}}`, []string{`Resource "${B}/*"`}},
		"resource in a parameter":  {"AWS::IAM::Policy", `{"Action": "s3:GetObject", "Resource": {"Ref": "Any"}}`, []string{`Resource "*"`}},
		"action of a mapping":      {"AWS::IAM::Policy", `{"Action": {"Fn::FindInMap": ["M", "a", "b"]}, "Resource": "arn:aws:s3:::a/b"}`, []string{`Action "s3:*"`}},
		"one of two":               {"AWS::IAM::Policy", `{"Action": "s3:GetObject", "Resource": {"Fn::If": ["C", "*", "arn:aws:s3:::a/b"]}}`, []string{`Resource "*arn:aws:s3:::a/b"`}},
		"traces and more":          {"AWS::IAM::Policy", `{"Action": ["xray:PutTraceSegments", "s3:GetObject"], "Resource": "*"}`, []string{`Resource "*"`}},
		"traces by pattern":        {"AWS::IAM::Policy", `{"Action": "xray:PutTraceSegments", "Resource": "arn:aws:xray:*"}`, []string{`Resource "arn:aws:xray:*"`}},
		"traces":                   {"AWS::IAM::Policy", `{"Action": "xray:PutTraceSegments", "Resource": "*"}`, nil},
		"reading log streams":      {"AWS::IAM::Policy", `{"Action": "logs:GetLogEvents", "Resource": "arn:aws:logs:r:a:log-group:g:*"}`, []string{`Resource "arn:aws:logs:r:a:log-group:g:*"`}},
		"everything but":           {"AWS::IAM::Policy", `{"NotAction": "iam:PassRole", "Resource": "arn:aws:s3:::a"}`, []string{`Action "*"`}},
		"every resource but":       {"AWS::IAM::Policy", `{"Action": "s3:GetObject", "NotResource": "arn:aws:s3:::a"}`, []string{`Action "*"`}},
		"anybody":                  {"AWS::S3::BucketPolicy", `{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/b", "Principal": "*"}`, []string{`Principal "*"`}},
		"anybody of AWS":           {"AWS::KMS::Key", `{"Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": "*"}}`, []string{`Principal "*"`}},
		"anybody through anything": {"AWS::KMS::Key", `{"Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"kms:CallerAccount": "1"}}}`, []string{`Principal "*"`}},
		"anybody of any account":   {"AWS::KMS::Key", `{"Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"kms:ViaService": "s"}}}`, []string{`Principal "*"`}},
		"endpoint for anybody":     {"AWS::EC2::VPCEndpoint", `{"Action": "kms:Decrypt", "Resource": "*", "Principal": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": "1"}}}`, []string{`Resource "*"`, `Principal "*"`}},
		"endpoint to anywhere":     {"AWS::EC2::VPCEndpoint", `{"Action": "kms:Decrypt", "Resource": "*", "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "1"}}}`, []string{`Resource "*"`, `Principal "*"`}},
		"endpoint in the account":  {"AWS::EC2::VPCEndpoint", `{"Action": "kms:Decrypt", "Resource": "*", "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "1", "aws:ResourceAccount": "1"}}}`, nil},
		"the same in a role":       {"AWS::IAM::Role", `{"Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "1", "aws:ResourceAccount": "1"}}}`, []string{`Resource "*"`}},
		"sign-up by endpoint":      {"AWS::EC2::VPCEndpoint", `{"Action": "cognito-idp:SignUp", "Resource": "*", "Principal": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": "1"}}}`, nil},
		"sign-up anywhere":         {"AWS::EC2::VPCEndpoint", `{"Action": "cognito-idp:SignUp", "Resource": "*", "Principal": "*"}`, []string{`Resource "*"`, `Principal "*"`}},
		"account through service":  {"AWS::KMS::Key", `{"Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"kms:CallerAccount": "1", "kms:ViaService": "s"}}}`, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var parsed map[string]any
			if err := json.Unmarshal([]byte(c.statement), &parsed); err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, w := range c.want {
				want = append(want, fmt.Sprintf(`R (%s): statement "S" allows %s`, c.kind, w))
			}
			parsed["Sid"], parsed["Effect"] = "S", "Allow"
			if got := constructs.UnexplainedWildcards(holding(c.kind, parsed)); !reflect.DeepEqual(got, want) {
				t.Errorf("found %q, want %q", got, want)
			}
			parsed["Effect"] = "Deny"
			if got := constructs.UnexplainedWildcards(holding(c.kind, parsed)); got != nil {
				t.Errorf("found %q in a Deny", got)
			}
		})
	}
}

func holding(kind string, statement map[string]any) map[string]any {
	return map[string]any{
		"Parameters": map[string]any{"Any": map[string]any{"Default": "*"}},
		"Mappings":   map[string]any{"M": map[string]any{"a": map[string]any{"b": "s3:*"}}},
		"Resources": map[string]any{"R": map[string]any{
			"Type":       kind,
			"Properties": map[string]any{"PolicyDocument": map[string]any{"Statement": []any{statement}}},
		}},
	}
}

func TestUnexplainedWildcards_TextPolicy_AreFound(t *testing.T) {
	const open = `{"Statement": [{"Sid": "S", "Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]}`
	const streams = `:logs:r:a:log-group:g:log-stream:*"}]}`
	joined := func(pieces ...any) any { return map[string]any{"Fn::Join": []any{"", pieces}} }
	for name, c := range map[string]struct {
		document any
		want     []string
	}{
		"text":    {open, []string{`R (AWS::Logs::ResourcePolicy): statement "S" allows Resource "*"`}},
		"streams": {joined(`{"Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "arn:`, map[string]any{"Ref": "AWS::Partition"}, streams), nil},
		"reading": {joined(`{"Statement": [{"Effect": "Allow", "Action": "logs:GetLogEvents", "Resource": "arn:aws`, streams),
			[]string{`R (AWS::Logs::ResourcePolicy): statement "" allows Resource "arn:aws:logs:r:a:log-group:g:log-stream:*"`}},
		"no JSON": {map[string]any{"Ref": "Policy"}, []string{`R (AWS::Logs::ResourcePolicy): statement "" allows Action "*"`}},
	} {
		t.Run(name, func(t *testing.T) {
			template := map[string]any{"Resources": map[string]any{"R": map[string]any{
				"Type": "AWS::Logs::ResourcePolicy", "Properties": map[string]any{"PolicyDocument": c.document},
			}}}
			if got := constructs.UnexplainedWildcards(template); !reflect.DeepEqual(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}
