// Command bootstrap is the binary of the profile domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
	"github.com/expenzez/infrastructure/lambdas/profile"
)

func main() { lambdaruntime.Start(profile.Domain) }
