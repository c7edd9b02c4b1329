package constructs_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/expenzez/infrastructure/constructs"
)

func TestSecureBucket_Grants_AreExactUnderPrefix(t *testing.T) {
	stack := newStack()
	b := constructs.NewSecureBucket(stack, "Receipts", &constructs.SecureBucketProps{Name: "receipts"})
	constructs.NewLeastPrivilegeFunction(stack, "Worker", &constructs.LeastPrivilegeFunctionProps{
		Name: "worker", Code: bootstrap(t),
		Grants: []constructs.Grant{b.AllowRead("scans/raw/"), b.AllowWrite("uploads"), b.AllowDelete("uploads"), b.AllowList("uploads")},
	})
	template := synth(stack)
	id, _ := metricOf(t, template, "AWS::S3::Bucket", "ReceiptsBucket")
	key, _ := metricOf(t, template, "AWS::KMS::Key", "ReceiptsEncryptionKey")
	objects := func(prefix string) string {
		return fmt.Sprintf(`{"Fn::Join": ["", [{"Fn::GetAtt": [%q, "Arn"]}, "/%s/*"]]}`, id, prefix)
	}
	through := fmt.Sprintf(`{"StringEquals": {"kms:ViaService": "s3.eu-west-2.amazonaws.com",
		"kms:EncryptionContext:aws:s3:arn": {"Fn::GetAtt": [%q, "Arn"]}}}`, id)
	arn := func(id string) string { return fmt.Sprintf(`{"Fn::GetAtt": [%q, "Arn"]}`, id) }
	for sid, want := range map[string][3]string{
		"ReceiptsReadScansRaw":    {`"s3:GetObject"`, objects("scans/raw"), `null`},
		"ReceiptsReadScansRawKey": {`"kms:Decrypt"`, arn(key), through},
		"ReceiptsWriteUploads":    {`["s3:AbortMultipartUpload", "s3:PutObject"]`, objects("uploads"), `null`},
		"ReceiptsWriteUploadsKey": {`["kms:Decrypt", "kms:GenerateDataKey"]`, arn(key), through},
		"ReceiptsDeleteUploads":   {`"s3:DeleteObject"`, objects("uploads"), `null`},
		"ReceiptsListUploads":     {`"s3:ListBucket"`, arn(id), `{"StringLike": {"s3:prefix": "uploads/*"}}`},
	} {
		s := statement(template, sid)
		equal(t, sid+" actions", s["Action"], want[0])
		equal(t, sid+" resource", s["Resource"], want[1])
		equal(t, sid+" condition", s["Condition"], want[2])
	}
}

func TestSecureBucket_GrantWithoutPrefix_IsRefused(t *testing.T) {
	b := constructs.NewSecureBucket(newStack(), "Receipts", &constructs.SecureBucketProps{Name: "receipts"})
	for _, prefix := range []string{"", "/", "/uploads", "*", "up*", "u?", "a//b", "${aws:username}"} {
		for _, allow := range []func(string) constructs.Grant{b.AllowRead, b.AllowWrite, b.AllowDelete, b.AllowList} {
			refused(t, func() { allow(prefix) }, "prefix")
		}
	}
}

func TestGrant_ObjectsWithoutPrefix_AreRefused(t *testing.T) {
	cases := map[string]struct {
		action, resource string
		ok               bool
	}{
		"under a prefix":           {"s3:GetObject", "arn:aws:s3:::receipts/uploads/*", true},
		"deeper":                   {"s3:PutObject", "arn:aws:s3:::receipts/a/b/*", true},
		"the whole bucket":         {"s3:GetObject", "arn:aws:s3:::receipts/*", false},
		"an empty prefix":          {"s3:GetObject", "arn:aws:s3:::receipts//*", false},
		"part of a name":           {"s3:GetObject", "arn:aws:s3:::receipts/up*", false},
		"several prefixes":         {"s3:GetObject", "arn:aws:s3:::receipts/*/raw/*", false},
		"any bucket":               {"s3:GetObject", "arn:aws:s3:::*/uploads/*", false},
		"permissions of an object": {"s3:PutObjectAcl", "arn:aws:s3:::receipts/uploads/*", false},
		"something else":           {"dynamodb:GetItem", "arn:aws:dynamodb:eu-west-2:111122223333:table/users/*", false},
	}
	stack := newStack()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			make := func() {
				constructs.NewLeastPrivilegeFunction(stack, name, &constructs.LeastPrivilegeFunctionProps{
					Name: "f", Code: bootstrap(t), Grants: []constructs.Grant{constructs.AllowActions("Objects", []string{c.action}, c.resource)},
				})
			}
			if c.ok {
				make()
			} else {
				refused(t, make, "Grants[0][0].Resources")
			}
			var s map[string]any
			raw := fmt.Sprintf(`{"Sid": "S", "Effect": "Allow", "Action": %q, "Resource": %q}`, c.action, c.resource)
			if err := json.Unmarshal([]byte(raw), &s); err != nil {
				t.Fatal(err)
			}
			if found := constructs.UnexplainedWildcards(holding("AWS::IAM::Policy", s)); (len(found) == 0) != c.ok {
				t.Errorf("in a template it is found as %q", found)
			}
		})
	}
}
