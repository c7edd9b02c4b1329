// Command bootstrap is the binary of the devices domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/devices"
	"github.com/expenzez/infrastructure/lambdas/internal/runtime"
)

func main() { runtime.Start(devices.Domain) }
