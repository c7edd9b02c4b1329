// Command bootstrap is the binary of the budgets domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/budgets"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(budgets.Domain) }
