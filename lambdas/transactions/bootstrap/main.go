// Command bootstrap is the binary of the transactions domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

func main() { lambdaruntime.Start(transactions.Domain) }
