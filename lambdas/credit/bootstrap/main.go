// Command bootstrap is the binary of the credit domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/credit"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(credit.Domain) }
