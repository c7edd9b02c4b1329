// Command bootstrap is the binary of the security domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/internal/runtime"
	"github.com/expenzez/infrastructure/lambdas/security"
)

func main() { runtime.Start(security.Domain) }
