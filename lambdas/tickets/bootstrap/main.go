// Command bootstrap is the binary of the tickets domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/internal/runtime"
	"github.com/expenzez/infrastructure/lambdas/tickets"
)

func main() { runtime.Start(tickets.Domain) }
