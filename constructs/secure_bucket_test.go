package constructs_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewSecureBucket() {
	stack := newStack()
	receipts := constructs.NewSecureBucket(stack, "Receipts", &constructs.SecureBucketProps{
		Name:            "shop-prod-receipts-111122223333",
		ExpireDays:      400,
		PresignedMaxAge: 5 * time.Minute,
		Origins:         []string{"https://shop.example.com"},
	})
	upload := receipts.AllowWrite("uploads")
	fmt.Println(upload[0].Sid, upload[0].Actions)
	// Output: ReceiptsWriteUploads [s3:PutObject s3:AbortMultipartUpload]
}

func ExampleNewAccessLogBucket() {
	stack := newStack()
	logs := constructs.NewAccessLogBucket(stack, "Logs", &constructs.AccessLogBucketProps{Name: "shop-prod-logs-111122223333"})
	receipts := constructs.NewSecureBucket(stack, "Receipts", &constructs.SecureBucketProps{
		Name:      "shop-prod-receipts-111122223333",
		LogBucket: logs,
	})
	fmt.Println(receipts.LogBucket == logs)
	// Output: true
}

func bucket(props constructs.SecureBucketProps) map[string]any {
	props.Name = "receipts"
	return build(func(stack awscdk.Stack) { constructs.NewSecureBucket(stack, "Receipts", &props) })
}

// plainBucket is a bucket of which only what is required was said.
var plainBucket = sync.OnceValue(func() map[string]any { return bucket(constructs.SecureBucketProps{}) })

func receipts(t *testing.T, template map[string]any) (id string, properties any) {
	t.Helper()
	id, resource := metricOf(t, template, "AWS::S3::Bucket", "ReceiptsBucket")
	return id, resource["Properties"]
}

func TestSecureBucket_Defaults_AreSafe(t *testing.T) {
	_, properties := receipts(t, plainBucket())
	equal(t, "public access", at(properties, "PublicAccessBlockConfiguration"),
		`{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true}`)
	equal(t, "ownership", at(properties, "OwnershipControls", "Rules", 0, "ObjectOwnership"), `"BucketOwnerEnforced"`)
	equal(t, "versioning", at(properties, "VersioningConfiguration", "Status"), `"Enabled"`)
	equal(t, "lifecycle", at(properties, "LifecycleConfiguration", "Rules"), `[{
		"Id": "Expiry", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
		"NoncurrentVersionExpiration": {"NoncurrentDays": 30}, "ExpiredObjectDeleteMarker": true}]`)
	equal(t, "CORS", at(properties, "CorsConfiguration"), `null`)
	equal(t, "events", at(properties, "NotificationConfiguration"), `null`)
	for _, b := range all(plainBucket(), "AWS::S3::Bucket") {
		equal(t, "DeletionPolicy", b["DeletionPolicy"], `"RetainExceptOnCreate"`)
	}
}

func TestSecureBucket_HasItsOwnKeyAndBucketKey(t *testing.T) {
	_, properties := receipts(t, plainBucket())
	key, resource := metricOf(t, plainBucket(), "AWS::KMS::Key", "ReceiptsEncryptionKey")
	equal(t, "encryption", at(properties, "BucketEncryption", "ServerSideEncryptionConfiguration"), fmt.Sprintf(`[{
		"BucketKeyEnabled": true, "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
		"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": [%q, "Arn"]}}}]`, key))
	equal(t, "through S3", any(statement(resource, "ThroughS3")), `{
		"Sid": "ThroughS3", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Resource": "*",
		"Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey",
			"kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
		"Condition": {"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "s3.eu-west-2.amazonaws.com"}}}`)
}

// denied returns the condition of the bucket policy's Deny of that Sid, having
// checked that it covers every principal and every object of the bucket.
func denied(t *testing.T, template map[string]any, sid string) any {
	t.Helper()
	id, _ := receipts(t, template)
	s := statement(template, sid)
	equal(t, sid, map[string]any{"Effect": s["Effect"], "Principal": s["Principal"], "Resource": s["Resource"]}, fmt.Sprintf(`{
		"Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": [
			{"Fn::GetAtt": [%q, "Arn"]}, {"Fn::Join": ["", [{"Fn::GetAtt": [%[1]q, "Arn"]}, "/*"]]}]}`, id))
	return s["Condition"]
}

func TestSecureBucket_OldTLS_IsDeniedOnBothBuckets(t *testing.T) {
	policies := all(plainBucket(), "AWS::S3::BucketPolicy")
	if len(policies) != 2 {
		t.Fatalf("there are %d bucket policies, want the bucket's and the log bucket's", len(policies))
	}
	for _, policy := range policies {
		text := fmt.Sprint(at(policy, "Properties", "PolicyDocument"))
		for _, condition := range []string{"map[Bool:map[aws:SecureTransport:false]] Effect:Deny", "map[NumericLessThan:map[s3:TlsVersion:1.2]] Effect:Deny"} {
			if !strings.Contains(text, condition) {
				t.Errorf("the policy %s lacks %s", text, condition)
			}
		}
	}
}

func TestSecureBucket_UploadWithOtherKey_IsDenied(t *testing.T) {
	equal(t, "encryption", denied(t, plainBucket(), "OtherEncryption"), `{
		"Null": {"s3:x-amz-server-side-encryption": "false"},
		"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}`)
	key, _ := metricOf(t, plainBucket(), "AWS::KMS::Key", "ReceiptsEncryptionKey")
	equal(t, "key", denied(t, plainBucket(), "OtherKeys"), fmt.Sprintf(`{
		"Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "false"},
		"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": {"Fn::GetAtt": [%q, "Arn"]}}}`, key))
}

func TestSecureBucket_PresignedRequests_AreDeniedByDefault(t *testing.T) {
	cases := map[string]struct {
		props        constructs.SecureBucketProps
		refused, old string
	}{
		"nothing": {constructs.SecureBucketProps{}, `{"StringEquals": {"s3:authType": ["REST-QUERY-STRING", "POST"]}}`, `null`},
		"URLs": {constructs.SecureBucketProps{PresignedMaxAge: 90 * time.Second}, `{"StringEquals": {"s3:authType": ["POST"]}}`,
			`{"StringEquals": {"s3:authType": "REST-QUERY-STRING"}, "NumericGreaterThan": {"s3:signatureAge": "90000"}}`},
		"forms": {constructs.SecureBucketProps{PresignedForms: true}, `{"StringEquals": {"s3:authType": ["REST-QUERY-STRING"]}}`, `null`},
		"both": {constructs.SecureBucketProps{PresignedForms: true, PresignedMaxAge: time.Minute}, `null`,
			`{"StringEquals": {"s3:authType": "REST-QUERY-STRING"}, "NumericGreaterThan": {"s3:signatureAge": "60000"}}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			template := bucket(c.props)
			for sid, want := range map[string]string{"PresignedRequests": c.refused, "OldPresignedURLs": c.old} {
				if want == `null` {
					if s := statement(template, sid); s != nil {
						t.Errorf("there is a statement %v", s)
					}
					continue
				}
				equal(t, sid, denied(t, template, sid), want)
			}
		})
	}
}

func TestSecureBucket_Origins_AreInCORSRule(t *testing.T) {
	for methods, props := range map[string]constructs.SecureBucketProps{
		`["GET", "HEAD", "PUT"]`:         {PresignedMaxAge: time.Minute},
		`["POST"]`:                       {PresignedForms: true},
		`["GET", "HEAD", "PUT", "POST"]`: {PresignedMaxAge: time.Minute, PresignedForms: true},
	} {
		props.Origins = []string{"https://shop.example.com", "capacitor://localhost"}
		_, properties := receipts(t, bucket(props))
		rule := at(properties, "CorsConfiguration", "CorsRules", 0)
		equal(t, "origins", at(rule, "AllowedOrigins"), `["https://shop.example.com", "capacitor://localhost"]`)
		equal(t, "methods", at(rule, "AllowedMethods"), methods)
		if headers := fmt.Sprint(at(rule, "AllowedHeaders")); strings.Contains(headers, "*") {
			t.Errorf("the allowed headers are %s", headers)
		}
	}
}

func TestSecureBucket_GivenProps_AreInTheTemplate(t *testing.T) {
	template := bucket(constructs.SecureBucketProps{ExpireDays: 400, NoncurrentDays: 3, AbortUploadDays: 1, EventBridge: true})
	_, properties := receipts(t, template)
	equal(t, "lifecycle", at(properties, "LifecycleConfiguration", "Rules"), `[{
		"Id": "Expiry", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
		"NoncurrentVersionExpiration": {"NoncurrentDays": 3}, "ExpirationInDays": 400}]`)
	equal(t, "events", at(properties, "NotificationConfiguration"), `{"EventBridgeConfiguration": {"EventBridgeEnabled": true}}`)
}

func TestSecureBucket_Unversioned_KeepsNothingThatWasDeleted(t *testing.T) {
	for expireDays, end := range map[int]string{0: ``, 1: `, "ExpirationInDays": 1`} {
		_, properties := receipts(t, bucket(constructs.SecureBucketProps{ExpireDays: expireDays, Unversioned: true}))
		equal(t, "versioning", at(properties, "VersioningConfiguration"), `null`)
		equal(t, "lifecycle", at(properties, "LifecycleConfiguration", "Rules"),
			`[{"Id": "Expiry", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}`+end+`}]`)
	}
}

func TestSecureBucket_HasNoFunction(t *testing.T) {
	template := bucket(constructs.SecureBucketProps{EventBridge: true, Disposable: true})
	for _, kind := range []string{"AWS::Lambda::Function", "AWS::IAM::Role", "Custom::S3AutoDeleteObjects", "Custom::S3BucketNotifications"} {
		if n := len(all(template, kind)); n != 0 {
			t.Errorf("there are %d of %s", n, kind)
		}
	}
}

func TestSecureBucket_Disposable_IsDeleted(t *testing.T) {
	template := bucket(constructs.SecureBucketProps{Disposable: true})
	for _, kind := range []string{"AWS::S3::Bucket", "AWS::KMS::Key"} {
		for _, resource := range all(template, kind) {
			equal(t, kind, resource["DeletionPolicy"], `"Delete"`)
		}
	}
}

func TestSecureBucket_AccessLogs_GoToLogBucket(t *testing.T) {
	template := plainBucket()
	id, resource := metricOf(t, template, "AWS::S3::Bucket", "ReceiptsBucket")
	logs, _ := metricOf(t, template, "AWS::S3::Bucket", "ReceiptsLogBucket")
	equal(t, "logging", at(resource, "Properties", "LoggingConfiguration"), fmt.Sprintf(
		`{"DestinationBucketName": {"Ref": %q}, "LogFilePrefix": "receipts/"}`, logs))
	equal(t, "delivery", any(statement(template, "LogsOfReceiptsbc9e3215")), fmt.Sprintf(`{
		"Sid": "LogsOfReceiptsbc9e3215", "Effect": "Allow", "Action": "s3:PutObject", "Principal": {"Service": "logging.s3.amazonaws.com"},
		"Resource": {"Fn::Join": ["", [{"Fn::GetAtt": [%q, "Arn"]}, "/receipts/*"]]},
		"Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::receipts"}, "StringEquals": {"aws:SourceAccount": "111122223333"}}}`, logs))
	policy, _ := metricOf(t, template, "AWS::S3::BucketPolicy", "ReceiptsLogBucket")
	if waits := fmt.Sprint(resource["DependsOn"]); !strings.Contains(waits, policy) {
		t.Errorf("%s waits for %s, not for %s", id, waits, policy)
	}
}

func TestAccessLogBucket_RetentionDays_ExpiresLogs(t *testing.T) {
	template := plainBucket()
	_, resource := metricOf(t, template, "AWS::S3::Bucket", "ReceiptsLogBucket")
	properties := resource["Properties"]
	equal(t, "name", at(properties, "BucketName"), `"receipts-logs"`)
	equal(t, "retention", at(properties, "LifecycleConfiguration", "Rules", 0, "ExpirationInDays"), `90`)
	equal(t, "encryption", at(properties, "BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault"), `{"SSEAlgorithm": "AES256"}`)
	equal(t, "ownership", at(properties, "OwnershipControls", "Rules", 0, "ObjectOwnership"), `"BucketOwnerEnforced"`)
	equal(t, "public access", at(properties, "PublicAccessBlockConfiguration", "RestrictPublicBuckets"), `true`)
	equal(t, "versioning", at(properties, "VersioningConfiguration", "Status"), `"Enabled"`)
	equal(t, "ACL", at(properties, "AccessControl"), `null`)
}

func TestSecureBucket_OtherStacks_ShareLogBucketAndKey(t *testing.T) {
	app := awscdk.NewApp(nil)
	env := &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-west-2")}}
	core, domain := awscdk.NewStack(app, jsii.String("core"), env), awscdk.NewStack(app, jsii.String("domain"), env)
	logs := constructs.NewAccessLogBucket(core, "Logs", &constructs.AccessLogBucketProps{Name: "all-logs", RetentionDays: 30})
	key := constructs.NewDataKey(core, "Key", &constructs.DataKeyProps{Alias: "buckets", Services: []constructs.KeyService{constructs.KeyServiceS3}})
	for _, name := range []string{"receipts", "exports"} {
		constructs.NewSecureBucket(domain, name, &constructs.SecureBucketProps{Name: name, LogBucket: logs, EncryptionKey: key.Key})
	}
	coreTemplate, domainTemplate := synth(core), synth(domain)
	if n := len(all(domainTemplate, "AWS::S3::Bucket")); n != 2 {
		t.Errorf("the domain has %d buckets, want 2", n)
	}
	if n := len(all(domainTemplate, "AWS::KMS::Key")); n != 0 {
		t.Errorf("the domain has %d keys", n)
	}
	for sid, arn := range map[string]string{"LogsOfReceiptsbc9e3215": ":s3:::receipts", "LogsOfExports5fe3f7ec": ":s3:::exports"} {
		source := fmt.Sprint(at(statement(coreTemplate, sid), "Condition", "ArnEquals", "aws:SourceArn"))
		if !strings.Contains(source, arn) {
			t.Errorf("%s is bound to %s, want %s", sid, source, arn)
		}
	}
}

func TestSecureBucket_HasOnlyExplainedWildcards(t *testing.T) {
	stack := newStack()
	b := constructs.NewSecureBucket(stack, "Receipts", &constructs.SecureBucketProps{Name: "receipts"})
	constructs.NewLeastPrivilegeFunction(stack, "Reader", &constructs.LeastPrivilegeFunctionProps{
		Name: "reader", Code: bootstrap(t),
		Grants: []constructs.Grant{b.AllowRead("a"), b.AllowWrite("a/b"), b.AllowDelete("c"), b.AllowList("c")},
	})
	synthSucceeds(t, stack)
	if found := constructs.UnexplainedWildcards(synth(stack)); len(found) > 0 {
		t.Errorf("unexplained: %q", found)
	}
}

func TestSecureBucket_InvalidProps_AreRefused(t *testing.T) {
	cases := map[string]struct {
		spoil func(p *constructs.SecureBucketProps)
		props []string
	}{
		"upper case":            {func(p *constructs.SecureBucketProps) { p.Name = "Receipts" }, []string{"Name"}},
		"name with a dot":       {func(p *constructs.SecureBucketProps) { p.Name = "a.receipts" }, []string{"Name"}},
		"no room for -logs":     {func(p *constructs.SecureBucketProps) { p.Name = strings.Repeat("a", 59) }, []string{"Name"}},
		"expiry in the past":    {func(p *constructs.SecureBucketProps) { p.ExpireDays = -1 }, []string{"ExpireDays"}},
		"no recovery":           {func(p *constructs.SecureBucketProps) { p.NoncurrentDays = -1 }, []string{"NoncurrentDays"}},
		"days of no versions":   {func(p *constructs.SecureBucketProps) { p.Unversioned, p.NoncurrentDays = true, 1 }, []string{"NoncurrentDays"}},
		"a lock on no versions": {func(p *constructs.SecureBucketProps) { p.Unversioned, p.LockDays = true, 1 }, []string{"LockDays"}},
		"uploads never":         {func(p *constructs.SecureBucketProps) { p.AbortUploadDays = -7 }, []string{"AbortUploadDays"}},
		"URLs for a month":      {func(p *constructs.SecureBucketProps) { p.PresignedMaxAge = 30 * 24 * time.Hour }, []string{"PresignedMaxAge"}},
		"URLs for the past":     {func(p *constructs.SecureBucketProps) { p.PresignedMaxAge = -time.Second }, []string{"PresignedMaxAge"}},
		"URLs for half seconds": {func(p *constructs.SecureBucketProps) { p.PresignedMaxAge = 1500 * time.Millisecond }, []string{"PresignedMaxAge"}},
		"any origin": {func(p *constructs.SecureBucketProps) { p.PresignedForms, p.Origins = true, []string{"*"} },
			[]string{"Origins[0]"}},
		"origin with a path": {func(p *constructs.SecureBucketProps) {
			p.PresignedForms, p.Origins = true, []string{"https://a.example", "https://b.example/"}
		}, []string{"Origins[1]"}},
		"origins for nothing": {func(p *constructs.SecureBucketProps) { p.Origins = []string{"https://a.example"} }, []string{"Origins"}},
		"several at once":     {func(p *constructs.SecureBucketProps) { p.Name, p.ExpireDays = "", -1 }, []string{"Name", "ExpireDays"}},
	}
	stack := newStack()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := constructs.SecureBucketProps{Name: "receipts"}
			c.spoil(&props)
			refused(t, func() { constructs.NewSecureBucket(stack, name, &props) }, c.props...)
		})
	}
	refused(t, func() { constructs.NewSecureBucket(stack, "none", nil) }, "Name")
	refused(t, func() { constructs.NewAccessLogBucket(stack, "logs", nil) }, "Name")
	refused(t, func() {
		constructs.NewAccessLogBucket(stack, "logs", &constructs.AccessLogBucketProps{Name: "logs", RetentionDays: -1})
	}, "RetentionDays")
}
