// Command function packs parcels. Each message is an order: {"order": "…", "grams":
// 500}.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type packer struct {
	db    *dynamodb.Client
	table string
}

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	p := &packer{db: dynamodb.NewFromConfig(cfg), table: os.Getenv("PACKED_TABLE")}
	lambda.Start(p.handle)
}

// handle packs each message of a batch and reports the failed ones, so that SQS
// redelivers only those.
func (p *packer) handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	var response events.SQSEventResponse
	for _, message := range batch.Records {
		if err := p.pack(ctx, message.Body); err != nil {
			log.Printf("message %s: %v", message.MessageId, err)
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
		}
	}
	return response, nil
}

func (p *packer) pack(ctx context.Context, body string) error {
	var order struct {
		Order string
		Grams int
	}
	if err := json.Unmarshal([]byte(body), &order); err != nil {
		return err
	}
	if order.Order == "" || order.Grams <= 0 {
		return errors.New("the order has no number or no weight")
	}
	// Writing an order twice changes nothing, because SQS may deliver a message twice.
	_, err := p.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(p.table),
		Item: map[string]types.AttributeValue{
			"order": &types.AttributeValueMemberS{Value: order.Order},
			"grams": &types.AttributeValueMemberN{Value: strconv.Itoa(order.Grams)},
		},
	})
	return err
}
