// Command bootstrap is the binary of the bills domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/bills"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(bills.Domain) }
