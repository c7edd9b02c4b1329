// Command authorizer is a Lambda authorizer of an HTTP API. It allows requests that
// came through CloudFront. It is for APIs whose functions do not check the origin
// secret themselves, such as functions not written in Go.
// constructs.NewApiOriginAuthorizer deploys it.
package main

import (
	"context"
	"errors"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/constructs/origincheck"
)

func main() {
	client := secretsmanager.NewFromConfig(lambdaConfig())
	checker := origincheck.New(origincheck.FromSecretsManager(client, os.Getenv(origincheck.SecretVariable)))
	lambda.Start(authorize(checker))
}

// lambdaConfig returns the SDK configuration from Lambda's environment variables.
// The SDK's package config would also look for profiles and instance metadata at
// every cold start.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func lambdaConfig() aws.Config {
	config := aws.Config{
		Region: os.Getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN"),
			}, nil
		}),
	}
	if endpoint := os.Getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		config.BaseEndpoint = aws.String(endpoint)
	}
	return config
}

// authorize returns the handler of requests in payload format 2.0. It returns an
// error if the secret cannot be read. API Gateway then answers 500, so the request
// is refused.
func authorize(checker *origincheck.Checker) func(context.Context, events.APIGatewayV2CustomAuthorizerV2Request) (events.APIGatewayV2CustomAuthorizerSimpleResponse, error) {
	return func(ctx context.Context, request events.APIGatewayV2CustomAuthorizerV2Request) (events.APIGatewayV2CustomAuthorizerSimpleResponse, error) {
		err := checker.Check(ctx, request.Headers[origincheck.Header])
		if err != nil && !errors.Is(err, origincheck.ErrNotFromEdge) {
			return events.APIGatewayV2CustomAuthorizerSimpleResponse{}, err
		}
		return events.APIGatewayV2CustomAuthorizerSimpleResponse{IsAuthorized: err == nil}, nil
	}
}
