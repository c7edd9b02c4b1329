package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleImportSecureBucket() {
	stack := newStack()
	receipts := constructs.ImportSecureBucket(stack, "Receipts", &constructs.ImportedBucketProps{
		Bucket: awss3.Bucket_FromBucketName(stack, jsii.String("Bucket"), jsii.String("shop-prod-receipts")),
		Key:    awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String("arn:aws:kms:eu-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab")),
	})
	for _, s := range receipts.AllowRead("invoices") {
		fmt.Println(s.Sid, s.Actions)
	}
	// Output:
	// ReceiptsReadInvoices [s3:GetObject]
	// ReceiptsReadInvoicesKey [kms:Decrypt]
}

func TestImportSecureBucket_Grants_NameItsKeyAndContext(t *testing.T) {
	bucket := func(props constructs.ImportedBucketProps) *constructs.SecureBucket {
		stack := newStack()
		props.Bucket = awss3.Bucket_FromBucketName(stack, jsii.String("Bucket"), jsii.String("receipts"))
		if props.NoBucketKey {
			props.Key = awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(keyARN))
		}
		return constructs.ImportSecureBucket(stack, "Receipts", &props)
	}
	if grant := bucket(constructs.ImportedBucketProps{}).AllowWrite("invoices"); len(grant) != 1 {
		t.Errorf("a bucket without a key of its own grants %v", grant)
	}
	grant := bucket(constructs.ImportedBucketProps{NoBucketKey: true}).AllowRead("invoices")
	if context := fmt.Sprint(grant[1].Conditions["StringLike"]["kms:EncryptionContext:aws:s3:arn"]); len(grant) != 2 || context == "[]" ||
		grant[1].Conditions["StringEquals"]["kms:EncryptionContext:aws:s3:arn"] != nil {
		t.Errorf("the key's statement is bound to %s", context)
	}
}

func TestImportSecureBucket_WrongProps_AreRefused(t *testing.T) {
	refused(t, func() { constructs.ImportSecureBucket(newStack(), "None", nil) }, "Bucket")
	refused(t, func() {
		stack := newStack()
		constructs.ImportSecureBucket(stack, "B", &constructs.ImportedBucketProps{
			Bucket: awss3.Bucket_FromBucketName(stack, jsii.String("Bucket"), jsii.String("receipts")), NoBucketKey: true,
		})
	}, "NoBucketKey")
}
