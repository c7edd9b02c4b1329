// Command bootstrap is the binary of the subscription domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/subscription"
)

func main() { lambdaruntime.Start(subscription.Domain) }
