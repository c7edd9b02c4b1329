package function

import (
	"fmt"
	"strings"
)

// awsService is a service of AWS whose client functions use.
type awsService struct {
	// id is the name of the service in the SDK.
	id string
	// host is the first label of the names of its endpoints.
	// https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
	host string
}

var (
	dynamoDB       = awsService{"DynamoDB", "dynamodb"}
	kms            = awsService{"KMS", "kms"}
	secretsManager = awsService{"Secrets Manager", "secretsmanager"}
	cognito        = awsService{"Cognito Identity Provider", "cognito-idp"}
	sns            = awsService{"SNS", "sns"}
	ses            = awsService{"SESv2", "email"}
)

// serviceURLs are the base URLs of the external services.
var serviceURLs = map[Service]string{
	Apple:      "https://appleid.apple.com",
	Google:     "https://www.googleapis.com",
	RevenueCat: "https://api.revenuecat.com/v2",
}

// Endpoints returns the base URLs of all services that the function's rights lead to.
// The runtime opens a connection to each before the first request.
func (r *Resources) Endpoints() []string {
	var urls []string
	for _, service := range r.function.awsServices() {
		urls = append(urls, r.awsURL(service))
	}
	for _, service := range r.function.Permissions.External {
		urls = append(urls, r.BaseURL(service))
	}
	return urls
}

// awsServices returns the services of AWS that the function's rights lead to, but S3:
// each bucket has a host of its own, and a presigned URL takes no request.
func (f *Function) awsServices() []awsService {
	var found []awsService
	for _, right := range []struct {
		given   bool
		service awsService
	}{
		{len(f.Permissions.Tables) > 0, dynamoDB},
		{len(f.Permissions.Keys) > 0, kms},
		{len(f.Secrets()) > 0, secretsManager},
		{len(f.Permissions.UserPool) > 0 || f.Permissions.UserPoolClient, cognito},
		{f.Permissions.SendEmail, ses},
		{len(f.Permissions.Publishes) > 0, sns},
	} {
		if right.given {
			found = append(found, right.service)
		}
	}
	return found
}

// awsURL returns the base URL that the SDK's client of the service uses.
func (r *Resources) awsURL(service awsService) string {
	if own, ok := r.lookup(EndpointVariable(service.id)); ok {
		return own
	}
	if r.AWS.BaseEndpoint != nil {
		return *r.AWS.BaseEndpoint
	}
	return fmt.Sprintf("https://%s.%s.amazonaws.com", service.host, r.AWS.Region)
}

// EndpointVariable returns the name of the environment variable that puts another
// endpoint in place of a service's own, such as AWS_ENDPOINT_URL_SECRETS_MANAGER. No
// stage on AWS sets it.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func EndpointVariable(serviceID string) string {
	return "AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(serviceID, " ", "_"))
}
