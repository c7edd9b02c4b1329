// Command bootstrap is the binary of the goals domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(goals.Domain) }
