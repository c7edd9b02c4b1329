// Command function implements PUT /loans/{book}, which lends a book to a reader's
// number, and GET /loans/{book}.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/constructs/origincheck"
)

type desk struct {
	db     *dynamodb.Client
	table  string
	origin *origincheck.Checker
}

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	secret := origincheck.FromSecretsManager(secretsmanager.NewFromConfig(cfg), os.Getenv("ORIGIN_SECRET_ARN"))
	d := &desk{db: dynamodb.NewFromConfig(cfg), table: os.Getenv("TABLE_LOANS"), origin: origincheck.New(secret)}
	lambda.Start(d.handle)
}

func (d *desk) handle(ctx context.Context, request events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	if err := d.origin.Check(ctx, request.Headers[origincheck.Header]); err != nil {
		log.Print(err)
		return answer(http.StatusNotFound, "there is nothing here")
	}
	book := &types.AttributeValueMemberS{Value: request.PathParameters["book"]}
	if request.RequestContext.HTTP.Method == http.MethodPut {
		return d.lend(ctx, book, request.Body)
	}
	out, err := d.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(d.table), Key: map[string]types.AttributeValue{"book": book}})
	if err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	reader, lent := out.Item["reader"].(*types.AttributeValueMemberS)
	if !lent {
		return answer(http.StatusNotFound, "the book is in")
	}
	return answer(http.StatusOK, "lent to "+reader.Value)
}

func (d *desk) lend(ctx context.Context, book types.AttributeValue, body string) (events.APIGatewayV2HTTPResponse, error) {
	var loan struct{ Reader string }
	if err := json.Unmarshal([]byte(body), &loan); err != nil || loan.Reader == "" {
		return answer(http.StatusBadRequest, "say who borrows it: {\"reader\": \"…\"}")
	}
	_, err := d.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(d.table),
		Item:      map[string]types.AttributeValue{"book": book, "reader": &types.AttributeValueMemberS{Value: loan.Reader}},
	})
	if err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	return answer(http.StatusOK, "lent to "+loan.Reader)
}

func answer(status int, message string) (events.APIGatewayV2HTTPResponse, error) {
	body, err := json.Marshal(map[string]string{"message": message})
	return events.APIGatewayV2HTTPResponse{StatusCode: status, Body: string(body), Headers: map[string]string{"Content-Type": "application/json"}}, err
}
