// Command empty is a minimal Lambda function in Go: aws-lambda-go and a handler that
// does nothing. A domain's binary needs more only for our code and libraries.
package main

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(context.Context, json.RawMessage) (struct{}, error) { return struct{}{}, nil })
}
