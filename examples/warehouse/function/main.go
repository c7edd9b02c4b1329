// Command function returns the stock of an item: the response to {"item": "lamp"} is
// {"count": 3}.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type request struct {
	Item string `json:"item"`
}

type response struct {
	Count int `json:"count"`
}

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	db, table := dynamodb.NewFromConfig(cfg), os.Getenv("STOCK_TABLE")
	lambda.Start(func(ctx context.Context, in request) (response, error) {
		out, err := db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: aws.String(table), Key: map[string]types.AttributeValue{"item": &types.AttributeValueMemberS{Value: in.Item}},
		})
		if err != nil {
			return response{}, fmt.Errorf("read the stock: %w", err)
		}
		count, ok := out.Item["count"].(*types.AttributeValueMemberN)
		if !ok {
			return response{}, nil
		}
		n, err := strconv.Atoi(count.Value)
		return response{Count: n}, err
	})
}
