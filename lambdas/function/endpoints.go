package function

import (
	"fmt"
	"strings"
)

// AWSService is a service of AWS that functions call, by the name that the hosts of its
// endpoints begin with.
// https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
type AWSService string

// The services that permissions lead to.
const (
	DynamoDB       AWSService = "dynamodb"
	S3             AWSService = "s3"
	KMS            AWSService = "kms"
	SecretsManager AWSService = "secretsmanager"
	Cognito        AWSService = "cognito-idp"
	SES            AWSService = "email"
	SNS            AWSService = "sns"
	SQS            AWSService = "sqs"
)

// sdkIDs are the names of the services in the SDK.
var sdkIDs = map[AWSService]string{
	DynamoDB: "DynamoDB", S3: "S3", KMS: "KMS", SecretsManager: "Secrets Manager",
	Cognito: "Cognito Identity Provider", SES: "SESv2", SNS: "SNS", SQS: "SQS",
}

// serviceURLs are the base URLs of the external services. Sentry's is in its secret.
var serviceURLs = map[Service]string{
	Apple:      "https://appleid.apple.com",
	Google:     "https://www.googleapis.com",
	OpenAI:     "https://api.openai.com/v1",
	RevenueCat: "https://api.revenuecat.com/v2",
	Expo:       "https://exp.host/--/api/v2",
	Sentry:     "",
}

// Endpoints returns the base URLs of the services that the function's rights lead to and
// that its requests need. The runtime opens a connection to each before the first
// request. S3 is left out: each bucket has a host of its own, and a presigned URL takes
// no request. SQS is left out: functions call it after failures only.
func (r *Resources) Endpoints() []string {
	var urls []string
	for _, service := range r.function.AWSServices() {
		if service != S3 && service != SQS {
			urls = append(urls, r.awsURL(service))
		}
	}
	for _, service := range r.function.Permissions.External {
		if url := r.BaseURL(service); url != "" {
			urls = append(urls, url)
		}
	}
	return urls
}

// AWSServices returns the services of AWS that the function's own code calls.
func (f *Function) AWSServices() []AWSService {
	var found []AWSService
	for _, right := range []struct {
		given   bool
		service AWSService
	}{
		{len(f.Permissions.Tables) > 0, DynamoDB},
		{len(f.Permissions.Buckets) > 0, S3},
		{len(f.Permissions.Keys) > 0, KMS},
		{len(f.Secrets()) > 0 || len(f.Routes) > 0, SecretsManager}, // routes need the secret that the edge sends
		{len(f.Permissions.UserPool) > 0 || f.Permissions.UserPoolClient, Cognito},
		{f.Permissions.SendEmail, SES},
		{len(f.Permissions.Publishes) > 0, SNS},
		{len(f.Queues()) > 0, SQS},
	} {
		if right.given {
			found = append(found, right.service)
		}
	}
	return found
}

// awsURL returns the base URL that the SDK's client of the service uses.
func (r *Resources) awsURL(service AWSService) string {
	if own, ok := r.lookup(EndpointVariable(sdkIDs[service])); ok {
		return own
	}
	if r.AWS.BaseEndpoint != nil {
		return *r.AWS.BaseEndpoint
	}
	return fmt.Sprintf("https://%s.%s.amazonaws.com", service, r.AWS.Region)
}

// EndpointVariable returns the name of the environment variable that puts another
// endpoint in place of a service's own, such as AWS_ENDPOINT_URL_SECRETS_MANAGER. No
// stage on AWS sets it.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func EndpointVariable(serviceID string) string {
	return "AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(serviceID, " ", "_"))
}
