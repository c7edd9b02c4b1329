// Command function greets: it takes the place of one that another tool made.
package main

import "github.com/aws/aws-lambda-go/lambda"

func main() { lambda.Start(func() (string, error) { return "hello from the construct", nil }) }
