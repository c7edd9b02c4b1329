// Command bootstrap is the binary of the health domain's function.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/health"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(health.Domain) }
