// Command bootstrap is the binary of the tickets domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/customauth"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(customauth.Domain) }
