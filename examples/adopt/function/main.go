// Command function returns a greeting. It replaces a function that another tool
// deployed.
package main

import "github.com/aws/aws-lambda-go/lambda"

func main() { lambda.Start(func() (string, error) { return "hello from the construct", nil }) }
