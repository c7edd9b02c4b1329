// Command bootstrap is the binary of the insights domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/insights"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(insights.Domain) }
