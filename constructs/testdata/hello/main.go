// Command hello answers every invocation with the name of the function it
// serves, which Lambda hands over as _HANDLER.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(context.Context) (string, error) {
		return os.Getenv("_HANDLER"), nil
	})
}
