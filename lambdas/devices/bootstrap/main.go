// Command bootstrap is the binary of the devices domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/devices"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(devices.Domain) }
