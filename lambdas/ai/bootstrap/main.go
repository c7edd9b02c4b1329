// Command bootstrap is the binary of the ai domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/ai"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(ai.Domain) }
