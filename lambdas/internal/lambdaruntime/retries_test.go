package lambdaruntime

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

// refusing answers every request with an exception, and counts them.
type refusing struct {
	exception string
	asked     int
}

func (r *refusing) Do(*http.Request) (*http.Response, error) {
	r.asked++
	return &http.Response{
		StatusCode: http.StatusBadRequest,
		Header:     http.Header{"X-Amzn-Errortype": {r.exception}},
		Body:       io.NopCloser(strings.NewReader(`{"__type":"` + r.exception + `"}`)),
	}, nil
}

// TestRetries_UsedUpQuota_AsksOnce asks each service that functions use, with the
// configuration that every function has.
func TestRetries_UsedUpQuota_AsksOnce(t *testing.T) {
	for name, value := range map[string]string{"AWS_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"} {
		t.Setenv(name, value)
	}
	for service, call := range map[string]func(context.Context, aws.Config) error{
		"Cognito": func(ctx context.Context, config aws.Config) error {
			_, err := cognitoidentityprovider.NewFromConfig(config).ForgotPassword(ctx, &cognitoidentityprovider.ForgotPasswordInput{ClientId: aws.String("c"), Username: aws.String("u")})
			return err
		},
		"DynamoDB": func(ctx context.Context, config aws.Config) error {
			_, err := dynamodb.NewFromConfig(config).ListTables(ctx, &dynamodb.ListTablesInput{})
			return err
		},
		"KMS": func(ctx context.Context, config aws.Config) error {
			_, err := kms.NewFromConfig(config).ListKeys(ctx, &kms.ListKeysInput{})
			return err
		},
		"SES": func(ctx context.Context, config aws.Config) error {
			_, err := sesv2.NewFromConfig(config).SendEmail(ctx, &sesv2.SendEmailInput{Content: &sestypes.EmailContent{}})
			return err
		},
	} {
		for exception, want := range map[string]int{
			"LimitExceededException": 1, "TooManyFailedAttemptsException": 1, "ServiceQuotaExceededException": 1,
			"ThrottlingException": 3, "TooManyRequestsException": 3,
		} {
			synctest.Test(t, func(t *testing.T) { // which waits between attempts in no time
				answers := &refusing{exception: exception}
				config, err := awsConfig()
				if err != nil {
					t.Fatal(err)
				}
				config.HTTPClient = answers
				if err := call(t.Context(), config); err == nil || answers.asked != want {
					t.Errorf("%s, %s: asked %d times, not %d: %v", service, exception, answers.asked, want, err)
				}
			})
		}
	}
}
