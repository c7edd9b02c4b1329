// Command clients is a handler that calls each AWS service of the auth domain once,
// with the unmodified SDK, when its event is "call". A domain's binary needs more than
// this one only for our code.
package main

import (
	"context"
	"errors"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

type handler struct {
	tables  *dynamodb.Client
	users   *cognitoidentityprovider.Client
	keys    *kms.Client
	secrets *secretsmanager.Client
	mail    *sesv2.Client
}

type event struct {
	Call bool `json:"call"`
}

func (h handler) handle(ctx context.Context, e event) (struct{}, error) {
	if !e.Call {
		return struct{}{}, nil
	}
	item, err := attributevalue.MarshalMap(e)
	_, put := h.tables.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("none"), Item: item})
	_, signIn := h.users.AdminInitiateAuth(ctx, &cognitoidentityprovider.AdminInitiateAuthInput{
		UserPoolId: aws.String("none"), ClientId: aws.String("none"), AuthFlow: cognitotypes.AuthFlowTypeAdminUserPasswordAuth,
	})
	if refused := (*cognitotypes.NotAuthorizedException)(nil); errors.As(signIn, &refused) {
		signIn = nil // the user does not exist
	}
	_, mac := h.keys.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: aws.String("none"), Message: []byte("none"), MacAlgorithm: kmstypes.MacAlgorithmSpecHmacSha256})
	_, read := h.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("none")})
	text := &sestypes.Content{Data: aws.String("none")}
	_, send := h.mail.SendEmail(ctx, &sesv2.SendEmailInput{Content: &sestypes.EmailContent{Simple: &sestypes.Message{Subject: text, Body: &sestypes.Body{Text: text}}}})
	return struct{}{}, errors.Join(err, put, signIn, mac, read, send)
}

// endpoints returns the endpoints that the environment names.
type endpoints struct{}

func (endpoints) GetServiceBaseEndpoint(_ context.Context, serviceID string) (string, bool, error) {
	name := map[string]string{
		"DynamoDB": "DYNAMODB", "Cognito Identity Provider": "COGNITO_IDENTITY_PROVIDER", "KMS": "KMS", "Secrets Manager": "SECRETS_MANAGER", "SESv2": "SESV2",
	}[serviceID]
	endpoint, ok := os.LookupEnv("AWS_ENDPOINT_URL_" + name)
	return endpoint, ok, nil
}

func credentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}, nil
}

func main() {
	cfg := aws.Config{Region: "eu-west-2", Credentials: aws.CredentialsProviderFunc(credentials), ConfigSources: []any{endpoints{}}}
	lambda.Start(handler{
		dynamodb.NewFromConfig(cfg), cognitoidentityprovider.NewFromConfig(cfg), kms.NewFromConfig(cfg),
		secretsmanager.NewFromConfig(cfg), sesv2.NewFromConfig(cfg),
	}.handle)
}
