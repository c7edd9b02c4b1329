// Command bootstrap is the binary of the auth domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/auth"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start(auth.Domain) }
