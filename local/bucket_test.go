package local_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/expenzez/infrastructure/local"
)

func TestBuckets_KeepSettingsAndAskRights(t *testing.T) {
	stage, stack := bareStage(t), deployStack(t, "buckets")

	for operation, want := range map[string]string{
		"get_bucket_encryption":              stack["Key"],
		"get_bucket_lifecycle_configuration": `"NoncurrentDays":7`,
		"get_bucket_ownership_controls":      "BucketOwnerPreferred",
		"get_public_access_block":            `"RestrictPublicBuckets":true`,
		"get_bucket_logging":                 `"TargetPrefix":"access/"`,
		"get_bucket_tagging":                 `"Value":"probe"`,
	} {
		code, result := callAs(t, "buckets-caller", "s3", operation, `{"Bucket":"buckets-encrypted"}`)
		if text, err := json.Marshal(result); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s answered %s %s, without %s", operation, code, text, want)
		}
	}

	const caller = "arn:aws:sts::000000000000:assumed-role/buckets/buckets-caller"
	if code, _ := callAs(t, "buckets-caller", "s3", "put_object", `{"Bucket":"buckets-encrypted","Key":"a","Body":"a"}`); code != "" {
		t.Errorf("writing with the right to the key answered %s", code)
	}
	requireJudged(t, stage, caller, judged{"kms:GenerateDataKey", stack["Key"], "allowed"}, time.Time{})
	if code, _ := callAs(t, "buckets-caller", "s3", "get_object", `{"Bucket":"buckets-encrypted","Key":"a"}`); code != "AccessDenied" {
		t.Errorf("reading without the right to the key answered %q", code)
	}
	requireJudged(t, stage, caller, judged{"kms:Decrypt", stack["Key"], "denied"}, time.Time{})
	if code := presigned(t, "get_object", `{"Bucket":"buckets-encrypted","Key":"a"}`); code != "403" {
		t.Errorf("reading by a presigned URL without the right to the key answered %q", code)
	}

	// The CDK CLI publishes assets with requests that name no key.
	for key, want := range map[string]string{"": "", `,"SSEKMSKeyId":"` + stack["Key"] + `"`: "AccessDenied"} {
		if code, _ := callAs(t, "buckets-caller", "s3", "put_object", `{"Bucket":"buckets-logs","Key":"a","Body":"a","ServerSideEncryption":"aws:kms"`+key+`}`); code != want {
			t.Errorf("writing under the key %q answered %q, want %q", key, code, want)
		}
	}

	for bucket, want := range map[string]string{"buckets-encrypted": "AccessDenied", "buckets-logs": "NoSuchKey"} {
		if code, _ := callAs(t, "buckets-caller", "s3", "get_object", `{"Bucket":"`+bucket+`","Key":"missing"}`); code != want {
			t.Errorf("a missing object of %s answered %q, want %s", bucket, code, want)
		}
	}

	if code, _ := callAs(t, "buckets-caller", "s3", "put_object", `{"Bucket":"buckets-notifying","Key":"a","Body":"a"}`); code != "" {
		t.Fatalf("writing answered %s", code)
	}
	if got := receive(t, stack["Results"], 1); got[0] != "permitted" {
		t.Errorf("%s was invoked", got)
	}
	got, err := sqs.NewFromConfig(stage.AWSConfig(local.Region)).ReceiveMessage(t.Context(),
		&sqs.ReceiveMessageInput{QueueUrl: aws.String(stack["Results"]), WaitTimeSeconds: 2})
	if err != nil || len(got.Messages) > 0 {
		t.Errorf("a function without permission was invoked: %v", err)
	}
}

// presigned sends a presigned request of the caller's and returns the status of an error.
func presigned(t *testing.T, operation, input string) string {
	t.Helper()
	payload, err := json.Marshal(map[string]string{
		"body": `{"presigned":true,"service":"s3","operation":"` + operation + `","input":` + input + `}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := lambda.NewFromConfig(bareStage(t).AWSConfig(local.Region)).Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String("buckets-caller"), Payload: payload,
	})
	if err != nil {
		t.Fatal(err)
	}
	var response struct{ Body string }
	var answer struct{ Error string }
	if err := json.Unmarshal(out.Payload, &response); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(response.Body), &answer); err != nil {
		t.Fatalf("answered %s, %v", out.Payload, err)
	}
	return answer.Error
}
