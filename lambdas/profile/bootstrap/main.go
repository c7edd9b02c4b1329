// Command bootstrap is the binary of the profile domain's functions.
package main

import (
	"github.com/expenzez/infrastructure/lambdas/internal/runtime"
	"github.com/expenzez/infrastructure/lambdas/profile"
)

func main() { runtime.Start(profile.Domain) }
