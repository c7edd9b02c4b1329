// Command bootstrap is the binary of the security domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/applock"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(applock.Domain) }
