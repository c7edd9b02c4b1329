// Command bootstrap is the binary of the auth domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/auth"
	"github.com/expenzez/infrastructure/lambdas/internal/runtime"
)

func main() { runtime.Start(auth.Domain) }
