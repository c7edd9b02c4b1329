// Command bootstrap is the binary of the alerts domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/alerts"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(alerts.Domain) }
