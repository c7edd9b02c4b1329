// Command clients is a handler that does nothing but to call AWS when it is told
// to, with each client of the SDK that the auth domain's binary has. What a
// domain's binary needs beyond it is what our code costs.
package main

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
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
	_, put := h.tables.PutItem(ctx, &dynamodb.PutItemInput{Item: item})
	_, signIn := h.users.AdminInitiateAuth(ctx, &cognitoidentityprovider.AdminInitiateAuthInput{})
	_, decrypt := h.keys.Decrypt(ctx, &kms.DecryptInput{})
	_, read := h.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{})
	_, send := h.mail.SendEmail(ctx, &sesv2.SendEmailInput{})
	return struct{}{}, errors.Join(err, put, signIn, decrypt, read, send)
}

func main() {
	cfg := aws.Config{Region: "eu-west-2"}
	lambda.Start(handler{
		dynamodb.NewFromConfig(cfg), cognitoidentityprovider.NewFromConfig(cfg), kms.NewFromConfig(cfg),
		secretsmanager.NewFromConfig(cfg), sesv2.NewFromConfig(cfg),
	}.handle)
}
