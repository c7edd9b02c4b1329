package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/policy"
)

// sound is a template without findings. Each case changes one value of it.
const sound = `{"Resources": {
	"Table": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": {
		"SSESpecification": {"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": {"Ref": "Key"}},
		"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true},
		"DeletionProtectionEnabled": true, "Tags": [{"Key": "backup-plan", "Value": "daily"}]}},
	"Plan": {"Type": "AWS::Backup::BackupSelection", "Properties": {"BackupSelection": {"ListOfTags": [
		{"ConditionType": "STRINGEQUALS", "ConditionKey": "backup-plan", "ConditionValue": "daily"}]}}},
	"Global": {"Type": "AWS::DynamoDB::GlobalTable", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": {
		"SSESpecification": {"SSEEnabled": true, "SSEType": "KMS"},
		"Replicas": [{"Region": "eu-west-1", "SSESpecification": {"KMSMasterKeyId": "arn:aws:kms:eu-west-1:1:key/1"},
			"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}, "DeletionProtectionEnabled": true,
			"Tags": [{"Key": "backup-plan", "Value": "daily"}]}]}},
	"Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyDocument": {"Statement": [
		{"Sid": "Read", "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:eu-west-2:1:table/t"}]}}]}},
	"OtherRole": {"Type": "AWS::IAM::Role", "Properties": {}},
	"Function": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "orders",
		"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "TracingConfig": {"Mode": "Active"},
		"LoggingConfig": {"LogGroup": {"Ref": "Log"}},
		"Environment": {"Variables": {"OPENAI_SECRET_NAME": "shop/openai", "TOKEN_TTL": "3600", "API_KEY": {"Ref": "Parameter"}, "STAGE": "prod"}}}},
	"Other": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "other",
		"Role": {"Fn::GetAtt": ["OtherRole", "Arn"]}, "TracingConfig": {"Mode": "Active"}, "LoggingConfig": {"LogGroup": {"Ref": "Log"}}}},
	"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": [{"Id": "q", "Expression":
		"SELECT SUM(Errors) FROM SCHEMA(\"AWS/Lambda\", FunctionName) GROUP BY FunctionName ORDER BY SUM() DESC"}]}},
	"Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}},
	"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 30}]}, "PublicAccessBlockConfiguration": {
		"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true}}},
	"BucketPolicy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": {"Statement": [
		{"Sid": "Insecure", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b"}]}}},
	"Permission": {"Type": "AWS::Lambda::Permission", "Properties": {"Principal": "apigateway.amazonaws.com", "SourceArn": "arn:aws:execute-api:eu-west-2:1:a/*"}},
	"Url": {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "AWS_IAM"}},
	"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [{"CidrIp": "10.0.0.0/16", "FromPort": 443, "ToPort": 443}]}},
	"Ingress": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"CidrIpv6": "fd00::/8"}},
	"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Environment": [{"Name": "STAGE", "Value": "prod"}]}]}},
	"Build": {"Type": "AWS::CodeBuild::Project", "Properties": {"Environment": {"EnvironmentVariables": [
		{"Name": "API_KEY", "Type": "SECRETS_MANAGER", "Value": "shop/openai:API_KEY"}]}}}
}}`

func TestCheck_ValidTemplate_HasNoFindings(t *testing.T) {
	findings, err := policy.Check(written(t, "", sound), nil)
	if err != nil || len(findings) > 0 {
		t.Errorf("found %v, %v", findings, err)
	}
}

func TestCheck_OneChange_BreaksOneRule(t *testing.T) {
	key := "AKIA" + strings.Repeat("A", 16) // in two pieces, so that secret scanners ignore it
	allow := `{"Statement": [{"Sid": "Open", "Effect": "Allow", "Principal": %s, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b"}]}`
	cases := []struct{ name, rule, path, value, want string }{
		{"wildcard action", policy.Wildcard, "Role.Properties.Policies", `[{"PolicyDocument": {"Statement": {"Sid": "Read", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b"}}}]`, `S1/Role: statement "Read" allows Action "s3:*"`},
		{"no encryption", policy.TableEncrypted, "Table.Properties.SSESpecification", ``, "S1/Table: the table is not encrypted with a customer-managed KMS key"},
		{"encryption off", policy.TableEncrypted, "Table.Properties.SSESpecification.SSEEnabled", `false`, "S1/Table: the table is not encrypted with a customer-managed KMS key"},
		{"Amazon's key", policy.TableEncrypted, "Table.Properties.SSESpecification.SSEType", ``, "S1/Table: the table is not encrypted with a customer-managed KMS key"},
		{"AWS's key", policy.TableEncrypted, "Table.Properties.SSESpecification.KMSMasterKeyId", `"alias/aws/dynamodb"`, "S1/Table: the table is not encrypted with a customer-managed KMS key"},
		{"AWS's key unasked", policy.TableEncrypted, "Table.Properties.SSESpecification.KMSMasterKeyId", ``, "S1/Table: the table is not encrypted with a customer-managed KMS key"},
		{"a replica's key", policy.TableEncrypted, "Global.Properties.SSESpecification.SSEType", ``, "S1/Global: the table in eu-west-1 is not encrypted with a customer-managed KMS key"},
		{"no recovery", policy.TableRecoverable, "Table.Properties.PointInTimeRecoverySpecification", ``, "S1/Table: the table has no point-in-time recovery"},
		{"recovery off", policy.TableRecoverable, "Table.Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", `false`, "S1/Table: the table has no point-in-time recovery"},
		{"no protection", policy.TableProtected, "Table.Properties.DeletionProtectionEnabled", ``, "S1/Table: the table is not protected from deletion"},
		{"deleted with the stack", policy.TableProtected, "Table.DeletionPolicy", `"Delete"`, `S1/Table: the table has the DeletionPolicy "Delete" and the UpdateReplacePolicy "Retain", not Retain`},
		{"deleted when replaced", policy.TableProtected, "Table.UpdateReplacePolicy", ``, `S1/Table: the table has the DeletionPolicy "Retain" and the UpdateReplacePolicy "", not Retain`},
		{"no tag of a plan", policy.BackedUp, "Table.Properties.Tags", ``, "S1/Table: no backup plan selects the table, which has the tags map[]"},
		{"the tag of another plan", policy.BackedUp, "Table.Properties.Tags", `[{"Key": "backup-plan", "Value": "weekly"}]`, "S1/Table: no backup plan selects the table, which has the tags map[backup-plan:weekly]"},
		{"a replica without a plan", policy.BackedUp, "Global.Properties.Replicas", `[{"Region": "eu-west-1"}]`, "S1/Global: no backup plan selects the table in eu-west-1, which has the tags map[]"},
		{"a bucket that keeps objects", policy.BackedUp, "Bucket.Properties.LifecycleConfiguration", ``, "S1/Bucket: no backup plan selects the bucket, which has the tags map[]"},
		{"a bucket that keeps some objects", policy.BackedUp, "Bucket.Properties.LifecycleConfiguration.Rules", `[{"Status": "Enabled", "ExpirationInDays": 30, "Prefix": "tmp/"}]`, "S1/Bucket: no backup plan selects the bucket, which has the tags map[]"},
		{"shared role", policy.FunctionRole, "Other.Properties.Role", `{"Fn::GetAtt": "Role.Arn"}`, "S1/Other: the function shares its role Role with Function"},
		{"role from elsewhere", policy.FunctionRole, "Other.Properties.Role", `"arn:aws:iam::1:role/r"`, `S1/Other: the function's role is not in its stack but is "arn:aws:iam::1:role/r"`},
		{"no tracing", policy.FunctionTraced, "Function.Properties.TracingConfig", ``, "S1/Function: the function's TracingConfig.Mode is null, not Active"},
		{"passive tracing", policy.FunctionTraced, "Function.Properties.TracingConfig.Mode", `"PassThrough"`, `S1/Function: the function's TracingConfig.Mode is "PassThrough", not Active`},
		{"no log group", policy.FunctionLogs, "Function.Properties.LoggingConfig", ``, "S1/Function: the function has no log group in the app"},
		{"log group elsewhere", policy.FunctionLogs, "Function.Properties.LoggingConfig.LogGroup", `"/elsewhere"`, "S1/Function: the function has no log group in the app"},
		{"unlimited logs", policy.LogRetention, "Log.Properties.RetentionInDays", ``, "S1/Log: the log group has no RetentionInDays"},
		{"no public access block", policy.PublicBucket, "Bucket.Properties.PublicAccessBlockConfiguration.BlockPublicPolicy", `false`, "S1/Bucket: the bucket's PublicAccessBlockConfiguration lacks BlockPublicPolicy"},
		{"open bucket policy", policy.PublicPrincipal, "BucketPolicy.Properties.PolicyDocument", fmt.Sprintf(allow, `"*"`), `S1/BucketPolicy: statement "Open" allows every principal`},
		{"open to any account", policy.PublicPrincipal, "BucketPolicy.Properties.PolicyDocument", fmt.Sprintf(allow, `{"AWS": ["1", "*"]}`), `S1/BucketPolicy: statement "Open" allows every principal`},
		{"open function", policy.PublicPrincipal, "Permission.Properties", `{"Principal": "*"}`, "S1/Permission: the permission lets every principal invoke the function"},
		{"open function URL", policy.PublicPrincipal, "Url.Properties.AuthType", `"NONE"`, "S1/Url: the function URL has the AuthType NONE"},
		{"a service for any account", policy.ConfusedDeputy, "Permission.Properties.SourceArn", ``, "S1/Permission: the permission lets apigateway.amazonaws.com invoke the function for any account"},
		{"a service in China", policy.ConfusedDeputy, "Permission.Properties", `{"Principal": "apigateway.amazonaws.com.cn"}`, "S1/Permission: the permission lets apigateway.amazonaws.com.cn invoke the function for any account"},
		{"a service of the stack's partition", policy.ConfusedDeputy, "Permission.Properties", `{"Principal": {"Fn::Join": ["", ["sns.", {"Ref": "AWS::URLSuffix"}]]}}`,
			`S1/Permission: the permission lets {"Fn::Join":["",["sns.",{"Ref":"AWS::URLSuffix"}]]} invoke the function for any account`},
		{"a statement for a service", policy.ConfusedDeputy, "BucketPolicy.Properties.PolicyDocument", fmt.Sprintf(allow, `{"Service": "logging.s3.amazonaws.com"}`), `S1/BucketPolicy: statement "Open" allows "logging.s3.amazonaws.com" for any account`},
		{"open port", policy.PublicIngress, "Group.Properties.SecurityGroupIngress", `[{"CidrIp": "0.0.0.0/0", "FromPort": 22, "ToPort": 22}]`, "S1/Group: the security group allows every address (ports 22 to 22)"},
		{"open port for IPv6", policy.PublicIngress, "Ingress.Properties.CidrIpv6", `"::/0"`, "S1/Ingress: the security group allows every address (ports null to null)"},
		{"literal secret", policy.PlaintextSecret, "Function.Properties.Environment.Variables.API_KEY", `"hunter2"`, "S1/Function: the environment variable API_KEY holds a value under the name of a secret"},
		{"resolved secret", policy.PlaintextSecret, "Function.Properties.Environment.Variables.JWT_SECRET", `{"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "S"}, "}}"]]}`, "S1/Function: the environment variable JWT_SECRET holds a reference that CloudFormation replaces by the secret"},
		{"key under another name", policy.PlaintextSecret, "Function.Properties.Environment.Variables.STAGE", `"` + key + `"`, "S1/Function: the environment variable STAGE holds an AWS access key"},
		{"secret of a task", policy.PlaintextSecret, "Task.Properties.ContainerDefinitions", `[{"Environment": [{"Name": "DB_PASSWORD", "Value": "x"}]}]`, "S1/Task: the environment variable DB_PASSWORD holds a value under the name of a secret"},
		{"secret of a build", policy.PlaintextSecret, "Build.Properties.Environment.EnvironmentVariables", `[{"Name": "GITHUB_TOKEN", "Value": "x"}]`, "S1/Build: the environment variable GITHUB_TOKEN holds a value under the name of a secret"},
		{"key in a property", policy.PlaintextSecret, "Function.Properties.Description", `"uses ` + key + `"`, "S1/Function: a property holds an AWS access key"},
		{"password of a user pool's client", policy.PlaintextSecret, "Function.Properties.Environment.Variables.CLIENT", `{"Fn::GetAtt": ["Other", "ClientSecret"]}`,
			"S1/Function: the environment variable CLIENT holds the ClientSecret of Other"},
		{"password joined into a URL", policy.PlaintextSecret, "Function.Properties.Environment.Variables.DATABASE_URL",
			`{"Fn::Join": ["", ["postgres://app:", {"Ref": "Password"}, "@db.example.com/shop"]]}`, "S1/Function: the environment variable DATABASE_URL holds a password in a URL"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := found(t, written(t, "", edited(t, sound, c.path, c.value)), c.rule, policy.Props{})
			if len(got) != 1 || got[0] != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestTableProtected_DisposableApp_HasNoFindings(t *testing.T) {
	dir := written(t, "", edited(t, edited(t, sound, "Table.DeletionPolicy", `"Delete"`), "Table.Properties.DeletionProtectionEnabled", ""))
	if got := found(t, dir, policy.TableProtected, policy.Props{Disposable: true}); got != nil {
		t.Errorf("found %q", got)
	}
}

func TestBackedUp_DisposableApp_HasNoFindings(t *testing.T) {
	dir := written(t, "", edited(t, sound, "Table.Properties.Tags", ""))
	if got := found(t, dir, policy.BackedUp, policy.Props{Disposable: true}); got != nil {
		t.Errorf("found %q", got)
	}
}

func TestPublicPrincipal_WithCondition_HasNoFindings(t *testing.T) {
	statement := `{"Statement": [{"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o"}}}]}`
	permission := `{"Principal": "*", "PrincipalOrgID": "o"}`
	dir := written(t, "", edited(t, edited(t, sound, "BucketPolicy.Properties.PolicyDocument", statement), "Permission.Properties", permission))
	if got := found(t, dir, policy.PublicPrincipal, policy.Props{}); got != nil {
		t.Errorf("found %q", got)
	}
}

func TestFunctionLogs_GroupByNameInOtherStack_IsFound(t *testing.T) {
	function := edited(t, edited(t, sound, "Function.Properties.LoggingConfig", ""), "Other.Properties.LoggingConfig.LogGroup", `"/shared"`)
	logs := `{"Resources": {"A": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/lambda/orders", "RetentionInDays": 1}},
		"B": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/shared", "RetentionInDays": 1}}}}`
	if got := found(t, written(t, "", function, logs), policy.FunctionLogs, policy.Props{}); got != nil {
		t.Errorf("found %q", got)
	}
}

func TestStackSize_OverBudget_IsFinding(t *testing.T) {
	got := found(t, written(t, "", sound), policy.StackSize, policy.Props{MaxResources: 16})
	if len(got) != 1 || got[0] != "S1: the stack has 17 resources, the budget is 16" {
		t.Errorf("found %q", got)
	}
	if got := found(t, written(t, "", sound), policy.StackSize, policy.Props{MaxResources: 17}); got != nil {
		t.Errorf("found %q", got)
	}
}

func TestNagWarning_Warning_IsFinding(t *testing.T) {
	dir := written(t, `"/S1/Pool": [{"type": "aws:cdk:warning", "data": "AwsSolutions-COG2: The pool does not require MFA.\n"}],
		"/S1/Other": [{"type": "aws:cdk:warning", "data": "Something: else"}]`, sound)
	got := found(t, dir, policy.NagWarning, policy.Props{})
	if len(got) != 1 || got[0] != "S1/Pool: AwsSolutions-COG2: The pool does not require MFA" {
		t.Errorf("found %q", got)
	}
}

func TestRules_HaveTitleWhyAndFix(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range policy.Rules() {
		if !strings.HasPrefix(r.ID, "policy::") || seen[r.ID] || r.Title == "" || r.Why == "" || r.Fix == "" {
			t.Errorf("%+v lacks a word, or its id is taken", r)
		}
		seen[r.ID] = true
	}
}

func TestFinding_String_HasPlaceRuleMessageAndFix(t *testing.T) {
	findings, err := policy.Check(written(t, "", edited(t, sound, "Log.Properties.RetentionInDays", "")), nil)
	if err != nil || len(findings) != 1 {
		t.Fatal(findings, err)
	}
	want := "S1/Log: policy::log-retention: the log group has no RetentionInDays. Otherwise CloudWatch Logs keeps and bills every line for ever. " +
		"Fix: set RetentionInDays; constructs.NewRetainedLogGroup does."
	if got := findings[0].String(); got != want {
		t.Errorf("the finding is %q", got)
	}
}

func TestCheck_FolderWithoutAssembly_IsError(t *testing.T) {
	if _, err := policy.Check(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "manifest.json") {
		t.Errorf("the error is %v", err)
	}
	if _, err := policy.Acceptances(t.TempDir()); err == nil || !strings.Contains(err.Error(), "manifest.json") {
		t.Errorf("the error is %v", err)
	}
}
