// Command bootstrap is the binary of the notifications domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/notifications"
)

func main() { lambdaruntime.Start(notifications.Domain) }
