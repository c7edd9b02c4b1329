// Command empty is the least that a Lambda function in Go can be: aws-lambda-go
// and a handler that does nothing. What a domain's binary needs beyond it is
// what our code and libraries cost.
package main

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(context.Context, json.RawMessage) (struct{}, error) { return struct{}{}, nil })
}
