// Command bootstrap is the binary of the tokens domain's function.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/internal/runtime"
	"github.com/expenzez/infrastructure/lambdas/tokens"
)

func main() { runtime.Start(tokens.Domain) }
