package runtime

import (
	"context"
	"errors"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// awsConfig is the SDK configuration of a function, from the variables that
// Lambda sets. The SDK's own package config would also look for profiles, single
// sign-on and the metadata of EC2, none of which Lambda has, and costs every
// cold start the initialisation of four more services.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func awsConfig() (aws.Config, error) {
	credentials := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Source:          "Lambda",
	}
	config := aws.Config{
		Region:      os.Getenv("AWS_REGION"),
		Retryer:     newRetryer,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil }),
	}
	if endpoint := os.Getenv("AWS_ENDPOINT_URL"); endpoint != "" { // where AWS is not AWS
		config.BaseEndpoint = aws.String(endpoint)
	}
	if config.Region == "" || !credentials.HasKeys() {
		return config, errors.New("AWS_REGION, AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set: this runs in Lambda only")
	}
	return config, nil
}
